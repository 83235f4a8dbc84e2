"""Owns the words that completion offers of a project: its keys, tags, groups, owners and environments.

Written by every command that has loaded the declarations; read without importing anything of the project's.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assetflow.project import Project

CACHE = Path(".assetflow", "completion.json")
Words = dict[str, list[str]]


def remember(project: Project) -> None:
    """Write the project's words where completion finds them; where that cannot be, completion does without."""
    if project.root is None:
        return
    text = json.dumps(words_of(project), separators=(",", ":"))
    path = project.root / CACHE
    with contextlib.suppress(OSError):
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)


def words_of(project: Project) -> Words:
    """Return the words of the project's declarations, each list in order."""
    entries = project.list()
    return {
        "keys": [entry.key for entry in entries],
        "tags": sorted({tag for entry in entries for tag in entry.tags}),
        "groups": sorted({entry.group for entry in entries if entry.group}),
        "owners": sorted({entry.owner for entry in entries if entry.owner}),
        "checks": sorted({check for entry in entries for check in entry.checks}),
        "environments": sorted(project.environments),
    }


def recall(folder: Path) -> Words:
    """Return the words of the project that ``folder`` lies in; nothing where none are remembered."""
    for above in (folder, *folder.parents):
        with contextlib.suppress(OSError, ValueError):
            words: Words = json.loads((above / CACHE).read_text(encoding="utf-8"))
            return words
    return {}
