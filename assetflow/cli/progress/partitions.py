"""Owns how the progress of partitions is told: not each, but an asset's when the last of them is done, and what is bad.

Knows nothing of how it is drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from assetflow.cli.views.words import counts_text, shown
from assetflow.execution.events import ItemDone
from assetflow.execution.run import BAD
from assetflow.keys import split_name
from assetflow.model.states import RunState

_TOLD = BAD - {RunState.SKIPPED}  # why one is skipped stands on the line of what it is skipped for


class Tally:
    """Counts the partitions of a run that are done, by asset."""

    def __init__(self) -> None:
        self._left: Counter[str] = Counter()
        self._states: dict[str, Counter[str]] = {}
        self._seconds: dict[str, float] = {}

    def begin(self, work: Iterable[str]) -> None:
        """Take in the names of what is to be done."""
        parts = (split_name(name) for name in work)
        self._left = Counter(asset for asset, partition in parts if partition)

    def done(self, event: ItemDone) -> list[ItemDone]:
        """Return what is to be told of something that is done."""
        asset, partition = split_name(event.key)
        if not partition:
            return [event]
        self._left[asset] -= 1
        self._states.setdefault(asset, Counter())[event.state.value] += 1
        self._seconds[asset] = self._seconds.get(asset, 0.0) + event.seconds
        told = [replace(event, key=shown(event.key))] if event.state in _TOLD else []
        if self._left[asset] == 0:
            counts = self._states.pop(asset)
            whole = replace(event, key=asset, rows=None, seconds=self._seconds.pop(asset))
            told.append(replace(whole, message=f"partitions: {counts_text(dict(counts))}"))
        return told
