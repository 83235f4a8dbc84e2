"""Owns what each action says in the ledger: for each type of action, queries that give rows of the tables.

They read the batch of commits that ``batch`` lays out, so DuckDB does the reading: a million actions as objects of
Python would take minutes. Knows nothing of where commits come from.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from assetflow.ledger import environment_tables as environments
from assetflow.ledger import run_tables as runs
from assetflow.ledger import version_tables as versions
from assetflow.ledger.schema import SCHEMA, Table
from assetflow.model.states import RunState

SAID = "said"
"""The batch's actions: ``commit_number, position, time, body`` (JSON), and the fields that ``FIELDS`` lists."""

SCHEMAS = "schemas"
"""The types of the columns of each schema in the batch: ``schema_ipc, types``."""

_PART = {"object": "VARCHAR", "bytes": "BIGINT", "version": "VARCHAR", "rows": "BIGINT", "path": "VARCHAR"}
_NAMED = [["VARCHAR"]]  # pairs of a name and a hash
_HELD = [dict.fromkeys(("asset", "partition", "code_version", "config_hash", "because"), "VARCHAR")]
_TIMES = ("started_at", "finished_at", "observed_at")
_TEXTS = (
    *(
        "type",
        "store_id",
        "run",
        "env",
        "asset",
        "partition",
        "version",
        "data_version",
        "fingerprint",
        "code_version",
    ),
    *("kind", "executor", "selection", "command", "tree", "python", "status", "url", "format", "identity"),
    *("check", "reason", "because", "previous", "by", "log", "origin", "platform", "git_commit"),
    *("answer", "shown", "trigger", "name"),
)

FIELDS = json.dumps(
    dict.fromkeys(_TEXTS, "VARCHAR")
    | dict.fromkeys(_TIMES, "TIMESTAMPTZ")
    | {
        "required": "BOOLEAN",
        "git_dirty": "BOOLEAN",
        "snapshot": "BIGINT",
        "rows": "BIGINT",
        "bytes": "BIGINT",
        "peak_memory": "BIGINT",
        "seconds": "DOUBLE",
        "packages": "JSON",
        "columns": _NAMED,
        "moves": [dict.fromkeys(("asset", "partition", "version", "previous"), "VARCHAR")],
        "holds": _HELD,
        "lifts": _HELD,
        "checks": ["VARCHAR"],
        "phase": "VARCHAR",
        "notices": [dict.fromkeys(("asset", "partition", "matter", "event"), "VARCHAR")],
        "versions": [dict.fromkeys(("asset", "partition", "version", "data_version"), "VARCHAR")],
        "objects": ["VARCHAR"],
        "keys": ["VARCHAR"],
        "metadata": "MAP(VARCHAR, JSON)",
        "counts": {state.value: "BIGINT" for state in RunState},
        "remote": dict.fromkeys(("store_id", "env", "asset", "version"), "VARCHAR"),
        "files": [{"path": "VARCHAR", "size": "BIGINT", "hash": "VARCHAR"}],
        "attempts": [
            {
                **dict.fromkeys(("error", "message", "traceback"), "VARCHAR"),
                "number": "BIGINT",
                "started_at": "TIMESTAMPTZ",
                "seconds": "DOUBLE",
            }
        ],
        "recipe": {
            "config": "JSON",
            "token": "VARCHAR",
            "deps": _NAMED,
            "inputs": [
                {
                    **dict.fromkeys(("parameter", "asset", "partition", "version"), "VARCHAR"),
                    **dict.fromkeys(("data_version", "form"), "VARCHAR"),
                    "columns": _NAMED,
                }
            ],
        },
        "manifest": {
            **dict.fromkeys(("object", "kind", "format", "schema_ipc"), "VARCHAR"),
            "bytes": "BIGINT",
            "columns": _NAMED,
            "parts": [_PART],
        },
        "verdicts": [
            {
                **dict.fromkeys(("name", "column", "severity", "message"), "VARCHAR"),
                "passed": "BOOLEAN",
                "failing_rows": "BIGINT",
            }
        ],
    }
)
"""What is read of an action, in the words of DuckDB's ``from_json``. What an action does not have is null."""


MOVING = ("promoted", "rolled_back", "accepted", "pinned", "environment_created", "environment_deleted")
"""Types of the actions that move pointers without a run."""


@dataclass(frozen=True)
class Reading:
    """How actions of one ``type`` become rows of ``table``.

    ``columns`` are expressions named like the table's columns. With ``each``, a list in the action, there is one row
    for each ``item`` of it, at place ``ordinal``.
    """

    type: str
    table: Table
    columns: str
    each: str | None = None
    source: str = SAID

    @property
    def statement(self) -> str:
        """The statement that appends the rows of a batch."""
        source = f"FROM {self.source} a WHERE a.type = '{self.type}'"
        if self.each is not None:
            place = f"generate_subscripts({self.each}, 1) - 1 AS ordinal"
            source = f"FROM (SELECT *, unnest({self.each}) AS item, {place} {source}) a"
        target = f"{SCHEMA}.{self.table.name}"
        return f"INSERT INTO {target} BY NAME SELECT {self.columns} {source}"


