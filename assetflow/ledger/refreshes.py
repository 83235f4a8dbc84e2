"""Owns the questions about refreshes: what probes answered last, and what was tried of each asset since it was good."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from assetflow.ledger.queries import Liveness, Queries, instant
from assetflow.storage.clock import parse_time


@dataclass(frozen=True)
class Tries:
    """What came of an asset in an environment since it was last good there.

    ``made``: the token of its newest materialization there, None where it has none. ``failures``: in how many runs it
    failed in a row, with however many partitions; ``failed_at``: when the last time, by the clock of the machine that
    it ran on.
    """

    made: str | None = None
    failures: int = 0
    failed_at: datetime | None = None


class RefreshQueries(Queries):
    """Questions about refreshes."""

    def last_answers(self, env: str) -> dict[str, str]:
        """Return the hash of the last answer of each probe in ``env`` that is on record, by asset."""
        return dict(self._ask(_ANSWERS, (env,)))

    def tokens(self, versions: Collection[str]) -> dict[str, str | None]:
        """Return the refresh token of each of these versions that has one."""
        return dict(self._ask(_TOKENS, (list(versions),)))

    def tries(self, env: str) -> dict[str, Tries]:
        """Return what runs of ``env`` made of each asset last, and how often it failed since."""
        return {
            asset: Tries(made, failures, None if at is None else parse_time(instant(at)))
            for asset, made, failures, at in self._ask(_TRIES, (env,) * 4)
        }

    def made_partitions(self, env: str, asset: str) -> dict[str, str | None]:
        """Return the token of what runs of ``env`` made last of each partition of ``asset``, published or not."""
        return dict(self._ask(_MADE_PARTITIONS, (asset, env)))

    def left_by_tick(self, env: str, live: Liveness) -> str | None:
        """Return what the last tick of ``env`` was to run, where it did not come to its end; else None."""
        for run, selection, status in self._ask(_LAST_TICK, (env,)):
            if status == "cancelled" or (status is None and not live.alive(run)):
                return str(selection)
        return None


_ANSWERS = """
    SELECT asset, arg_max(answer, (commit_number, position)) FROM assetflow.probes WHERE env = ? GROUP BY asset"""

_TOKENS = """
    SELECT DISTINCT version, token FROM assetflow.materializations
    WHERE version = ANY(?) AND token IS NOT NULL"""

_MADE_PARTITIONS = """
    SELECT partition, arg_max(token, (commit_number, position)) FROM assetflow.materializations
    WHERE asset = ? AND partition <> '' AND run_id IN (SELECT run_id FROM assetflow.run_starts WHERE env = ?)
        AND version NOT IN (SELECT version FROM assetflow.supersessions)
    GROUP BY partition"""

_LAST_TICK = """
    SELECT s.run_id, s.selection, e.status FROM assetflow.run_starts s LEFT JOIN assetflow.run_ends e USING (run_id)
    WHERE s.env = ? AND s.trigger = 'tick' ORDER BY s.commit_number DESC LIMIT 1"""

# A check that raised stands in the commit of the version that it was to judge. What a tick skipped counts where nothing
# that failed says why: a source could not be read, or what it reads is rejected.
_TRIES = """
    WITH made AS (
        SELECT asset, arg_max(token, (commit_number, position)) AS token, max(commit_number) AS at
        FROM assetflow.materializations
        WHERE run_id IN (SELECT run_id FROM assetflow.run_starts WHERE env = ?)
            AND version NOT IN (SELECT version FROM assetflow.supersessions) GROUP BY asset),
    published AS (
        SELECT asset, max(commit_number) AS at FROM assetflow.publications WHERE env = ? GROUP BY asset),
    tried AS (
        SELECT asset, commit_number, run_id FROM assetflow.failures WHERE env = ?
        UNION ALL
        SELECT asset, commit_number, run_id FROM assetflow.skips
        WHERE run_id IN (SELECT run_id FROM assetflow.run_starts WHERE env = ? AND trigger = 'tick')
            AND run_id NOT IN (SELECT run_id FROM assetflow.failures WHERE run_id IS NOT NULL)),
    failed AS (
        SELECT t.asset, count(DISTINCT coalesce(t.run_id, t.commit_number::VARCHAR)) AS failures, max(c.wall) AS at
        FROM tried t JOIN assetflow.commits c ON c.number = t.commit_number
        LEFT JOIN made m ON m.asset = t.asset LEFT JOIN published p ON p.asset = t.asset
        WHERE t.commit_number >= coalesce(m.at, 0) AND t.commit_number > coalesce(p.at, 0)
        GROUP BY t.asset)
    SELECT coalesce(made.asset, failed.asset), made.token, coalesce(failed.failures, 0), failed.at
    FROM made FULL JOIN failed ON made.asset = failed.asset"""
