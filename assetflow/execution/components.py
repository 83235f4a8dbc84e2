"""Owns which assets of a run hang together, and so are seen by readers together or not at all: a pure decision.

Knows nothing of what became of an asset but whether it keeps the others back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Component:
    """Assets that hang together, parents first; ``bad``: those among them that keep all of them back."""

    keys: tuple[str, ...]
    bad: tuple[str, ...]


def components(
    upstream: Mapping[str, Sequence[str]], among: Collection[str], bad: Collection[str]
) -> list[Component]:
    """Return the connected components of a graph restricted to ``among``, in order of their first assets.

    Args:
        upstream: what each asset waits for; keys in an order with parents first.
        among: what a run changed, and what it could not finish.
        bad: those of ``among`` that it could not finish.
    """
    leader = {key: key for key in upstream if key in among}
    for key in leader:
        for parent in upstream[key]:
            if parent in leader:
                leader[_leader_of(parent, leader)] = _leader_of(key, leader)
    grouped: defaultdict[str, list[str]] = defaultdict(list)
    for key in leader:
        grouped[_leader_of(key, leader)].append(key)
    return [Component(tuple(keys), tuple(key for key in keys if key in bad)) for keys in grouped.values()]


def _leader_of(key: str, leader: dict[str, str]) -> str:
    """Return the asset that stands for the component of ``key``; the way to it is made shorter each time."""
    while leader[key] != key:
        leader[key] = leader[leader[key]]
        key = leader[key]
    return key
