"""Owns the questions about one asset's past: its materializations in order, and the logs of its tasks."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from assetflow.ledger.queries import Queries, instant
from assetflow.model.record import Named


@dataclass(frozen=True)
class HistoryEntry(Named):
    """One materialization or observation of an asset, with what became of its version.

    ``passed``: whether the latest evaluation of each check lets its data be published, None without checks.
    ``published``: the environments that ever published the version. ``forgotten``: whether its data are no longer kept.
    """

    asset: str
    partition: str
    version: str
    data_version: str
    fingerprint: str
    kind: str
    time: str
    commit: int
    index: int
    run: str
    env: str | None
    seconds: float
    rows: int | None
    bytes: int
    passed: bool | None
    published: tuple[str, ...]
    forgotten: bool = False


@dataclass(frozen=True)
class LogEntry:
    """Where the captured output of one task lies: ``object`` in the store.

    ``outcome``: materialized, observed or failed.
    """

    asset: str
    partition: str
    run: str
    time: str
    outcome: str
    object: str


class HistoryQueries(Queries):
    """Questions about the past of an asset."""

    def history(
        self, asset: str, limit: int | None = None, *, partition: str | None = None
    ) -> list[HistoryEntry]:
        """Return at most ``limit`` materializations of ``asset`` (of one ``partition``, if given), newest first."""
        return [_entry(*row) for row in self._ask(_HISTORY, (asset, partition, partition, limit))]

    def logs(
        self,
        asset: str | None = None,
        run: str | None = None,
        limit: int | None = None,
        *,
        partition: str | None = None,
    ) -> list[LogEntry]:
        """Return at most ``limit`` task logs of ``asset``, ``partition`` and ``run`` (None: of any), newest first."""
        rows = self._ask(_LOGS, (asset, asset, partition, partition, run, run, limit))
        return [
            LogEntry(key, partition, of_run, instant(time), outcome, name)
            for key, partition, of_run, time, outcome, name in rows
        ]


def _entry(*row: Any) -> HistoryEntry:
    told = dict(zip(_ENTRY, row, strict=True))
    return HistoryEntry(**told | {"time": instant(told["time"]), "published": tuple(told["published"])})


_ENTRY = tuple(field.name for field in fields(HistoryEntry))

_HISTORY = """
    SELECT h.asset, h.partition, h.version, h.data_version, h.fingerprint, h.kind, h.time, h.commit_number, h.position,
           h.run_id, h.env, h.seconds, h.rows, h.bytes, h.passed, h.published,
           coalesce(f.until >= h.commit_number, false)
    FROM assetflow.asset_history h
    LEFT JOIN (
        SELECT asset, partition, version, max(commit_number) AS until FROM assetflow.forgettings
        GROUP BY ALL) f USING (asset, partition, version)
    WHERE h.asset = ? AND (?::VARCHAR IS NULL OR h.partition = ?)
    ORDER BY h.commit_number DESC, h.position DESC LIMIT ?"""

_LOGS = """
    SELECT asset, partition, run_id, time, outcome, log FROM (
        SELECT asset, partition, run_id, time, if(kind = 'source', 'observed', 'materialized') AS outcome,
               log, commit_number, position
        FROM assetflow.materializations
        UNION ALL
        SELECT asset, partition, run_id, time, 'failed', log, commit_number, position FROM assetflow.failures)
    WHERE log IS NOT NULL AND (?::VARCHAR IS NULL OR asset = ?) AND (?::VARCHAR IS NULL OR partition = ?)
        AND (?::VARCHAR IS NULL OR run_id = ?)
    ORDER BY commit_number DESC, position DESC LIMIT ?"""
