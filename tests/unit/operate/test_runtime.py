from __future__ import annotations

import platform
import sys
from importlib import metadata
from pathlib import Path

from assetflow.model.runs import RunStarted
from assetflow.operate.runtime import Runtime, RuntimeChange, changes_since, installed_packages, runtime_now
from assetflow.release import RELEASE


def test_packages_are_known_by_the_folders_of_their_installation(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (
        first / "Typing_Extensions-4.12.2.dist-info",
        first / "old-1.0-py3.11.egg-info",
        first / "being_developed.egg-info",
        first / "not_a_distribution",
        second / "typing_extensions-3.0.dist-info",
        second / "other-2.0rc1.dist-info",
    ):
        folder.mkdir(parents=True)
    found = installed_packages([str(first), str(second), str(tmp_path / "nowhere"), str(first)])
    assert found == {"typing-extensions": "4.12.2", "old": "1.0", "other": "2.0rc1"}


def test_the_runtime_is_that_of_this_process() -> None:
    now = runtime_now()
    assert now.python == platform.python_version()
    assert now.packages["pyarrow"] == metadata.version("pyarrow")
    assert now.packages["assetflow"] == RELEASE
    assert {name for path in sys.path for name in installed_packages([path])} <= now.packages.keys()


def test_what_changed_is_named_and_what_was_added_is_not() -> None:
    start = _started(python="3.11.1", platform="Linux", packages={"a": "1", "b": "1", "c": "1"})
    now = Runtime("3.12.0", "Linux", {"a": "1", "b": "2", "new": "1"})
    assert changes_since(start, now) == (
        RuntimeChange("python", "3.11.1", "3.12.0"),
        RuntimeChange("b", "1", "2"),
        RuntimeChange("c", "1", None),
    )


def test_what_an_older_release_did_not_record_is_no_change() -> None:
    now = Runtime("3.12.0", "Linux", {"a": "1"})
    assert changes_since(_started(python="", platform="", packages={}), now) == ()


def _started(**said: object) -> RunStarted:
    return RunStarted.model_validate(
        {
            "run": "r",
            "env": "dev",
            "selection": "",
            "started_at": "2026-01-01T00:00:00Z",
            "snapshot": 0,
            **said,
        }
    )
