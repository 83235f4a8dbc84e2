"""Owns which files of the project are kept with each code state, and finding a piece of code in them again.

Knows nothing of where they are kept.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from assetflow.hashing.code_project import package_folders
from assetflow.hashing.module_syntax import ModuleSyntax

MOST_FILES = 20_000
"""A project with more is no project: the folder given as its root is probably a home folder."""
MOST_BYTES = 4 << 20
"""A larger file is data, whatever its name."""

_SUFFIXES = (".py", ".sql")
_NOT_OURS = frozenset({"__pycache__", "site-packages", "dist-packages", "node_modules"})


def project_files(root: Path, packages: frozenset[str] = frozenset()) -> list[tuple[str, bytes]]:
    """Return (path, content) of the project's own Python and SQL files, by path, in POSIX form.

    Those under ``root`` that git does not ignore, and those of ``packages`` that are installed elsewhere, by the
    package's name. Files of more than 4 MiB are left out, as is what comes behind the first 20,000.
    """
    paths = {path: root / path for path in (_in_git(root) or _walked(root)) if _is_ours(root, Path(path))}
    for package, folder in package_folders(packages):
        if not folder.is_relative_to(root.absolute()):
            paths.update({f"{package}/{path}": folder / path for path in _walked(folder)})
    found = ((path, _content(paths[path])) for path in sorted(paths)[:MOST_FILES])
    return [(path, content) for path, content in found if content is not None]


def text_in(files: Mapping[str, str], file: str, qualname: str) -> str | None:
    """Return the source of a piece of code in other texts of the project, or None where it is not in them.

    ``file``, ``qualname``: as ``Reached`` has them; a module before the qualified name is passed over.
    """
    text = files.get(file)
    if text is None or file == qualname:  # an included file is one piece
        return text
    name = qualname.rpartition(":")[2].partition("#")[0].partition("[")[0]
    try:
        syntax = ModuleSyntax(text, file)
    except (SyntaxError, ValueError, RecursionError):
        return None
    node = syntax.named(name)
    return syntax.segment(node) if node is not None else None


def _in_git(root: Path) -> list[str]:
    """List what git tracks or would track; nothing where there is no git, or it ignores the whole folder."""
    command = [
        "git",
        "ls-files",
        "-co",
        "--exclude-standard",
        "-z",
        "--",
        *(f"*{suffix}" for suffix in _SUFFIXES),
    ]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("GIT_")
    }  # of a git hook
    try:
        listed = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    return [os.fsdecode(path) for path in listed.split(b"\0") if path]


def _walked(root: Path) -> Iterator[str]:
    """Yield the paths below ``root``, in order, but for hidden folders and virtual environments."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if _is_walked(Path(folder, name)))
        inside = Path(folder).relative_to(root)
        yield from ((inside / name).as_posix() for name in sorted(names) if name.endswith(_SUFFIXES))


def _is_walked(folder: Path) -> bool:
    return (
        not folder.name.startswith(".")
        and folder.name not in _NOT_OURS
        and not (folder / "pyvenv.cfg").exists()
    )


def _is_ours(root: Path, path: Path) -> bool:
    """Say of what git lists whether its folders are the project's: a virtual environment may not be ignored."""
    return all(_is_walked(root / folder) for folder in list(path.parents)[:-1])


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
    except OSError:  # deleted and still in git's index, or not readable: then Python could not load it either
        return None
