"""Owns how questions are put to the ledger's tables: a statement in, rows out, times as the log writes them.

Knows nothing of any particular question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from assetflow.storage.clock import time_text

PLACE = "((commit_number << 24) + position)"
"""The place of an action in the log as one number, which DuckDB compares ten times as fast as a pair of them."""

Ask = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


class Queries:
    """What all groups of questions share: one way to ask."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def _bodies(self, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], str]:
        """Return the JSON of the actions at these places (commit's number, position).

        By their row ids, and these by a question of their own: a join would have DuckDB read the JSON of all the log.
        """
        commits, positions = [commit for commit, _ in places], [position for _, position in places]
        ids = [row_id for (row_id,) in self._ask(_ROW_IDS, (commits, positions))]
        return {(commit, position): body for commit, position, body in self._ask(_BODIES, (ids,))}


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


_ROW_IDS = """
    SELECT a.rowid FROM assetflow.actions a
    JOIN (SELECT unnest(?) AS commit_number, unnest(?) AS position) USING (commit_number, position)"""

_BODIES = "SELECT commit_number, position, body FROM assetflow.actions WHERE rowid IN (SELECT unnest(?))"
