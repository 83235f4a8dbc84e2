"""Owns the questions about runs: how each stands, and what became of its assets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from assetflow.errors import UnknownNameError
from assetflow.keys import did_you_mean
from assetflow.ledger.queries import Liveness, Queries, instant, optional_instant
from assetflow.model.record import Named
from assetflow.model.runs import RunFinished, RunStarted
from assetflow.model.states import RunState, RunStatus


@dataclass(frozen=True)
class RunRow:
    """One run. While it is not finished, ``counts`` (by state), ``finished_at`` and ``seconds`` are empty."""

    run: str
    status: RunStatus
    env: str
    selection: str
    command: str
    started_at: str
    finished_at: str | None
    seconds: float | None
    counts: Mapping[RunState, int]
    commit: int
    snapshot: int
    tree: str | None
    host: str
    user: str


@dataclass(frozen=True)
class RunItem(Named):
    """What the log says became of one asset in one run; assets that were fresh leave no trace.

    ``detail``: the error, the reason for skipping, losing or being held back, or the check that blocks.
    """

    asset: str
    partition: str
    state: RunState
    version: str | None = None
    seconds: float | None = None
    rows: int | None = None
    bytes: int | None = None
    detail: str | None = None
    log: str | None = None
    peak_memory: int | None = None


class RunQueries(Queries):
    """Questions about runs."""

    def runs(self, live: Liveness, limit: int | None = None) -> list[RunRow]:
        """Return at most ``limit`` runs, newest first; ``live`` tells running from interrupted."""
        return [_run_row(live, row) for row in self._ask(_RUNS, ("", limit))]

    def find_run(self, prefix: str, live: Liveness) -> RunRow:
        """Return the one run whose id begins with ``prefix``.

        Raises:
            UnknownNameError: none does, or several do.
        """
        found = [_run_row(live, row) for row in self._ask(_RUNS, (prefix, 5))]
        if not found:
            near = did_you_mean(prefix, (run for (run,) in self._ask(_NEWEST_IDS, ())))
            hint = near or "`assetflow runs` lists the runs"
            raise UnknownNameError(f"there is no run {prefix!r}", hint=hint)
        if len(found) > 1:
            shown = ", ".join(row.run for row in found)
            raise UnknownNameError(
                f"{prefix!r} is the beginning of several runs: {shown}", hint="give more of the id"
            )
        return found[0]

    def last_run(
        self, env: str, live: Liveness, standing: Collection[RunStatus] = tuple(RunStatus)
    ) -> RunRow | None:
        """Return the newest run of ``env`` that stands in one of these ways; None where none does."""
        ended = [status.value for status in standing if status in _ENDED]
        goes_on = any(status not in _ENDED for status in standing)
        rows = (_run_row(live, row) for row in self._ask(_LAST, (env, ended, goes_on)))
        return next((row for row in rows if row.status in standing), None)

    def runs_beginning(self, prefix: str) -> dict[str, str]:
        """Return the runs whose id begins with ``prefix``, with their environments, the newest first; at most 20."""
        query = """
            SELECT run_id, env FROM assetflow.run_starts WHERE starts_with(run_id, ?)
            ORDER BY commit_number DESC LIMIT 20"""
        return dict(self._ask(query, (prefix,)))

    def last_commit_of(self, run: str) -> int:
        """Return the number of the last commit of ``run``."""
        query = "SELECT max(number) FROM assetflow.commits WHERE run_id = ?"
        last: int = self._ask(query, (run,))[0][0]
        return last

    def beginning(self, run: str) -> RunStarted:
        """Return what ``run`` said when it began."""
        return self.run_starts([run])[run]

    def end(self, run: str) -> RunFinished | None:
        """Return what ``run`` said when it ended, None where it has not."""
        body = next(iter(self._bodies(self._ask(_END, (run,))).values()), None)
        return None if body is None else RunFinished.model_validate_json(body)

    def run_starts(self, runs: Collection[str]) -> dict[str, RunStarted]:
        """Return what is recorded of the beginnings of these runs: code, packages, revision."""
        bodies = self._bodies(self._ask(_STARTS, (list(runs),)))
        starts = [RunStarted.model_validate_json(body) for body in bodies.values()]
        return {start.run: start for start in starts}

    def run_items(self, run: str) -> list[RunItem]:
        """Return what became of the assets of ``run``, by key."""
        return [
            RunItem(asset, partition, RunState(state), *rest)
            for asset, partition, state, *rest in self._ask(_ITEMS, (run,) * 9)
        ]


def _run_row(live: Liveness, row: tuple[Any, ...]) -> RunRow:
    run, status, env, selection, command, started_at, finished_at, seconds, *others = row
    *counts, commit, snapshot, tree, host, user = others
    by_state = dict(zip(RunState, counts, strict=True)) if finished_at else {}
    return RunRow(
        run,
        _status(run, status, live),
        env,
        selection,
        command,
        instant(started_at),
        optional_instant(finished_at),
        seconds,
        by_state,
        commit,
        snapshot,
        tree,
        host,
        user,
    )


def _status(run: str, status: str, live: Liveness) -> RunStatus:
    if status != "unfinished":
        return RunStatus(status)
    return RunStatus.RUNNING if live.alive(run) else RunStatus.INTERRUPTED


_END = "SELECT commit_number, position FROM assetflow.run_ends WHERE run_id = ?"

_STATES = ", ".join(state.value for state in RunState)

_ENDED = (RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED)
"""As the log says it; the others are told by life."""

_COLUMNS = f"""
    SELECT run_id, status, env, selection, command, started_at, finished_at, seconds, {_STATES},
           commit_number, snapshot, tree, host, user_name
    FROM assetflow.runs"""  # noqa: S608 -- constants only

_RUNS = f"{_COLUMNS} WHERE starts_with(run_id, ?) ORDER BY commit_number DESC LIMIT ?"

# The newest that ended so, and all without an end that began after it: of those some may still go on.
_LAST = f"""
    WITH candidates AS (
        {_COLUMNS} WHERE env = ? AND (status = ANY(?) OR (status = 'unfinished' AND ?)))
    FROM candidates
    WHERE commit_number >= coalesce((SELECT max(commit_number) FROM candidates WHERE status <> 'unfinished'), 0)
    ORDER BY commit_number DESC"""  # noqa: S608 -- constants only

_NEWEST_IDS = "SELECT run_id FROM assetflow.run_starts ORDER BY commit_number DESC LIMIT 200"

_STARTS = "SELECT commit_number, position FROM assetflow.run_starts WHERE run_id = ANY(?)"

# What an asset went through in a run. The event of the highest rank is its state.
_ITEMS = """
    WITH events AS (
        SELECT asset, partition, 1 AS rank, 'checked' AS state, version, seconds, NULL AS rows, NULL AS bytes,
               NULL AS detail, NULL AS log, commit_number, position
        FROM assetflow.evaluations WHERE run_id = ?
        UNION ALL
        SELECT asset, partition, 2, 'reused', version, NULL, NULL, NULL, NULL, NULL, commit_number, position
        FROM assetflow.publications WHERE run_id = ?
        UNION ALL
        SELECT asset, partition, 2, 'reused', version, NULL, NULL, NULL, concat('held back: ', reason), NULL,
               commit_number, position
        FROM assetflow.held_back WHERE run_id = ?
        UNION ALL
        SELECT asset, partition, 3, 'built', version, seconds, rows, bytes, NULL, log, commit_number, position
        FROM assetflow.materializations WHERE run_id = ?
        UNION ALL
        SELECT asset, partition, 4, 'superseded', version, NULL, NULL, NULL, reason, NULL, commit_number,
               position
        FROM assetflow.supersessions WHERE run_id = ?
        UNION ALL
        SELECT asset, partition, 5, 'rejected', version, NULL, NULL, NULL, check_name, NULL, commit_number,
               position
        FROM assetflow.evaluations WHERE run_id = ? AND NOT passed
        UNION ALL
        SELECT asset, partition, 6, 'skipped', NULL, NULL, NULL, NULL, reason, NULL, commit_number, position
        FROM assetflow.skips WHERE run_id = ?
        UNION ALL
        SELECT asset, partition, 7, 'failed', NULL, seconds, NULL, NULL, concat(error, ': ', message), log,
               commit_number, position
        FROM assetflow.failures WHERE run_id = ?)
    SELECT asset, partition, max_by(state, rank),
           max_by(version, (rank, commit_number, position)) FILTER (version IS NOT NULL),
           max_by(seconds, (rank, commit_number, position)) FILTER (seconds IS NOT NULL AND rank > 1),
           max_by(rows, (commit_number, position)) FILTER (rows IS NOT NULL),
           max_by(bytes, (commit_number, position)) FILTER (bytes IS NOT NULL),
           max_by(detail, (rank, commit_number, position)) FILTER (detail IS NOT NULL),
           max_by(log, (rank, commit_number, position)) FILTER (log IS NOT NULL), max(peak_memory)
    FROM events LEFT JOIN (
        SELECT asset, partition, max(peak_memory) AS peak_memory
        FROM assetflow.materializations WHERE run_id = ? GROUP BY asset, partition) USING (asset, partition)
    GROUP BY asset, partition ORDER BY asset, partition"""
