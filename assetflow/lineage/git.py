"""Owns what git says of a project's files.

Knows nothing of assets.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from assetflow.errors import SelectionError


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
