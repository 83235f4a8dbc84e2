"""Owns the run as its caller sees it: what became of each asset, and the counts. An asset's failure is a value here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from assetflow.errors import RunFailedError
from assetflow.keys import did_you_mean, name_of
from assetflow.model.runs import HeldBack, RunFinished
from assetflow.model.states import RunState, RunStatus
from assetflow.model.verdicts import Verdict

BAD = frozenset({RunState.FAILED, RunState.REJECTED, RunState.SKIPPED, RunState.SUPERSEDED})


@dataclass(frozen=True)
class RunItem:
    """What became of one asset.

    ``seconds``: of its work in this run. ``error``: what its function or its check raised. ``message``: the same in
    words, or why it was skipped, rejected, superseded, held back. ``fails``: whether it makes the run fail.
    ``verdicts``: those that did not pass. ``held_back``: it is good and on record, but not published, because of
    another asset, which does make the run fail. ``count``: how many partitions it is about;
    ``alike``: their keys, where it tells of all that stand alike.
    """

    key: str
    state: RunState
    version: str | None = None
    seconds: float = 0.0
    rows: int | None = None
    error: BaseException | None = None
    message: str = ""
    reasons: tuple[str, ...] = ()
    log: str | None = None
    fails: bool = False
    verdicts: tuple[Verdict, ...] = ()
    held_back: bool = False
    partition: str = ""
    count: int = 1
    alike: Collection[str] = ()

    @property
    def name(self) -> str:
        """The name (``keys.name_of``) of the asset or partition."""
        return name_of(self.key, self.partition)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all that it is about."""
        return tuple(name_of(self.key, one) for one in self.alike) or (self.name,)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "key": self.key,
            "partition": self.partition,
            "count": self.count,
            "state": self.state.value,
            "version": self.version,
            "seconds": round(self.seconds, 6),
            "rows": self.rows,
            "message": self.message,
            "held_back": self.held_back,
            "reasons": list(self.reasons),
            "verdicts": [verdict.model_dump(mode="json", exclude={"cases"}) for verdict in self.verdicts],
            "error": type(self.error).__qualname__ if self.error is not None else None,
        }


@dataclass(frozen=True)
class Run:
    """What a call of materialize did. ``committed``: whether it added anything to the log."""

    id: str
    env: str
    status: RunStatus
    items: tuple[RunItem, ...]
    seconds: float
    committed: bool
    warnings: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[RunItem]:
        return iter(self.items)

    def __getitem__(self, key: str) -> RunItem:
        for item in self.items:
            if item.key == key:
                return item
        raise KeyError(
            f"{key!r} is not in this run; {did_you_mean(key, (i.key for i in self.items)) or ''}".rstrip("; ")
        )

    @property
    def counts(self) -> dict[str, int]:
        """Number of items by state, those that occur, in the order of the states."""
        return counts_of(self.items)

    def raise_for_failure(self) -> Run:
        """Return the run if it succeeded; else raise RunFailedError from the first failure's own exception."""
        if self.status is RunStatus.SUCCEEDED:
            return self
        bad = [item for item in self.items if item.fails] or [*self.items][:1]
        first = next((item for item in bad if item.error is not None), bad[0] if bad else None)
        what = f"{first.key} {first.state.value}: {first.message}" if first else "nothing was done"
        raise RunFailedError(f"run {self.id} {self.status.value}: {what}") from (
            first.error if first else None
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "id": self.id,
            "env": self.env,
            "status": self.status.value,
            "counts": self.counts,
            "seconds": round(self.seconds, 6),
            "committed": self.committed,
            "warnings": list(self.warnings),
            "items": [item.to_dict() for item in self.items],
        }

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {state}" for state, count in self.counts.items())
        return f"<Run {self.id} {self.status.value}: {counts or 'nothing'} in {self.seconds:.1f} s>"


def counts_of(items: Iterable[RunItem]) -> dict[str, int]:
    """Return the number of assets and partitions by state, those that occur, in the order of the states."""
    counted: Counter[RunState] = Counter()
    for item in items:
        counted[item.state] += item.count
    return {state.value: counted[state] for state in RunState if counted[state]}


def status_of(items: Iterable[RunItem], *, cancelled: bool = False) -> RunStatus:
    """Return how a run stands whose assets came to ``items``."""
    if cancelled:
        return RunStatus.CANCELLED
    return RunStatus.FAILED if any(item.fails for item in items) else RunStatus.SUCCEEDED


def with_publication(
    items: Iterable[RunItem], lost: Mapping[str, str], held_back: Mapping[str, HeldBack]
) -> tuple[RunItem, ...]:
    """Return the items as they stand when it is known what was published.

    ``lost``: why versions are superseded, by asset; ``held_back``: which are kept from readers.
    """
    return tuple(_with_publication(item, lost, held_back) for item in items)


def _with_publication(item: RunItem, lost: Mapping[str, str], held_back: Mapping[str, HeldBack]) -> RunItem:
    if item.name in lost:
        return replace(item, state=RunState.SUPERSEDED, message=lost[item.name], fails=True)
    if item.name in held_back:
        return replace(item, held_back=True, message=f"held back: {held_back[item.name].reason}")
    return item


def run_finished(
    run: str, items: Sequence[RunItem], seconds: float, *, cancelled: bool = False
) -> RunFinished:
    """Return the record of the end of a run."""
    return RunFinished(
        run=run,
        status=_RECORDED[status_of(items, cancelled=cancelled)],
        finished_at=datetime.now(UTC).isoformat(),
        seconds=seconds,
        counts=counts_of(items),
        left=tuple(name for item in items if item.fails or item.held_back for name in item.names),
    )


_RECORDED: Mapping[RunStatus, Literal["succeeded", "failed", "cancelled"]] = {
    RunStatus.SUCCEEDED: "succeeded",
    RunStatus.FAILED: "failed",
    RunStatus.CANCELLED: "cancelled",
}
