"""What belongs to a store is shared by all who open it, in this process and in others."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

import assetflow as af
from assetflow.errors import DamagedError


@af.asset
def numbers() -> pa.Table:
    return pa.table({"n": list(range(5000))})


def project(root: Path) -> af.Project:
    return af.Project([numbers], root=root, store="store")


def test_damage_found_in_the_process_of_the_first_commit_is_known_to_the_next(tmp_path: Path) -> None:
    first = project(tmp_path)
    assert first._workspace.damage.known() == frozenset()
    first.materialize().raise_for_failure()
    (stored,) = (tmp_path / "store/objects").rglob("*.parquet")
    stored.unlink()
    first._workspace.shelf._held.clear()
    with pytest.raises(DamagedError):
        first.load("numbers")
    assert project(tmp_path)._workspace.damage.known() == {stored.name}
    assert project(tmp_path).materialize().counts == {"built": 1}


def test_another_environment_of_the_same_store_shares_what_belongs_to_the_store() -> None:
    workspace = af.Project([numbers], store="memory://")._workspace
    other = workspace.in_env(workspace.settings.model_copy(update={"env": "prod"}))
    assert other.env == "prod"
    assert other.ledger is workspace.ledger
    assert other.shelf is workspace.shelf
    other.damage.note(["a.bin"])
    assert workspace.damage.known() == {"a.bin"}


def test_a_version_is_loaded_by_the_name_of_the_environment_that_publishes_it() -> None:
    made = af.Project([numbers], store="memory://", env="prod")
    made.materialize().raise_for_failure()
    assert made.load("numbers", env="prod").num_rows == 5000
    with pytest.raises(af.errors.UnknownNameError):
        made.load("numbers", env="dev")
