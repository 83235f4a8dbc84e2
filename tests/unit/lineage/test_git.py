from __future__ import annotations

import subprocess

import pytest

from assetflow.errors import SelectionError
from assetflow.lineage.git import Revision, changed_files, revision_of


def git(folder, *arguments):
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@acme.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "project").mkdir()
    for name in ("project/a.py", "project/b.py", "project/gone.py", "outside.py"):
        (tmp_path / name).write_text("1")
    (tmp_path / ".gitignore").write_text("*.tmp")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def test_a_clean_tree_has_no_changed_files(repository):
    assert changed_files(repository / "project") == frozenset()


def test_edited_deleted_staged_and_untracked_files_below_the_root_count(repository):
    project = repository / "project"
    (project / "a.py").write_text("2")
    (project / "gone.py").unlink()
    (project / "new file é.py").write_text("1")
    (project / "staged.py").write_text("1")
    git(repository, "add", "project/staged.py")
    (project / "x.tmp").write_text("1")
    (repository / "outside.py").write_text("2")

    assert changed_files(project) == {"a.py", "gone.py", "new file é.py", "staged.py"}


def test_a_revision_is_compared_with_the_working_tree(repository):
    project = repository / "project"
    (project / "a.py").write_text("2")
    git(repository, "commit", "-q", "-am", "second")
    (project / "b.py").write_text("2")

    assert changed_files(project) == {"b.py"}
    assert changed_files(project, "HEAD~1") == {"a.py", "b.py"}
    assert changed_files(project, "main") == {"b.py"}


@pytest.mark.parametrize("ref", ["nowhere", "--output=x", "HEAD~9"])
def test_an_unknown_revision_is_an_error(repository, ref):
    with pytest.raises(SelectionError, match="git knows no revision"):
        changed_files(repository, ref)

    assert not (repository / "x").exists()


def test_a_folder_outside_of_any_repository_is_an_error(tmp_path):
    with pytest.raises(SelectionError, match="is not in a git repository"):
        changed_files(tmp_path)


def test_missing_git_is_an_error(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")

    with pytest.raises(SelectionError, match="not installed"):
        changed_files(repository)


def test_a_folder_is_at_a_commit_and_clean_or_not(repository):
    project = repository / "project"
    head = subprocess.run(
        ["git", "-C", str(repository), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()

    (repository / "outside.py").write_text("2")
    (project / "x.tmp").write_text("1")
    (project / ".assetflow").mkdir()
    (project / ".assetflow/ledger").write_text("1")
    assert revision_of(project, ".assetflow") == Revision(head, dirty=False)

    (project / "new.py").write_text("1")
    assert revision_of(project, ".assetflow") == Revision(head, dirty=True)


def test_before_the_first_commit_there_is_none(tmp_path):
    git(tmp_path, "init", "-q")
    assert revision_of(tmp_path, ".assetflow") == Revision(None, dirty=False)


def test_outside_of_a_repository_and_without_git_nothing_is_known(tmp_path, monkeypatch):
    assert revision_of(tmp_path, ".assetflow") is None
    monkeypatch.setenv("PATH", "")
    assert revision_of(tmp_path, ".assetflow") is None


def test_the_repository_of_a_hook_is_not_taken_for_the_folders_own(repository, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert revision_of(repository, ".assetflow") is not None
