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


class Liveness(Protocol):
    """Who can say whether a run still goes (``storage.LiveRuns``)."""

    def alive(self, run_id: str) -> bool:
        """Say whether the run with this id is alive."""


def with_bodies(chosen: str) -> str:
    """Return the beginning of a query over ``chosen``, rows with a commit's number and a position, and ``bodies``.

    Rows of ``bodies`` are the actions at these places. That they are looked for by their row ids is what counts: a join
    alone would read all JSON of the log.
    """
    return f"""
    WITH chosen AS MATERIALIZED ({chosen}),
    bodies AS (
        SELECT commit_number, position, body FROM assetflow.actions WHERE rowid IN (
            SELECT a.rowid FROM assetflow.actions a JOIN chosen USING (commit_number, position)))"""  # noqa: S608 -- queries of our own


def instant(time: datetime) -> str:
    """Return a time of the tables as the log writes it."""
    return time_text(time.replace(tzinfo=UTC))


def optional_instant(time: datetime | None) -> str | None:
    """Return ``instant(time)``, or None for None."""
    return None if time is None else instant(time)
