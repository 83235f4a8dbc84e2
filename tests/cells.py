"""Assets from text, as a notebook's cells make them: each call runs a cell of its own."""

from __future__ import annotations

import itertools
import linecache
from typing import Any

_numbers = itertools.count()


def run_cell(text: str, **given: Any) -> dict[str, Any]:
    """Run ``text`` as a cell and return its namespace."""
    name = f"<cell {next(_numbers)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    namespace: dict[str, Any] = {"__name__": "cells", **given}
    exec(compile(text, name, "exec"), namespace)
    return namespace


def declared_in(text: str, **given: Any) -> list[Any]:
    """Run ``text`` and return what it declares, in order."""
    from assetflow.declare.asset import Asset
    from assetflow.declare.assets import Assets
    from assetflow.declare.check import Check
    from assetflow.declare.command import Command
    from assetflow.declare.exposure import Exposure
    from assetflow.declare.external import External
    from assetflow.declare.resource import Resource
    from assetflow.declare.source import Source
    from assetflow.declare.sql import SqlAsset

    values = run_cell(text, **given).values()
    return [
        value
        for value in values
        if isinstance(
            value, Asset | Assets | Check | Command | Exposure | External | Resource | Source | SqlAsset
        )
    ]
