"""Owns the questions about refreshes: what probes answered last, and what was tried of each asset since it was good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assetflow.ledger.queries import Queries, instant
from assetflow.storage.clock import parse_time


@dataclass(frozen=True)
class Tries:
    """What came of an asset in an environment since it was last good there.

    ``made``: the token of its newest materialization there, None where it has none. ``failures``: how often it failed
    in a row; ``failed_at``: when the last time, by the clock of the machine that it ran on.
    """

    made: str | None = None
    failures: int = 0
    failed_at: datetime | None = None


class RefreshQueries(Queries):
    """Questions about refreshes."""

    def last_answers(self, env: str) -> dict[str, str]:
        """Return the hash of the last answer of each probe in ``env`` that is on record, by asset."""
        return dict(self._ask(_ANSWERS, (env,)))

    def tokens(self, env: str) -> dict[str, str | None]:
        """Return the token of what ``env`` itself publishes, by asset."""
        return dict(self._ask(_TOKENS, (env,)))

    def tries(self, env: str) -> dict[str, Tries]:
        """Return what runs of ``env`` tried of each asset that they made, or that failed."""
        return {
            asset: Tries(made, failures, None if at is None else parse_time(instant(at)))
            for asset, made, failures, at in self._ask(_TRIES, (env, env, env))
        }


_ANSWERS = """
    SELECT asset, arg_max(answer, (commit_number, position)) FROM assetflow.probes WHERE env = ? GROUP BY asset"""

_TOKENS = """
    SELECT m.asset, arg_max(m.token, (m.commit_number, m.position))
    FROM assetflow.materializations m JOIN assetflow.current c USING (asset, version)
    WHERE c.env = ? GROUP BY m.asset"""

# Of a run that is killed nothing is on record but what it finished.
_TRIES = """
    WITH made AS (
        SELECT m.asset, arg_max(m.token, (m.commit_number, m.position)) AS token, max(m.commit_number) AS at
        FROM assetflow.materializations m
        JOIN (SELECT DISTINCT run_id FROM assetflow.run_starts WHERE env = ?) USING (run_id) GROUP BY m.asset),
    published AS (
        SELECT asset, max(commit_number) AS at FROM assetflow.publications WHERE env = ? GROUP BY asset),
    failed AS (
        SELECT f.asset, count(*) AS failures, max(c.wall) AS at
        FROM assetflow.failures f JOIN assetflow.commits c ON c.number = f.commit_number
        LEFT JOIN made m ON m.asset = f.asset LEFT JOIN published p ON p.asset = f.asset
        WHERE f.env = ? AND f.commit_number > coalesce(m.at, 0) AND f.commit_number > coalesce(p.at, 0)
        GROUP BY f.asset)
    SELECT coalesce(made.asset, failed.asset), made.token, coalesce(failed.failures, 0), failed.at
    FROM made FULL JOIN failed ON made.asset = failed.asset"""
