"""Owns how settings are laid over each other: later layers win, key by key; a value remembers its layer.

Knows nothing of which layers there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Tree = dict[str, Any]  # of trees and Leaf values


@dataclass(frozen=True)
class Leaf:
    """A value, how it is shown, and the layer that it came from."""

    value: Any
    shown: Any
    origin: str


def layer(values: Mapping[str, Any], written: object, origin: str) -> Tree:
    """Return ``values`` as a tree of leaves; ``written`` is the same as it stands in the file."""
    tree: Tree = {}
    for key, value in values.items():
        shown = written.get(key) if isinstance(written, Mapping) else written
        if isinstance(value, Mapping) and value:
            tree[key] = layer(value, shown, origin)
        else:
            tree[key] = Leaf(value, shown, origin)
    return tree


def laid_over(below: Tree, above: Tree) -> Tree:
    """Return both, ``above`` winning where both have a value."""
    merged = dict(below)
    for key, node in above.items():
        under = merged.get(key)
        both = isinstance(node, dict) and isinstance(under, dict)
        merged[key] = laid_over(under, node) if both else node  # type: ignore[arg-type] # both are trees
    return merged


def values_of(tree: Tree) -> dict[str, Any]:
    """Return the values without their layers."""
    return {key: values_of(node) if isinstance(node, dict) else node.value for key, node in tree.items()}


def leaves_of(tree: Tree, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Leaf]]:
    """Yield every leaf with its place, in order of the tree."""
    for key, node in tree.items():
        if isinstance(node, dict):
            yield from leaves_of(node, (*at, key))
        else:
            yield (*at, key), node
