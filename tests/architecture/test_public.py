"""The public list: what ``import assetflow`` offers is pinned here, name by name."""

from __future__ import annotations

import tomllib
from pathlib import Path

import assetflow

ROOT = Path(__file__).resolve().parents[2]

PUBLIC = [
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


def test_the_public_list_is_pinned():
    assert sorted(assetflow.__all__) == sorted([*PUBLIC, "__version__"])


def test_every_public_name_can_be_had_and_documents_itself():
    for name in PUBLIC:
        assert getattr(assetflow, name).__doc__, name


def test_the_visible_names_are_the_public_list():
    assert {name for name in dir(assetflow) if not name.startswith("_")} == set(PUBLIC)


def test_a_name_that_does_not_exist_is_an_attribute_error():
    assert not hasattr(assetflow, "assets_of_another_release")


def test_the_release_is_the_one_that_is_packaged():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert settings["project"]["version"] == assetflow.__version__
