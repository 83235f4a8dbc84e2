"""Owns where two values differ, told by their type-tagged trees (``hashing.values``): no class of the user's is needed.

Knows nothing of what is said of the places.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from assetflow.hashing.value_reading import decode_value

Tree = Any

_SEQUENCES = frozenset({"$tuple", "$set", "$frozenset"})
_RECORDS = frozenset({"$namedtuple", "$dataclass", "$model"})


@dataclass(frozen=True)
class TreeChange:
    """One place in which two trees differ; ``path`` is empty for all of them. The tree is None where there is none."""

    path: str
    state: Literal["added", "removed", "changed"]
    old: Tree
    new: Tree


def tree_changes(old: Tree, new: Tree, path: str = "") -> Iterator[TreeChange]:
    """Yield the places below ``path`` in which two trees differ, as far down as both have the same form."""
    if _text(old) == _text(new):
        return
    step, olds, news = _members(old, new)
    if step is None:
        yield TreeChange(path, "changed", old, new)
        return
    for name in dict.fromkeys([*olds, *news]):
        place = step(path, name)
        if name not in news:
            yield TreeChange(place, "removed", olds[name], None)
        elif name not in olds:
            yield TreeChange(place, "added", None, news[name])
        else:
            yield from tree_changes(olds[name], news[name], place)


def value_of(tree: Tree) -> Any:
    """Return the value of a tree, in plain types where it was an instance of the user's."""
    return decode_value(json.dumps(tree))


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
    return f"{path}[{value_of(json.loads(key))!r}]"


def _text(tree: Tree) -> str:
    return json.dumps(tree, sort_keys=True)
