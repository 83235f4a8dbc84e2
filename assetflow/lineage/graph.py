"""Owns the graph: who reads whom, and every walk over it.

Knows nothing of what the assets are. Every walk is iterative and linear in nodes and edges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property


class Graph:
    """An immutable directed graph of keys, given by what each key reads.

    A key that is only read, and has no entry of its own, is a node without parents.
    """

    def __init__(self, edges: Mapping[str, Iterable[str]]) -> None:
        """Take ``edges``: key -> keys directly upstream of it."""
        parents = {key: tuple(dict.fromkeys(upstream)) for key, upstream in edges.items()}
        mentioned = {parent for upstream in parents.values() for parent in upstream}
        parents.update((key, ()) for key in mentioned - parents.keys())
        self._parents = {key: parents[key] for key in sorted(parents)}
        children: dict[str, list[str]] = {key: [] for key in self._parents}
        for key, upstream in self._parents.items():
            for parent in upstream:
                children[parent].append(key)
        self._children = {key: tuple(downstream) for key, downstream in children.items()}

    def __len__(self) -> int:
        return len(self._parents)

    def __iter__(self) -> Iterator[str]:
        return iter(self._parents)

    def __contains__(self, key: object) -> bool:
        return key in self._parents

    def parents(self, key: str) -> tuple[str, ...]:
        """Return what ``key`` reads directly, in the order given."""
        return self._parents[key]

    def children(self, key: str) -> tuple[str, ...]:
        """Return what reads ``key`` directly, sorted."""
        return self._children[key]

    def upstream(self, keys: Iterable[str], depth: int | None = None) -> frozenset[str]:
        """Return ``keys`` and their ancestors, at most ``depth`` steps away (None: all)."""
        return _reach(keys, self._parents, depth)

    def downstream(self, keys: Iterable[str], depth: int | None = None) -> frozenset[str]:
        """Return ``keys`` and their descendants, at most ``depth`` steps away (None: all)."""
        return _reach(keys, self._children, depth)

    def connected(self, keys: Iterable[str]) -> frozenset[str]:
        """Return ``keys`` and all that hangs together with them, up and down and over any corner."""
        edges = {key: (*self._parents[key], *self._children[key]) for key in self._parents}
        return _reach(keys, edges, None)

    def between(self, tops: Iterable[str], bottoms: Iterable[str]) -> frozenset[str]:
        """Return all that lies on a path from one of ``tops`` to one of ``bottoms``, ends included."""
        return self.downstream(tops) & self.upstream(bottoms)

    def roots(self, within: Iterable[str] | None = None) -> frozenset[str]:
        """Return those of ``within`` (None: of all) that have no ancestor in it."""
        return _ends(self._parents if within is None else within, self._children)

    def sinks(self, within: Iterable[str] | None = None) -> frozenset[str]:
        """Return those of ``within`` (None: of all) that have no descendant in it."""
        return _ends(self._parents if within is None else within, self._parents)

    def layers(self) -> tuple[tuple[str, ...], ...]:
        """Return the keys by depth, sorted within each: depth is the longest path from a root.

        Raises:
            ValueError: the graph has a cycle; ask ``cycle()`` first.
        """
        layers = self._layers
        if sum(map(len, layers)) < len(self):
            raise ValueError(f"a graph with a cycle has no order: {' -> '.join(self.cycle() or ())}")
        return layers

    def order(self) -> tuple[str, ...]:
        """Return all keys, each after everything that it reads: by depth, then by key.

        Raises:
            ValueError: the graph has a cycle.
        """
        return tuple(key for layer in self.layers() for key in layer)

    def cycle(self) -> list[str] | None:
        """Return one cycle in the direction that data flows, its first key repeated at the end, or None."""
        stuck = self._parents.keys() - {key for layer in self._layers for key in layer}
        if not stuck:
            return None
        # Whatever could not be ordered has a parent that could not either: walking up must come round.
        walked: dict[str, None] = {}
        key = min(stuck)
        while key not in walked:
            walked[key] = None
            key = min(parent for parent in self._parents[key] if parent in stuck)
        path = list(walked)
        ring = path[path.index(key) :][::-1]
        first = ring.index(min(ring))
        return [*ring[first:], *ring[:first], ring[first]]

    @cached_property
    def _layers(self) -> tuple[tuple[str, ...], ...]:
        """All that can be ordered; what lies on or below a cycle is missing."""
        waiting = {key: len(upstream) for key, upstream in self._parents.items()}
        layer = [key for key, count in waiting.items() if count == 0]
        layers = []
        while layer:
            layers.append(tuple(sorted(layer)))
            ready = []
            for key in layer:
                for child in self._children[key]:
                    waiting[child] -= 1
                    if waiting[child] == 0:
                        ready.append(child)
            layer = ready
        return tuple(layers)


def _reach(starts: Iterable[str], edges: Mapping[str, tuple[str, ...]], depth: int | None) -> frozenset[str]:
    seen = set(starts)
    frontier = list(seen)
    while frontier and depth != 0:
        found = []
        for key in frontier:
            for neighbour in edges[key]:
                if neighbour not in seen:
                    seen.add(neighbour)
                    found.append(neighbour)
        frontier = found
        depth = None if depth is None else depth - 1
    return frozenset(seen)


def _ends(within: Iterable[str], onward: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    members = frozenset(within)
    return members - _reach((step for key in members for step in onward[key]), onward, None)
