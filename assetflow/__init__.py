"""assetflow: declare data assets as functions; nothing unchanged runs again, and bad data is never published.

This module is the public list. Each name is imported when it is first used, so that importing assetflow costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from assetflow.release import RELEASE

if TYPE_CHECKING:
    from assetflow.checks.builtin import (
        accepted_values,
        not_null,
        range,  # noqa: A004 - the name that users know from dbt
        regex,
        relationships,
        row_count,
        schema,
        unique,
    )
    from assetflow.checks.result import CheckResult
    from assetflow.declare.asset import asset
    from assetflow.declare.assets import assets
    from assetflow.declare.check import check
    from assetflow.declare.command import command
    from assetflow.declare.context import Context
    from assetflow.declare.exposure import exposure
    from assetflow.declare.external import external
    from assetflow.declare.inputs import Input
    from assetflow.declare.made import Out
    from assetflow.declare.refresh import always, arrived, cron, every, probe
    from assetflow.declare.resource import Resource
    from assetflow.declare.retry import Retry
    from assetflow.declare.source import source
    from assetflow.declare.sql import sql
    from assetflow.errors import (
        AssetflowError,
        CheckRaisedError,
        ClockError,
        CommandError,
        CrontabError,
        DamagedError,
        DataError,
        DeclarationError,
        ProbeError,
        QueryError,
        RunFailedError,
        SelectionError,
        SettingsError,
        SourceError,
        StoreError,
        StoreFormatError,
        UnknownNameError,
        UnsupportedTypeError,
        UsageError,
    )
    from assetflow.execution.run import Run
    from assetflow.frames.going_on import append, upsert
    from assetflow.operate.materialization import Materialization
    from assetflow.partitions.grid import grid
    from assetflow.partitions.mappings import all_partitions, covering, dimension, last, same, window
    from assetflow.partitions.named import dynamic, static
    from assetflow.partitions.timed import cron_partitions, daily, hourly, monthly, weekly
    from assetflow.planning.plan import Plan
    from assetflow.project import Project
    from assetflow.project import open_project as open  # noqa: A004 - `af.open(".")`

__version__ = RELEASE

_HOMES = {
    "AssetflowError": "errors",
    "CheckRaisedError": "errors",
    "CheckResult": "checks.result",
    "ClockError": "errors",
    "CommandError": "errors",
    "Context": "declare.context",
    "CrontabError": "errors",
    "DamagedError": "errors",
    "DataError": "errors",
    "DeclarationError": "errors",
    "Input": "declare.inputs",
    "Materialization": "operate.materialization",
    "Out": "declare.made",
    "Plan": "planning.plan",
    "ProbeError": "errors",
    "Project": "project",
    "QueryError": "errors",
    "Resource": "declare.resource",
    "Retry": "declare.retry",
    "Run": "execution.run",
    "RunFailedError": "errors",
    "SelectionError": "errors",
    "SettingsError": "errors",
    "SourceError": "errors",
    "StoreError": "errors",
    "StoreFormatError": "errors",
    "UnknownNameError": "errors",
    "UnsupportedTypeError": "errors",
    "UsageError": "errors",
    "accepted_values": "checks.builtin",
    "all_partitions": "partitions.mappings",
    "always": "declare.refresh",
    "append": "frames.going_on",
    "arrived": "declare.refresh",
    "asset": "declare.asset",
    "assets": "declare.assets",
    "check": "declare.check",
    "command": "declare.command",
    "covering": "partitions.mappings",
    "cron": "declare.refresh",
    "cron_partitions": "partitions.timed",
    "daily": "partitions.timed",
    "dimension": "partitions.mappings",
    "dynamic": "partitions.named",
    "every": "declare.refresh",
    "exposure": "declare.exposure",
    "external": "declare.external",
    "grid": "partitions.grid",
    "hourly": "partitions.timed",
    "last": "partitions.mappings",
    "monthly": "partitions.timed",
    "not_null": "checks.builtin",
    "open": "project:open_project",
    "probe": "declare.refresh",
    "range": "checks.builtin",
    "regex": "checks.builtin",
    "relationships": "checks.builtin",
    "row_count": "checks.builtin",
    "same": "partitions.mappings",
    "schema": "checks.builtin",
    "source": "declare.source",
    "sql": "declare.sql",
    "static": "partitions.named",
    "unique": "checks.builtin",
    "upsert": "frames.going_on",
    "weekly": "partitions.timed",
    "window": "partitions.mappings",
}

__all__ = [
    "AssetflowError",
    "CheckRaisedError",
    "CheckResult",
    "ClockError",
    "CommandError",
    "Context",
    "CrontabError",
    "DamagedError",
    "DataError",
    "DeclarationError",
    "Input",
    "Materialization",
    "Out",
    "Plan",
    "ProbeError",
    "Project",
    "QueryError",
    "Resource",
    "Retry",
    "Run",
    "RunFailedError",
    "SelectionError",
    "SettingsError",
    "SourceError",
    "StoreError",
    "StoreFormatError",
    "UnknownNameError",
    "UnsupportedTypeError",
    "UsageError",
    "__version__",
    "accepted_values",
    "all_partitions",
    "always",
    "append",
    "arrived",
    "asset",
    "assets",
    "check",
    "command",
    "covering",
    "cron",
    "cron_partitions",
    "daily",
    "dimension",
    "dynamic",
    "every",
    "exposure",
    "external",
    "grid",
    "hourly",
    "last",
    "monthly",
    "not_null",
    "open",
    "probe",
    "range",
    "regex",
    "relationships",
    "row_count",
    "same",
    "schema",
    "source",
    "sql",
    "static",
    "unique",
    "upsert",
    "weekly",
    "window",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        message = f"module 'assetflow' has no attribute {name!r}"
        raise AttributeError(message)
    module, _, attribute = home.partition(":")
    value = getattr(importlib.import_module(f"assetflow.{module}"), attribute or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