def _utc(expression: str, name: str) -> str:
    """Return a time in UTC without saying so, as the tables have it."""
    return f"timezone('UTC', {expression}) AS {name}"


_WHERE = "commit_number, position"
_MOMENT = f"{_WHERE}, time"
_EVENT = f"{_MOMENT}, a.run AS run_id"
_ITEM = "item.asset, coalesce(item.partition, '') AS partition"
_OF = "a.asset, coalesce(a.partition, '') AS partition"
_STARTED = _utc("a.started_at", "started_at")
_OBSERVED = _utc("a.observed_at", "observed_at")
_IDENTITY = f"{_OF}, a.version, a.data_version"
_STORED = "a.manifest.kind AS content, a.manifest.format"
_JUDGED = f'{_EVENT}, {_IDENTITY}, a."check" AS check_name'
_TYPED = f"(FROM {SAID} LEFT JOIN {SCHEMAS} ON {SCHEMAS}.schema_ipc = {SAID}.manifest.schema_ipc)"
_LAST = "a.attempts[-1]"
_PASSED = "len(list_filter(a.verdicts, lambda v: NOT v.passed AND v.severity = 'error')) = 0"
_IS_NUMBER = "json_type(item.value) IN ('BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE')"
_COUNTS = ", ".join(f"coalesce(a.counts.{state.value}, 0) AS {state.value}" for state in RunState)


def _of_artifact(action: str) -> tuple[Reading, ...]:
    """Return what an action with a manifest says of it. One that is an object itself has a name."""
    return (
        Reading(
            action,
            versions.PARTS,
            f"{_WHERE}, {_OF}, a.data_version, 'manifest' AS role, 0 AS ordinal, a.manifest.object, "
            "a.manifest.format, '' AS part_version, a.manifest.bytes",
            each="if(a.manifest.object IS NULL, [], [1])",
        ),
        Reading(
            action,
            versions.PARTS,
            f"{_WHERE}, {_OF}, a.data_version, 'part' AS role, ordinal, item.object, a.manifest.format, "
            "coalesce(item.version, '') AS part_version, item.rows, item.bytes, item.path",
            each="a.manifest.parts",
        ),
        Reading(
            action,
            versions.COLUMNS,
            f"{_WHERE}, {_OF}, a.version, ordinal, item[1] AS name, a.types[ordinal + 1] AS type, item[2] AS hash",
            each="coalesce(a.manifest.columns, a.columns)",
            source=_TYPED,
        ),
    )


def _moves(action: str) -> Reading:
    """Return where an action moves pointers."""
    return Reading(
        action,
        environments.PUBLICATIONS,
        f"{_EVENT}, a.env, {_ITEM}, item.version, item.previous, a.type AS how",
        each="a.moves",
    )


def _holds(action: str, of: str, in_force: str) -> Reading:
    """Return what an action has an environment turn away, or no longer."""
    return Reading(
        action,
        environments.HOLDS,
        f"{_MOMENT}, a.env, {_ITEM}, item.code_version, coalesce(item.config_hash, '') AS config_hash, "
        f"item.because, {in_force} AS in_force",
        each=f"a.{of}",
    )


