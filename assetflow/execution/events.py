"""Owns the progress events of a run: plain values that a face draws. Knows nothing of any face."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assetflow.model.states import RunState, RunStatus


@dataclass(frozen=True)
class RunBegan:
    """A run starts work on ``total`` assets.

    ``expected``: seconds that each is expected to take, where known. ``work``: keys of those that may have to be worked
    on, parents first; the others are fresh, or cannot be tried.
    """

    run: str
    env: str
    total: int
    expected: dict[str, float]
    work: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaskBegan:
    """An asset's function is about to be called, or its data judged (``what``: build, check, observe)."""

    key: str
    what: str


@dataclass(frozen=True)
class TaskRetried:
    """A call failed and will be made again after ``delay`` seconds."""

    key: str
    attempt: int
    message: str
    delay: float


@dataclass(frozen=True)
class ItemDone:
    """An asset has reached its state in this run."""

    key: str
    state: RunState
    seconds: float
    rows: int | None
    message: str


@dataclass(frozen=True)
class RunEnded:
    """The run is over and committed."""

    run: str
    status: RunStatus
    counts: dict[str, int]
    seconds: float


Event = RunBegan | TaskBegan | TaskRetried | ItemDone | RunEnded
Listener = Callable[[Event], None]


def guarded(listener: Listener) -> Listener:
    """Return a listener that is told no more once it has raised: a closed pipe must not end a run."""
    broken: list[Exception] = []

    def tell(event: Event) -> None:
        if not broken:
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001 - whatever a face raises, the run's work goes on
                broken.append(error)

    return tell
