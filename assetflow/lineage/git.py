"""Owns what git says of a project's files.

Knows nothing of assets.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from assetflow.errors import SelectionError


@dataclass(frozen=True)
class Revision:
    """What a folder's files are: those of ``commit`` (None before the first), or ``dirty``."""

    commit: str | None
    dirty: bool


def revision_of(root: Path, apart: str) -> Revision | None:
    """Return the revision of the folder ``root``; None where git is not installed, or it is in no repository.

    Untracked files count, ignored ones and those below the folder ``apart`` do not.
    """
    status = ["status", "--porcelain=v2", "--branch", "-z", "--", ".", f":(exclude){apart}"]
    # A hook of git has variables that name the repository of the hook, which need not be this one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        said = subprocess.run(
            ["git", "--no-optional-locks", *status],
            cwd=root,
            env=environment,
            capture_output=True,
            check=True,
            stdin=subprocess.DEVNULL,
        ).stdout.decode("utf-8", "surrogateescape")
    except (OSError, subprocess.CalledProcessError):
        return None
    lines = list(filter(None, said.split("\0")))
    told = dict(line.removeprefix("# ").partition(" ")[::2] for line in lines if line.startswith("# "))
    commit = told.get("branch.oid", "(initial)")
    return Revision(
        None if commit == "(initial)" else commit, any(not line.startswith("# ") for line in lines)
    )


def changed_files(root: Path, ref: str | None = None) -> frozenset[str]:
    """Return the files below ``root`` that differ from revision ``ref`` (None: the last commit).

    Paths are relative to ``root``, with ``/``. Committed, uncommitted, deleted and untracked files count;
    ignored ones do not.

    Raises:
        SelectionError: git is not installed, ``root`` lies in no repository, or ``ref`` is no revision of it.
    """
    revision = ref or "HEAD"
    _git(root, "rev-parse", "--is-inside-work-tree", problem=f"{root.name!r} is not in a git repository")
    commit = _git(
        root,
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        f"{revision}^{{commit}}",
        problem=f"git knows no revision {revision!r}",
    ).strip()
    changed = _git(root, "diff", "--name-only", "--no-renames", "--relative", "-z", commit, "--")
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return frozenset(filter(None, (changed + untracked).split("\0")))


def _git(root: Path, *arguments: str, problem: str | None = None) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, check=False, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError as error:
        raise SelectionError("'changed:git' needs git, which is not installed") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise SelectionError(f"'changed:git': {problem or 'git failed'}", hint=said or None)
    return done.stdout.decode("utf-8", "surrogateescape")
