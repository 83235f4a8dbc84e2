"""Projects written as text: imported, edited, imported anew, and read for the versions of their functions."""

from __future__ import annotations

import importlib
import sys
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assetflow.hashing.code import CodeReader, CodeVersion


class SourceTree:
    """Modules in a folder. Importing leaves no bytecode: an edit within the same second would not be seen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, files: Mapping[str, str]) -> None:
        """Write ``files`` (path -> text, which may be indented as a whole)."""
        for path, text in files.items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(textwrap.dedent(text))

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace ``old``, which must be there."""
        text = (self.folder / path).read_text()
        assert old in text, f"{old!r} is not in {path}"
        (self.folder / path).write_text(text.replace(old, new))

    def load(self, module: str) -> Any:
        """Import ``module`` as it is written now, and all it imports from here."""
        self.forget()
        importlib.invalidate_caches()
        return importlib.import_module(module)

    def forget(self) -> None:
        """Take the modules of this folder out of the interpreter."""
        for name, module in list(sys.modules.items()):
            where = getattr(module, "__dict__", {})
            files = [where.get("__file__"), *where.get("__path__", ())]
            if any(str(file).startswith(f"{self.folder}/") for file in files):
                del sys.modules[name]

    def object(self, target: str) -> Any:
        """Return what ``module:name`` names, imported as it is written now."""
        module, _, name = target.partition(":")
        return getattr(self.load(module), name)

    def reader(self, packages: frozenset[str] = frozenset(), **options: Any) -> CodeReader:
        """Return a reader of this project."""
        return CodeReader(self.folder, packages, **options)

    def version(self, target: str, **options: Any) -> CodeVersion:
        """Return the version of ``module:name`` as it is written now."""
        return self.reader().version(self.object(target), **options)


@contextmanager
def source_tree(folder: Path, files: Mapping[str, str] | None = None) -> Iterator[SourceTree]:
    """Make ``folder`` a project that can be imported from until the end of the block."""
    tree = SourceTree(folder.resolve())
    tree.write(files or {})
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.path.insert(0, str(tree.folder))
    try:
        yield tree
    finally:
        tree.forget()
        sys.path.remove(str(tree.folder))
        sys.dont_write_bytecode = before


def names(version: CodeVersion, kind: str | None = None) -> list[str]:
    """Return the names of a version's parts, in order."""
    return [part.name for part in version.parts if kind in (None, part.kind)]


def changed(before: CodeVersion, after: CodeVersion) -> set[str]:
    """Return the names of the parts that differ, as ``explain`` tells them."""
    old = {part.name: part.digest for part in before.parts}
    new = {part.name: part.digest for part in after.parts}
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def texts(version: CodeVersion) -> dict[str, str | None]:
    """Return the source of each of a version's parts, by name."""
    return {part.name: part.text() for part in version.parts}
