"""Owns keeping the project's code of each code state in the store, as a content-addressed tree, and getting it back.

A tree is an object: JSON of {"number": 1, "files": {relative path: object}}.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath

from assetflow.errors import DamagedError
from assetflow.hashing.code_tree import project_files, text_in
from assetflow.hashing.command_text import CommandText
from assetflow.hashing.sql_text import SqlText
from assetflow.operate.workspace import Workspace
from assetflow.planning.resolve import Resolved
from assetflow.storage.objects import Objects

TREE_NUMBER = 1

Texts = Callable[[str, str], str | None]
"""Returns the source of a piece of code by its file and name; None where it is not at hand."""


def keep_code(workspace: Workspace, order: Iterable[Resolved]) -> str:
    """Store the project's files (without a folder: the modules reached) and return the name of their tree.

    With the files that ``includes=`` and the arguments of commands name. A query that stands in Python, and a command,
    is kept as a file of its own, by the name that its code version has for it.
    """
    if workspace.root is not None:
        files = project_files(workspace.root, workspace.packages)
    else:
        files = workspace.code.module_files(part for asset in order for part in asset.code.parts)
    for spec in workspace.specs.values():
        if spec.made_by is not None and (spec.includes or spec.command is not None):
            files += workspace.code.included_files(spec.made_by, spec.includes)
    texts = [
        spec.made_by for spec in workspace.specs.values() if isinstance(spec.made_by, SqlText | CommandText)
    ]
    files += [(text.name, text.text.encode()) for text in texts if text.name not in dict(files)]
    stored = {path: workspace.store.objects.put(data, _suffix(path)) for path, data in files}
    body = {"number": TREE_NUMBER, "files": dict(sorted(stored.items()))}
    return workspace.store.objects.put(json.dumps(body, separators=(",", ":")).encode(), "json")


def read_tree(objects: Objects, tree: str) -> Mapping[str, str]:
    """Return the names of a tree's file objects by relative path.

    Raises:
        DamagedError: the tree is missing, or what is stored under its name is none.
    """
    try:
        body = json.loads(bytes(objects.read(tree)))
        return {str(path): str(name) for path, name in body["files"].items()}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise DamagedError(
            f"object {tree} is not a tree of code: {error}",
            objects=(tree,),
            hint="data are not touched by it; `assetflow materialize` keeps the code of later versions",
        ) from error


def unpack(objects: Objects, tree: str, folder: Path) -> None:
    """Write the files of a tree below ``folder``, but for the queries that stand in Python files anyway.

    Raises:
        DamagedError: the tree or a file of it is missing or damaged, or would lie outside of the folder.
    """
    for path, name in read_tree(objects, tree).items():
        if _IN_PYTHON in path:
            continue
        if PurePosixPath(path).is_absolute() or ".." in path.split("/"):
            raise DamagedError(
                f"object {tree} is not a tree of code: {path!r} is no path in it", objects=(tree,)
            )
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(objects.read(name))


class KeptCode:
    """Reads pieces of kept code, each tree and each file once; what is not there or damaged is not at hand."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._trees: dict[str, Mapping[str, str]] = {}
        self._files: dict[str, str | None] = {}

    def texts(self, tree: str | None) -> Texts:
        """Return what reads the pieces of code in a tree."""

        def text(file: str, name: str) -> str | None:
            kept = self._files_of(tree).get(file) if tree is not None else None
            whole = self._text_of(kept) if kept is not None else None
            return text_in({file: whole}, file, name) if whole is not None else None

        return text

    def _files_of(self, tree: str) -> Mapping[str, str]:
        if tree not in self._trees:
            try:
                self._trees[tree] = read_tree(self._objects, tree)
            except DamagedError:
                self._trees[tree] = {}  # the names of what changed are told all the same
        return self._trees[tree]

    def _text_of(self, name: str) -> str | None:
        if name not in self._files:
            try:
                self._files[name] = bytes(self._objects.read(name)).decode("utf-8", errors="replace")
            except DamagedError:
                self._files[name] = None
        return self._files[name]


_IN_PYTHON = (
    ".py:"  # in the name of a query without a file of its own (`declare.sql_spec`), and of each command
)


def _suffix(path: str) -> str:
    suffix = PurePosixPath(path).suffix.removeprefix(".").lower()
    return suffix if suffix.isascii() and suffix.isalnum() and len(suffix) <= 16 else "bin"
