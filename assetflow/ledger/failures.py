"""Owns the questions about what went wrong: failures, and effects that may have run without saying so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assetflow.keys import name_of
from assetflow.ledger.queries import Liveness, Queries, instant
from assetflow.model.runs import Failed


@dataclass(frozen=True)
class Failure:
    """One failure, with every attempt: action ``index`` of commit ``commit``."""

    action: Failed
    commit: int
    index: int
    time: str


@dataclass(frozen=True)
class EffectStart:
    """The last beginning of an effect in an environment, of which no end is on record."""

    asset: str
    partition: str
    run: str
    fingerprint: str
    commit: int
    started_at: str


class FailureQueries(Queries):
    """Questions about what went wrong."""

    def failures(self, run: str | None = None, asset: str | None = None) -> list[Failure]:
        """Return the failures of ``run`` and ``asset`` (None: of any), newest first."""
        return self._read_failures(_FAILURES, (run, run, asset, asset))

    def last_failures(self, env: str) -> dict[tuple[str, str], Failure]:
        """Return, by (asset, partition), the last failures in ``env`` that no run in it has made good since.

        An asset's failure is made good by a materialization or publication, a check's by an evaluation of it.
        """
        found = self._read_failures(_LAST_FAILURES, (env,))
        return {(failure.action.asset, failure.action.partition): failure for failure in found}

    def unended_effects(self, env: str) -> list[EffectStart]:
        """Return the effects in ``env`` whose last beginning has no end on record."""
        return [
            EffectStart(asset, partition, run, fingerprint, commit, instant(started_at))
            for asset, partition, run, fingerprint, commit, started_at in self._ask(_UNENDED, (env,))
        ]

    def last_effects(self, env: str) -> dict[str, str]:
        """Return the fingerprint that each effect was last begun with in ``env``, by name; "" where it failed."""
        rows = self._ask(_LAST_EFFECTS, (env,))
        return {name_of(asset, partition): fingerprint for asset, partition, fingerprint in rows}

    def interrupted_effects(self, env: str, live: Liveness) -> dict[str, str]:
        """Return the effects that a dead run may have run in ``env``, with that run's id."""
        return {
            name_of(start.asset, start.partition): start.run
            for start in self.unended_effects(env)
            if not live.alive(start.run)
        }

    def _read_failures(self, query: str, parameters: Sequence[Any]) -> list[Failure]:
        rows = self._ask(query, parameters)
        bodies = self._bodies([(commit, position) for commit, position, _ in rows])
        return [
            Failure(Failed.model_validate_json(bodies[commit, index]), commit, index, instant(time))
            for commit, index, time in rows
        ]


_FAILURES = """
    SELECT commit_number, position, time FROM assetflow.failures
    WHERE (?::VARCHAR IS NULL OR run_id = ?) AND (?::VARCHAR IS NULL OR asset = ?)
    ORDER BY commit_number DESC, position DESC"""

_LAST_FAILURES = """
    SELECT f.commit_number, f.position, f.time FROM (
        SELECT * FROM assetflow.failures WHERE env = ?
        QUALIFY row_number() OVER (
            PARTITION BY asset, partition ORDER BY commit_number DESC, position DESC) = 1) f
    WHERE NOT EXISTS (
        FROM (
            SELECT env, asset, partition, NULL AS check_name, commit_number, position
            FROM assetflow.publications WHERE how = 'published'
            UNION ALL
            SELECT s.env, m.asset, m.partition, NULL, m.commit_number, m.position
            FROM assetflow.materializations m JOIN assetflow.run_starts s USING (run_id)
            UNION ALL
            SELECT s.env, e.asset, e.partition, e.check_name, e.commit_number, e.position
            FROM assetflow.evaluations e JOIN assetflow.run_starts s USING (run_id)) d
        WHERE d.env = f.env AND d.asset = f.asset AND d.partition = f.partition
            AND d.check_name IS NOT DISTINCT FROM f.check_name
            AND (d.commit_number, d.position) > (f.commit_number, f.position))
    ORDER BY f.commit_number, f.position"""

_LAST_EFFECTS = """
    SELECT e.asset, e.partition, CASE WHEN EXISTS (
        FROM assetflow.failures f
        WHERE f.run_id = e.run_id AND f.asset = e.asset AND f.partition = e.partition AND f.check_name IS NULL
            AND (f.commit_number, f.position) > (e.commit_number, e.position)) THEN '' ELSE e.fingerprint END
    FROM (
        SELECT * FROM assetflow.effects WHERE env = ?
        QUALIFY row_number() OVER (
            PARTITION BY asset, partition ORDER BY commit_number DESC, position DESC) = 1) e
    ORDER BY e.asset, e.partition"""

_UNENDED = """
    SELECT asset, partition, run_id, fingerprint, commit_number, started_at FROM (
        SELECT * FROM assetflow.effects WHERE env = ?
        QUALIFY row_number() OVER (
            PARTITION BY asset, partition ORDER BY commit_number DESC, position DESC) = 1) e
    WHERE NOT EXISTS (
        FROM (
            SELECT run_id, asset, partition, commit_number, position FROM assetflow.materializations
            UNION ALL
            SELECT run_id, asset, partition, commit_number, position FROM assetflow.failures) d
        WHERE d.run_id = e.run_id AND d.asset = e.asset AND d.partition = e.partition
            AND (d.commit_number, d.position) > (e.commit_number, e.position))
    ORDER BY asset, partition"""
