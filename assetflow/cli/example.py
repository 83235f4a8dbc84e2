"""Owns the examples: which there are, and copying one into a folder without overwriting anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from assetflow.errors import UsageError

_SUFFIX = ".txt"
_IGNORED = ".assetflow/\n__pycache__/\n.env\n"


class Example(StrEnum):
    """The examples that there are."""

    STARTER = "starter"
    SALES = "sales"


def write_example(example: Example, folder: Path) -> list[Path]:
    """Write the files of ``example`` into ``folder`` and return their paths.

    Raises:
        UsageError: a file of that name is there already; then nothing is written.
    """
    files = dict(files_of(example, _project_name(folder)))
    there = [path for path in [*files, "pyproject.toml"] if _is_in_the_way(folder / path)]
    if there:
        raise UsageError(
            f"{folder / there[0]} exists; nothing was written",
            hint="choose another folder: `assetflow init DIR`",
        )
    if not (folder / ".gitignore").exists():
        files[".gitignore"] = _IGNORED
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return [folder / path for path in files]


def files_of(example: Example, name: str) -> Iterator[tuple[str, str]]:
    """Yield the relative paths and texts of an example's files, for a project called ``name``."""
    root = resources.files("assetflow.cli.examples") / example.value
    for path, file in _walk(root, PurePosixPath()):
        yield str(path).removesuffix(_SUFFIX), file.read_text(encoding="utf-8").replace("{name}", name)


def _walk(folder: Traversable, at: PurePosixPath) -> Iterator[tuple[PurePosixPath, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _walk(entry, at / entry.name)
        elif entry.name.endswith(_SUFFIX):
            yield at / entry.name, entry


def _is_in_the_way(path: Path) -> bool:
    """Say whether ``path`` keeps an example from being written: it exists, and is not a pyproject.toml of others."""
    if path.name == "pyproject.toml":
        return path.is_file() and "[tool.assetflow" in path.read_text(encoding="utf-8", errors="replace")
    return path.exists()


def _project_name(folder: Path) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", folder.resolve().name).strip("-") or "project"
