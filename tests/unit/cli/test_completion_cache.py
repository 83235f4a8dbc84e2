"""The words that completion offers of a project."""

from __future__ import annotations

import os

from cells import declared_in

import assetflow as af
from assetflow.cli.completion_cache import CACHE, recall, remember
from assetflow.cli.main import run

TEXT = """
@af.asset(tags=["daily"], group="retail", owner="ann@acme.com", checks=[af.row_count(min=1)])
def sales() -> dict:
    return {}
"""


def project(root):
    return af.Project(declared_in(TEXT, af=af), store="memory://", root=root)


def test_what_is_remembered_is_recalled_from_any_folder_below(tmp_path):
    remember(project(tmp_path))
    (tmp_path / "below" / "it").mkdir(parents=True)
    words = recall(tmp_path / "below" / "it")
    assert words["keys"] == ["sales"]
    assert words["tags"] == ["daily"]
    assert words["owners"] == ["ann@acme.com"]
    assert words["environments"] == ["dev"]
    assert len(words["checks"]) == 1


def test_what_has_not_changed_is_not_written_again(tmp_path):
    remember(project(tmp_path))
    before = os.stat(tmp_path / CACHE).st_ino
    remember(project(tmp_path))
    assert os.stat(tmp_path / CACHE).st_ino == before


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / ".assetflow").write_text("a file, where the folder should be")
    remember(project(tmp_path))
    assert recall(tmp_path) == {}


def test_a_project_without_a_folder_is_not_remembered():
    remember(project(None))


def test_a_damaged_cache_is_no_cache(tmp_path):
    (tmp_path / CACHE).parent.mkdir()
    (tmp_path / CACHE).write_text("{")
    assert recall(tmp_path) == {}


def test_a_shell_is_answered_from_the_project_that_the_command_names(tmp_path, monkeypatch, capsys):
    remember(project(tmp_path))
    monkeypatch.setenv("_ASSETFLOW_COMPLETE", "complete_zsh")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", f"assetflow plan -C {tmp_path} tag:")
    assert run([]) == 0
    assert capsys.readouterr().out == "_arguments '*: :((\"tag\\\\:daily\"))'\n"


def test_version_is_said_without_anything_else(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"assetflow {af.__version__}\n"
