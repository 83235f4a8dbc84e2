"""Owns what became of each asset of a run so far: for good, or only until what it rests on is written.

An outcome is final when its own parts and the outcomes of all above it are. Until then it may be taken back, because
parts could not be written; then whatever rested on them is judged anew. When all below it is final too, only what the
run tells of it is kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assetflow.execution.committer import Bundle
from assetflow.execution.run import RunItem
from assetflow.model.runs import Skipped
from assetflow.model.versions import Version
from assetflow.planning.views import View


@dataclass(frozen=True)
class Outcome:
    """What became of one asset.

    ``view``: what those below it see. ``version``: what they read. ``bundle``: what is committed with it. ``tainted``:
    why what is stale below it is skipped, although it stays published.
    """

    item: RunItem
    view: View
    version: Version | None = None
    bundle: Bundle | None = None
    skipped: Skipped | None = None
    tainted: str = ""


class Outcomes(Mapping[str, Outcome]):
    """The outcomes of a run's assets, final or not. ``upstream``: what each waits for, among the assets themselves."""

    def __init__(self, upstream: Mapping[str, Sequence[str]]) -> None:
        self._upstream = upstream
        self._below: dict[str, list[str]] = {key: [] for key in upstream}
        for key, parents in upstream.items():
            for parent in parents:
                self._below[parent].append(key)
        self._so_far: dict[str, Outcome] = {}
        self._final: set[str] = set()
        self._being_written: set[str] = set()

    def __getitem__(self, key: str) -> Outcome:
        return self._so_far[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._so_far)

    def __len__(self) -> int:
        return len(self._so_far)

    @property
    def final(self) -> Mapping[str, Outcome]:
        """Those that stay."""
        return {key: self._so_far[key] for key in self._upstream if key in self._final}

    def note(self, key: str, outcome: Outcome, *, being_written: bool = False) -> list[Outcome]:
        """Note what became of an asset; return what is final now and was not before, parents first."""
        self._so_far[key] = outcome
        if being_written:
            self._being_written.add(key)
            return []
        self._being_written.discard(key)
        made_final: list[Outcome] = []
        waiting = deque([key])
        while waiting:
            key = waiting.popleft()
            if key not in self._final and self._stands(key):
                self._final.add(key)
                made_final.append(self._so_far[key])
                waiting.extend(self._below[key])
        for final in made_final:
            for name in (final.item.name, *self._upstream[final.item.name]):
                self._lighten(name)
        return made_final

    def below(self, key: str) -> list[str]:
        """Return all that rests on an asset, near or far, parents first."""
        found: set[str] = set()
        waiting = [key]
        while waiting:
            new = [below for below in self._below[waiting.pop()] if below not in found]
            found.update(new)
            waiting.extend(new)
        return [name for name in self._upstream if name in found]

    def take_back(self, key: str) -> None:
        """Forget what became of an asset: what it rested on is not there after all."""
        del self._so_far[key]
        self._being_written.discard(key)

    def _lighten(self, key: str) -> None:
        """Let go of what is only there to be read, once nobody will: a run may make a million partitions."""
        if all(below in self._final for below in self._below[key]):
            self._so_far[key] = Outcome(self._so_far[key].item, None)

    def _stands(self, key: str) -> bool:
        if key not in self._so_far or key in self._being_written:
            return False
        return all(parent in self._final for parent in self._upstream[key])
