"""Owns the rules against circles: assets made from themselves, checks that wait for what waits for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from assetflow.errors import Problem
from assetflow.model.spec import AssetSpec

Upstream = Mapping[str, Sequence[str]]


def cycle_problems(specs: Sequence[AssetSpec]) -> list[Problem]:
    """Return the cycles among assets; where there are none, the checks that read what waits for them.

    Assets that were given one key by mistake count as one that reads what any of them does.
    """
    upstream: dict[str, list[str]] = {spec.key: [] for spec in specs}
    for spec in specs:
        upstream[spec.key] += (key for key in spec.upstream if key != spec.key)
    places = {spec.key: spec.where for spec in reversed(specs)}
    cycles = [_cycle_problem(cycle, places) for cycle in _each_cycle(upstream)]
    if cycles:
        return cycles
    if not any(check.inputs for spec in specs for check in spec.checks):
        return []
    below = _Descendants(upstream)
    return [*_checks_that_read_below(specs, below), *_cycles_by_checks(specs, places, upstream, below)]


def _cycle_problem(cycle: list[str], places: Mapping[str, str]) -> Problem:
    shown = " -> ".join(cycle)
    return Problem(
        f"cycle: {shown}", places[cycle[0]], "an asset cannot be made from itself; take one input away"
    )


def _checks_that_read_below(specs: Sequence[AssetSpec], below: _Descendants) -> Iterator[Problem]:
    for spec in specs:
        for check in spec.checks:
            for key in dict.fromkeys(item.key for item in check.inputs):
                if key == spec.key:
                    message = (
                        f"check {check.name!r}: it reads {key!r}, the asset that it judges, a second time"
                    )
                    yield Problem(message, check.where, "use the judged data, which it receives already")
                elif key in below.of(spec.key):
                    message = (
                        f"check {check.name!r} of {spec.key!r} reads {key!r}, which is made from {spec.key!r}"
                    )
                    yield Problem(message, check.where, f"attach it to the descendant, {key!r}")


def _cycles_by_checks(
    specs: Sequence[AssetSpec], places: Mapping[str, str], upstream: Upstream, below: _Descendants
) -> Iterator[Problem]:
    waited = {key: list(others) for key, others in upstream.items()}
    for spec in specs:
        read = {item.key for check in spec.checks for item in check.inputs if item.key != spec.key}
        waited[spec.key] += sorted(other for other in read if other not in below.of(spec.key))
    for cycle in _each_cycle(waited):
        message = f"cycle, by what checks read: {' -> '.join(cycle)}"
        yield Problem(
            message,
            places[cycle[0]],
            "a version is published after its checks, and they wait for each other",
        )


def _each_cycle(upstream: Upstream) -> Iterator[list[str]]:
    """Yield cycles that share no asset, in the direction of the data, from the least key round to itself."""
    left = dict(upstream)
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            cycle: list[str] = error.args[1][:-1]  # its last asset is its first again
            start = cycle.index(min(cycle))
            yield [*cycle[start:], *cycle[:start], cycle[start]]
            left = {key: others for key, others in left.items() if key not in cycle}
        else:
            return


class _Descendants:
    """What is made from an asset, directly or not; found once for each asset that is asked for."""

    def __init__(self, upstream: Upstream) -> None:
        self._readers: dict[str, list[str]] = defaultdict(list)
        self._found: dict[str, frozenset[str]] = {}
        for reader, others in upstream.items():
            for other in others:
                self._readers[other].append(reader)

    def of(self, key: str) -> frozenset[str]:
        if key not in self._found:
            self._found[key] = self._walk(key)
        return self._found[key]

    def _walk(self, key: str) -> frozenset[str]:
        found: set[str] = set()
        waiting = [key]
        while waiting:
            fresh = [reader for reader in self._readers.get(waiting.pop(), ()) if reader not in found]
            found.update(fresh)
            waiting += fresh
        return frozenset(found)