READINGS = (
    Reading(
        "run_started",
        runs.RUN_STARTS,
        f"{_EVENT}, a.env, a.selection, coalesce(a.command, '') AS command, {_STARTED}, a.snapshot, a.tree, "
        "coalesce(a.python, '') AS python, coalesce(a.packages, '{}') AS packages, "
        "coalesce(a.platform, '') AS platform, a.git_commit, a.git_dirty, "
        "coalesce(a.trigger, '') AS trigger",
    ),
    Reading(
        "run_finished",
        runs.RUN_ENDS,
        f"{_EVENT}, a.status, {_utc('a.finished_at', 'finished_at')}, a.seconds, {_COUNTS}",
    ),
    Reading(
        "materialized",
        versions.MATERIALIZATIONS,
        f"{_EVENT}, a.kind, {_IDENTITY}, a.fingerprint, a.code_version, {_STARTED}, a.seconds, a.rows, a.bytes, "
        f"a.executor, {_LAST}.number AS attempt, {_STORED}, a.recipe.config, a.recipe.token, a.tree, a.log, "
        "a.peak_memory",
    ),
    Reading(
        "materialized",
        versions.INPUTS,
        f"{_WHERE}, {_OF}, a.version, item.parameter, item.asset AS input_asset, "
        "coalesce(item.partition, '') AS input_partition, item.version AS input_version, "
        "item.data_version AS input_data_version, coalesce(item.form, 'any') AS form, "
        "list_transform(item.columns, lambda pair: pair[1]) AS columns",
        each="a.recipe.inputs",
    ),
    Reading(
        "materialized",
        versions.INPUTS,
        f"{_WHERE}, {_OF}, a.version, split_part(item[1], '|', 1) AS input_asset, "
        "split_part(item[1], '|', 2) AS input_partition, item[2] AS input_data_version",
        each="a.recipe.deps",
    ),
    *_of_artifact("materialized"),
    Reading(
        "materialized",
        versions.METADATA,
        f"{_EVENT}, {_OF}, a.version, item.key AS name, coalesce(item.value, 'null') AS value, "
        f"if({_IS_NUMBER}, TRY_CAST(item.value AS DOUBLE), NULL) AS number",
        each="map_entries(a.metadata)",
    ),
    Reading(
        "source_observed",
        versions.MATERIALIZATIONS,
        f"{_EVENT}, if(a.remote IS NULL, 'source', 'external') AS kind, {_IDENTITY}, a.fingerprint, "
        f"{_utc('a.observed_at', 'started_at')}, a.seconds, "
        f"a.rows, a.bytes, {_STORED}, a.log",
    ),
    Reading(
        "source_observed",
        versions.OBSERVATIONS,
        f"{_EVENT}, {_IDENTITY}, a.url, a.format, a.identity, len(a.files) AS files, a.rows, a.bytes, "
        f"a.manifest IS NOT NULL AS kept, {_OBSERVED}, a.seconds, a.remote.store_id AS remote_store_id, "
        "a.remote.env AS remote_env, a.remote.asset AS remote_asset, a.remote.version AS remote_version",
    ),
    Reading(
        "source_observed",
        versions.OBSERVED_FILES,
        f"{_WHERE}, a.asset, item.path, item.size, item.hash",
        each="a.files",
    ),
    *_of_artifact("source_observed"),
    Reading(
        "check_evaluated",
        versions.EVALUATIONS,
        f"{_JUDGED}, a.fingerprint, a.code_version, {_PASSED} AS passed, {_STARTED}, a.seconds",
    ),
    Reading(
        "check_evaluated",
        versions.CHECKS,
        f'{_JUDGED}, ordinal, item.name, item."column" AS column_name, item.severity, item.passed, '
        "item.failing_rows, coalesce(item.message, '') AS message",
        each="a.verdicts",
    ),
    Reading(
        "failed",
        runs.FAILURES,
        f'{_EVENT}, a.env, {_OF}, a.fingerprint, a."check" AS check_name, {_LAST}.error AS error, '
        f"{_LAST}.message AS message, {_LAST}.traceback AS traceback, len(a.attempts) AS attempts, "
        f"{_utc(f'{_LAST}.started_at', 'started_at')}, {_LAST}.seconds AS seconds, a.log",
    ),
    Reading("skipped", runs.SKIPS, f"{_EVENT}, {_OF}, a.reason, a.because"),
    Reading(
        "published",
        environments.PUBLICATIONS,
        f"{_EVENT}, a.env, {_OF}, a.version, a.previous, 'published' AS how",
    ),
    *(_moves(action) for action in MOVING),
    *(_holds(action, *held) for action in MOVING for held in (("holds", "true"), ("lifts", "false"))),
    Reading("pinned", environments.PINS, f"{_MOMENT}, a.env, {_ITEM}, item.version", each="a.moves"),
    Reading("unpinned", environments.PINS, f"{_MOMENT}, a.env, {_OF}, NULL AS version"),
    Reading(
        "notified",
        environments.NOTIFICATIONS,
        f"{_MOMENT}, a.env, {_ITEM}, item.matter, item.event, a.phase",
        each="a.notices",
    ),
    Reading("accepted", environments.ACCEPTANCES, f"{_MOMENT}, a.env, item AS fingerprint", each="a.checks"),
    Reading("environment_created", environments.ENVIRONMENTS, f"{_MOMENT}, a.env, a.origin, true AS exists"),
    Reading(
        "environment_deleted",
        environments.ENVIRONMENTS,
        f"{_MOMENT}, a.env, NULL AS origin, false AS exists",
    ),
    Reading(
        "superseded",
        runs.SUPERSESSIONS,
        f'{_EVENT}, a.env, {_OF}, a.version, a."by" AS by_version, a.reason',
    ),
    Reading("held_back", runs.HELD_BACK, f"{_EVENT}, a.env, {_OF}, a.version, a.because, a.reason"),
    Reading(
        "forgotten",
        versions.FORGETTINGS,
        f"{_MOMENT}, {_ITEM}, item.version, item.data_version, a.reason",
        each="a.versions",
    ),
    Reading("forgotten", versions.FORGOTTEN_OBJECTS, f"{_WHERE}, item AS object", each="a.objects"),
    Reading(
        "partition_added", runs.PARTITION_KEYS, f"{_MOMENT}, a.name, ordinal, item AS key", each="a.keys"
    ),
    Reading("probe_answered", runs.PROBES, f"{_EVENT}, a.env, {_OF}, a.answer, a.shown, a.seconds"),
    Reading("effect_started", runs.EFFECTS, f"{_EVENT}, a.env, {_OF}, a.fingerprint, {_STARTED}"),
)
