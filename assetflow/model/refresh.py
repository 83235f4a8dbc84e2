"""Owns what a spec says of an asset's refresh: what makes it stale although nothing that it reads has changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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


Refresh = Cron | Interval | Probe | Always


def refresh_words(refresh: Refresh) -> str:
    """Return a refresh as people read it: ``cron 0 6 * * * Europe/Berlin``, ``every 15m``, ``probe``, ``always``."""
    match refresh:
        case Cron(expression, tz):
            return f"cron {expression} {tz}"
        case Interval():
            return f"every {refresh.text}"
        case Probe(Arrival(url)):
            return f"probe {url}"
        case Probe(ask):
            return f"probe {getattr(ask, '__name__', type(ask).__name__)}"
    return "always"
