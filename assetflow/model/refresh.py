"""Owns what a spec says of an asset's refresh: what makes it stale although nothing that it reads has changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from assetflow.calendar.cron import Cron
from assetflow.calendar.interval import Interval


@dataclass(frozen=True)
class Arrival:
    """Files that are looked for: a path, a glob or a folder at any fsspec URL. ``options``: of the file system."""

    url: str
    options: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Probe:
    """A question to the world outside: stale when its answer is another. ``seconds``: how long it may take."""

    ask: Callable[[], Any] | Arrival
    seconds: float


@dataclass(frozen=True)
class Always:
    """Stale in each run."""


Touched = Literal["last", "all"]
"""Which partitions a tick makes due: of time, those that have ended since the tick before; or all."""


@dataclass(frozen=True)
class Schedule:
    """Stale at the ticks of a clock.

    ``again``: at how many further ticks a partition of time is made again, after the one that first makes it due.
    ``partitions``: which of them a tick makes due.
    """

    clock: Cron | Interval
    again: int = 0
    partitions: Touched = "last"


Refresh = Schedule | Probe | Always


def refresh_words(refresh: Refresh) -> str:
    """Return a refresh as people read it: ``cron 0 6 * * * Europe/Berlin``, ``every 15m``, ``probe``, ``always``."""
    match refresh:
        case Schedule(clock, again, partitions):
            more = [f"again={again}"] if again else []
            more += [f"partitions={partitions}"] if partitions != "last" else []
            return " ".join([_clock_words(clock), *more])
        case Probe(Arrival(url)):
            return f"probe {url}"
        case Probe(ask):
            return f"probe {getattr(ask, '__name__', type(ask).__name__)}"
    return "always"


def _clock_words(clock: Cron | Interval) -> str:
    return f"every {clock.text}" if isinstance(clock, Interval) else f"cron {clock.expression} {clock.tz}"
