"""Owns which files of the project decide what a command makes: those that it includes, and those its arguments name.

Knows nothing of what is in them.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from assetflow.declare import options as read
from assetflow.declare.command import Command
from assetflow.declare.problems import Problems


def read_includes(command: Command, root: Path | None, problems: Problems) -> tuple[str, ...]:
    """Return the paths of the files that ``includes=`` names: relative to the module, else to ``root``."""
    found: list[Path] = []
    for item in read.read_texts("includes", command.options.includes, problems):
        places = [place for place in (Path(command.place.file).parent, root) if place is not None]
        files = next(filter(None, (_files_at(place, item) for place in places)), None)
        if files is None:
            looked = " or ".join(str(place / item) for place in places)
            hint = "write the path of a file from there, or a pattern: 'models/**/*.sql'"
            problems.add(f"includes= names {item!r}, and there is no such file at {looked}", hint)
        found += files or []
    return tuple(map(str, dict.fromkeys(found)))


def named_by(arguments: Collection[str], cwd: Path, root: Path | None) -> tuple[Path, ...]:
    """Return the files of the project that arguments of a command, run in ``cwd``, are the paths of."""
    within = root or cwd
    files = (
        path for path in (cwd / text for text in arguments if text and "\n" not in text) if _is_file(path)
    )
    return tuple(dict.fromkeys(path for path in files if path.absolute().is_relative_to(within)))


def names_included(commands: Collection[Command]) -> Callable[[Path], bool]:
    """Return what says whether one of ``commands`` includes a file: such a query is no asset of its own."""
    patterns = [
        f"*/{item.replace('**/', '*')}"
        for command in commands
        for item in read.read_texts("includes", command.options.includes, Problems("", ""))
    ]
    return lambda file: any(fnmatch.fnmatchcase(file.as_posix(), pattern) for pattern in patterns)


def _files_at(folder: Path, item: str) -> list[Path]:
    if not any(sign in item for sign in "*?["):
        return [folder / item] if _is_file(folder / item) else []
    return sorted(_matching(folder, item))


def _matching(folder: Path, pattern: str) -> Iterator[Path]:
    if not Path(pattern).is_absolute():
        yield from (path for path in folder.glob(pattern) if path.is_file())


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # an argument that is too long for a name, or none at all
        return False
