"""Owns how questions are put to the ledger's tables: a statement in, rows out, times as the log writes them.

Knows nothing of any particular question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from assetflow.storage.clock import time_text

Ask = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


class Queries:
    """What all groups of questions share: one way to ask."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask


class Liveness(Protocol):
    """Who can say whether a run still goes (``storage.LiveRuns``)."""

    def alive(self, run_id: str) -> bool:
        """Say whether the run with this id is alive."""


def instant(time: datetime) -> str:
    """Return a time of the tables as the log writes it."""
    return time_text(time.replace(tzinfo=UTC))


def optional_instant(time: datetime | None) -> str | None:
    """Return ``instant(time)``, or None for None."""
    return None if time is None else instant(time)
