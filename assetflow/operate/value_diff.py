"""Owns what differs between two versions of what is no table: values, text, arrays, files, bytes."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from assetflow.frames.arrays import array_words, differing_elements
from assetflow.frames.content import FilesContent, FileSource, open_file
from assetflow.frames.value_trees import TreeChange, tree_changes, value_of
from assetflow.hashing.files import hash_file

if TYPE_CHECKING:
    import numpy as np

State = Literal["added", "removed", "changed"]

_MOST_TEXT = 1 << 20  # characters of both; above, lines are counted: to align them takes too long


@dataclass(frozen=True)
class ValueChange:
    """One place in a value. ``difference``: of two numbers, new minus old."""

    path: str
    state: State
    old: Any
    new: Any
    difference: Any = None


@dataclass(frozen=True)
class ValueDiff:
    """The places in which two JSON-like values differ."""

    values: tuple[ValueChange, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {"values": [{name: getattr(change, name) for name in _FIELDS} for change in self.values]}


@dataclass(frozen=True)
class TextDiff:
    """How two texts differ. ``diff``: unified; None where they are too long for that."""

    added: int
    removed: int
    diff: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {"lines": {"added": self.added, "removed": self.removed}, "diff": self.diff}


@dataclass(frozen=True)
class ArrayDiff:
    """How two arrays differ. ``changed``: elements, where type and shape are the same; ``of``: how many there are."""

    old: str
    new: str
    changed: int | None
    of: int

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


@dataclass(frozen=True)
class FileChange:
    """A file that is not the same in both. Sizes in bytes; None where there is no such file."""

    path: str
    state: State
    old_bytes: int | None
    new_bytes: int | None


@dataclass(frozen=True)
class FilesDiff:
    """The files that differ, and how many do not."""

    files: tuple[FileChange, ...]
    same: int

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


@dataclass(frozen=True)
class BytesDiff:
    """Two blobs that differ: bytes, figures, pickles."""

    old_bytes: int
    new_bytes: int

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


_FIELDS = ("path", "state", "old", "new", "difference")


def diff_values(old: str, new: str) -> ValueDiff:
    """Compare two values, given as their type-tagged JSON: no class of the user's is needed."""
    return ValueDiff(tuple(map(_change, tree_changes(json.loads(old), json.loads(new)))))


def diff_texts(old: str, new: str, names: tuple[str, str]) -> TextDiff:
    """Compare two texts line by line."""
    olds, news = old.splitlines(keepends=True), new.splitlines(keepends=True)
    if len(old) + len(new) > _MOST_TEXT:
        more, less = Counter(news), Counter(olds)
        return TextDiff((more - less).total(), (less - more).total(), None)
    lines = list(difflib.unified_diff(olds, news, *names))
    text = "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    body = lines[2:]
    return TextDiff(_begin_with("+", body), _begin_with("-", body), text)


def diff_arrays(old: np.ndarray[Any, Any], new: np.ndarray[Any, Any]) -> ArrayDiff:
    """Compare two arrays element by element, by their bits; NaN is NaN."""
    differ = differing_elements(old, new)
    changed = None if differ is None else int(differ.sum())
    return ArrayDiff(array_words(old), array_words(new), changed, of=new.size)


def diff_files(old: FilesContent, new: FilesContent) -> FilesDiff:
    """Compare two files or folders, file by file; each is read once, in bounded memory."""
    olds, news = dict(old.paths), dict(new.paths)
    changes = []
    for path in sorted({*olds, *news}):
        before, after = _hashed(olds.get(path)), _hashed(news.get(path))
        if before != after:
            state: State = "added" if before is None else "removed" if after is None else "changed"
            changes.append(FileChange(path, state, before and before[1], after and after[1]))
    return FilesDiff(tuple(changes), len({*olds, *news}) - len(changes))


def _hashed(source: FileSource | None) -> tuple[str, int] | None:
    if source is None:
        return None
    with open_file(source) as stream:
        return hash_file(stream)


def _begin_with(sign: str, lines: list[str]) -> int:
    return sum(line.startswith(sign) for line in lines)


def _change(found: TreeChange) -> ValueChange:
    old, new = (None if tree is None else value_of(tree) for tree in (found.old, found.new))
    difference = _difference(old, new) if found.state == "changed" else None
    return ValueChange(found.path or "(all of it)", found.state, old, new, difference)


def _difference(old: Any, new: Any) -> Any:
    """Return new minus old where both are numbers that can be subtracted."""
    for kinds in ((int, float), (int, Decimal)):
        if all(isinstance(value, kinds) and not isinstance(value, bool) for value in (old, new)):
            return new - old
    return None
