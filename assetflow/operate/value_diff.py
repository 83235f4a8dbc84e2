"""Owns what differs between two versions of what is no table: values, text, arrays, files, bytes."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from assetflow.frames.content import FilesContent, FileSource, open_file
from assetflow.hashing.files import hash_file
from assetflow.hashing.value_reading import decode_value

if TYPE_CHECKING:
    import numpy as np

State = Literal["added", "removed", "changed"]
Tree = Any

_MOST_TEXT = 1 << 20  # characters of both; above, lines are counted: to align them takes too long
_SEQUENCES = frozenset({"$tuple", "$set", "$frozenset"})
_RECORDS = frozenset({"$namedtuple", "$dataclass", "$model"})


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
    return ValueDiff(tuple(_walk(json.loads(old), json.loads(new), "")))


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
    import numpy as np

    before, after = (f"{array.dtype} {'x'.join(map(str, array.shape)) or 'scalar'}" for array in (old, new))
    if before != after:
        return ArrayDiff(before, after, changed=None, of=new.size)
    width = max(old.dtype.itemsize, 1)
    bits = (np.frombuffer(array.tobytes(), np.uint8).reshape(-1, width) for array in (old, new))
    differ = np.not_equal(*bits).any(axis=1)
    if old.dtype.kind in "fc":
        differ &= ~(np.isnan(old) & np.isnan(new)).ravel()
    return ArrayDiff(before, after, changed=int(differ.sum()), of=new.size)


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


def _walk(old: Tree, new: Tree, path: str) -> Iterator[ValueChange]:
    """Yield the places below ``path`` in which two trees differ, as far down as both have the same form."""
    if _text(old) == _text(new):
        return
    step, olds, news = _members(old, new)
    if step is None:
        before, after = _value(old), _value(new)
        yield ValueChange(path or "(all of it)", "changed", before, after, _difference(before, after))
        return
    for name in dict.fromkeys([*olds, *news]):
        place = step(path, name)
        if name not in news:
            yield ValueChange(place, "removed", _value(olds[name]), None)
        elif name not in olds:
            yield ValueChange(place, "added", None, _value(news[name]))
        else:
            yield from _walk(olds[name], news[name], place)


def _members(
    old: Tree, new: Tree
) -> tuple[Callable[[str, Any], str] | None, dict[Any, Tree], dict[Any, Tree]]:
    """Return how members of both are named, and the members; None where the two have none, or other forms."""
    if isinstance(old, list) and isinstance(new, list):
        return _indexed, dict(enumerate(old)), dict(enumerate(new))
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return None, {}, {}
    tag, other = _tag(old), _tag(new)
    if tag != other:
        return None, {}, {}
    if tag is None:
        return _named, old, new
    if tag in _SEQUENCES:
        return _members(old[tag], new[tag])
    if tag in _RECORDS and old[tag][0] == new[tag][0]:
        return _members(old[tag][1], new[tag][1])
    if tag == "$dict":
        olds, news = ({_text(key): item for key, item in tree[tag]} for tree in (old, new))
        return _keyed, olds, news
    return None, {}, {}


def _tag(tree: dict[str, Tree]) -> str | None:
    first = next(iter(tree), "")
    return first if first.startswith("$") else None


def _named(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _indexed(path: str, number: int) -> str:
    return f"{path}[{number}]"


def _keyed(path: str, key: str) -> str:
    return f"{path}[{_value(json.loads(key))!r}]"


def _text(tree: Tree) -> str:
    return json.dumps(tree, sort_keys=True)


def _value(tree: Tree) -> Any:
    return decode_value(json.dumps(tree))


def _difference(old: Any, new: Any) -> Any:
    """Return new minus old where both are numbers that can be subtracted."""
    for kinds in ((int, float), (int, Decimal)):
        if all(isinstance(value, kinds) and not isinstance(value, bool) for value in (old, new)):
            return new - old
    return None
