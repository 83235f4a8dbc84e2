"""Owns the ledger's tables: every column, and what it holds; the audit's public schema (docs/ledger.md).

All tables are only ever appended to: a row says what one action of one commit said. Whatever changes as the
log grows (which version is current, how a run stands) is a view. So a ledger that was kept up to date
equals one made anew.
"""

from __future__ import annotations

from assetflow.ledger.schema import Column, Table
from assetflow.model.states import RunState

_COMMIT_NUMBER = Column("commit_number", "BIGINT", "number of the commit that says so")
_POSITION = Column("position", "BIGINT", "place of the action in its commit, from 0")
_WHERE = (_COMMIT_NUMBER, _POSITION)
_EVENT = (
    *_WHERE,
    Column("time", "TIMESTAMP", "time of the commit, UTC"),
    Column("run_id", "VARCHAR", "the run that did it"),
)
_ENV = Column("env", "VARCHAR", "environment")
_ASSET = Column("asset", "VARCHAR", "key of the asset")
_PARTITION = Column("partition", "VARCHAR", "partition of the asset, '' where it has none")
_VERSION = Column("version", "VARCHAR", "version: hash of asset, partition, fingerprint and data version")
_DATA_VERSION = Column("data_version", "VARCHAR", "hash of the logical content")
_FINGERPRINT = Column("fingerprint", "VARCHAR", "hash of all that decided the output")
_STARTED = Column("started_at", "TIMESTAMP", "when it began, UTC")
_SECONDS = Column("seconds", "DOUBLE", "how long it took")
_ROWS = Column("rows", "BIGINT", "number of rows, null for what is no table")
_BYTES = Column("bytes", "BIGINT", "size of the stored bytes")
_LOG = Column("log", "VARCHAR", "object in the store with what was printed and logged")
_CHECK_NAME = Column("check_name", "VARCHAR", "name of the check")
_ORDINAL = Column("ordinal", "BIGINT", "place in its list, from 0")

STATE = Table(
    "state",
    "One row about this file itself; internal",
    (Column("shape", "VARCHAR", "which tables and action types this file was made for"),),
)

COMMITS = Table(
    "commits",
    "Every commit of the log",
    (
        Column("number", "BIGINT", "number of the commit, from 1 without gaps"),
        Column("id", "VARCHAR", "unique id that its writer gave it"),
        Column("time", "TIMESTAMP", "when, UTC; never earlier than the commit before"),
        Column("wall", "TIMESTAMP", "what the clock of the writer said, UTC"),
        Column("hash", "VARCHAR", "sha256 of its bytes"),
        Column("parent", "VARCHAR", "sha256 of the bytes of the commit before, '' for the first"),
        Column("run_id", "VARCHAR", "the run that wrote it, null for other commands"),
        Column("host", "VARCHAR", "machine of the writer"),
        Column("pid", "BIGINT", "process of the writer"),
        Column("user_name", "VARCHAR", "who ran the writer"),
        Column("release", "VARCHAR", "release of assetflow that wrote it"),
        Column("actions", "BIGINT", "number of its actions"),
        Column("store_id", "VARCHAR", "id of the store"),
        Column("read_only_because", "VARCHAR", "why this release may only read the store from here on"),
    ),
)

ACTIONS = Table(
    "actions",
    "Every action of every commit, as JSON",
    (
        *_WHERE,
        Column("type", "VARCHAR", "type of the action"),
        Column("body", "VARCHAR", "the action, JSON text"),
    ),
)

RUN_STARTS = Table(
    "run_starts",
    "Beginnings of runs; see the view runs",
    (
        *_EVENT,
        _ENV,
        Column("selection", "VARCHAR", "what was selected"),
        Column("command", "VARCHAR", "the command line or call"),
        _STARTED,
        Column("snapshot", "BIGINT", "number of the commit that it planned on"),
        Column("tree", "VARCHAR", "object in the store that lists the project's code"),
        Column("python", "VARCHAR", "version of Python"),
        Column("packages", "VARCHAR", "names and versions of installed packages, JSON"),
        Column("platform", "VARCHAR", "operating system, its release, and the machine's architecture"),
        Column("git_commit", "VARCHAR", "commit that the project's folder was at, null without git"),
        Column("git_dirty", "BOOLEAN", "whether files in it differed from that commit, null without git"),
    ),
)

RUN_ENDS = Table(
    "run_ends",
    "Ends of runs; see the view runs",
    (
        *_EVENT,
        Column("status", "VARCHAR", "succeeded, failed or cancelled"),
        Column("finished_at", "TIMESTAMP", "when it ended, UTC"),
        _SECONDS,
        *(Column(state.value, "BIGINT", f"number of assets that were {state.value}") for state in RunState),
    ),
)

MATERIALIZATIONS = Table(
    "materializations",
    "Every record that a fingerprint gave a data version; observations too (kinds 'source', 'external')",
    (
        *_EVENT,
        Column("kind", "VARCHAR", "kind of the asset: source, external, python, sql, effect"),
        _ASSET,
        _PARTITION,
        _VERSION,
        _DATA_VERSION,
        _FINGERPRINT,
        Column("code_version", "VARCHAR", "hash of the code's meaning, null for sources"),
        _STARTED,
        _SECONDS,
        _ROWS,
        _BYTES,
        Column("executor", "VARCHAR", "what ran it, null for sources"),
        Column("attempt", "BIGINT", "number of the attempt that succeeded, null for sources"),
        Column("content", "VARCHAR", "kind of the artifact (table, value, ...), null where nothing is kept"),
        Column("format", "VARCHAR", "format of the artifact, null where nothing is kept"),
        Column("config", "VARCHAR", "the configuration's value, JSON"),
        Column("token", "VARCHAR", "refresh token"),
        Column("tree", "VARCHAR", "object in the store that lists the project's code"),
        _LOG,
    ),
)

INPUTS = Table(
    "inputs",
    "What each materialization was made from",
    (
        *_WHERE,
        _ASSET,
        _PARTITION,
        _VERSION,
        Column(
            "parameter", "VARCHAR", "parameter that received it, null for what was only waited for (deps)"
        ),
        Column("input_asset", "VARCHAR", "key of the asset upstream"),
        Column("input_partition", "VARCHAR", "its partition"),
        Column("input_version", "VARCHAR", "its version, null where it had none, and for deps"),
        Column("input_data_version", "VARCHAR", "its data version, null where it had none"),
        Column("form", "VARCHAR", "the form that it was handed over in"),
        Column("columns", "VARCHAR[]", "the columns that were read, null for all"),
    ),
)

COLUMNS = Table(
    "columns",
    "The columns of each materialized table",
    (
        *_WHERE,
        _ASSET,
        _PARTITION,
        _VERSION,
        _ORDINAL,
        Column("name", "VARCHAR", "name of the column"),
        Column(
            "type",
            "VARCHAR",
            "canonical Arrow type, null where only a reference to the manifest is in the log",
        ),
        Column("hash", "VARCHAR", "hash of the column's content"),
    ),
)

PARTS = Table(
    "parts",
    "The stored objects that each materialization needs",
    (
        *_WHERE,
        _ASSET,
        _PARTITION,
        _DATA_VERSION,
        Column("role", "VARCHAR", "part, or manifest where the list of parts is itself an object"),
        _ORDINAL,
        Column("object", "VARCHAR", "name of the object in the store"),
        Column("format", "VARCHAR", "format of the artifact"),
        Column("part_version", "VARCHAR", "hash of the rows of this part, '' for what is no table"),
        _ROWS,
        _BYTES,
        Column("path", "VARCHAR", "relative path of the file, for folders"),
    ),
)

EVALUATIONS = Table(
    "evaluations",
    "Every evaluation of a check; its verdicts are in checks",
    (
        *_EVENT,
        _ASSET,
        _PARTITION,
        _VERSION,
        _DATA_VERSION,
        _CHECK_NAME,
        Column("fingerprint", "VARCHAR", "hash of the check's code, arguments and all that it read"),
        Column("code_version", "VARCHAR", "hash of the check's code"),
        Column("passed", "BOOLEAN", "whether none of its verdicts blocks publication"),
        _STARTED,
        _SECONDS,
    ),
)

CHECKS = Table(
    "checks",
    "Every verdict of every check",
    (
        *_EVENT,
        _ASSET,
        _PARTITION,
        _VERSION,
        _DATA_VERSION,
        _CHECK_NAME,
        _ORDINAL,
        Column("name", "VARCHAR", "name of the verdict; a schema gives several"),
        Column("column_name", "VARCHAR", "the column that was judged, null for the whole"),
        Column("severity", "VARCHAR", "error (blocks publication) or warn"),
        Column("passed", "BOOLEAN", "whether it passed"),
        Column("failing_rows", "BIGINT", "number of failing rows, null where they are not counted"),
        Column("message", "VARCHAR", "what was found"),
    ),
)

PUBLICATIONS = Table(
    "publications",
    "Every move of an environment's pointer",
    (
        *_EVENT,
        _ENV,
        _ASSET,
        _PARTITION,
        Column("version", "VARCHAR", "the version that it points at, null for none"),
        Column("previous", "VARCHAR", "the version that it replaced"),
        Column(
            "how", "VARCHAR", "published by a run, or as the action that moved it: promoted, rolled_back, ..."
        ),
    ),
)

HOLDS = Table(
    "holds",
    "What environments began to turn away, or ceased to; see the view turned_away",
    (
        *_WHERE,
        Column("time", "TIMESTAMP", "time of the commit, UTC"),
        _ENV,
        _ASSET,
        _PARTITION,
        Column("code_version", "VARCHAR", "hash of the code whose output is turned away, null for sources"),
        Column("config_hash", "VARCHAR", "hash of the config that goes with it"),
        Column("because", "VARCHAR", "promoted or rolled_back"),
        Column("in_force", "BOOLEAN", "true where it begins, false where it ends"),
    ),
)

PINS = Table(
    "pins",
    "Every time that an asset was pinned or unpinned; see the view pinned",
    (
        *_WHERE,
        Column("time", "TIMESTAMP", "time of the commit, UTC"),
        _ENV,
        _ASSET,
        _PARTITION,
        Column("version", "VARCHAR", "the version that it is pinned at, null where it is no longer"),
    ),
)

ACCEPTANCES = Table(
    "acceptances",
    "Evaluations of checks that somebody accepted: they block no longer in that environment",
    (
        *_WHERE,
        Column("time", "TIMESTAMP", "time of the commit, UTC"),
        _ENV,
        Column("fingerprint", "VARCHAR", "fingerprint of the evaluation"),
    ),
)

ENVIRONMENTS = Table(
    "environments",
    "Environments that were created or deleted by command; others begin with their first publication",
    (
        *_WHERE,
        Column("time", "TIMESTAMP", "time of the commit, UTC"),
        _ENV,
        Column("origin", "VARCHAR", "the environment whose pointers it began with, null for none"),
        Column("exists", "BOOLEAN", "false where it was deleted"),
    ),
)

SUPERSESSIONS = Table(
    "supersessions",
    "Versions that lost to another run's and were not published",
    (
        *_EVENT,
        _ENV,
        _ASSET,
        _PARTITION,
        _VERSION,
        Column("by_version", "VARCHAR", "the version that won"),
        Column("reason", "VARCHAR", "why"),
    ),
)

HELD_BACK = Table(
    "held_back",
    "Versions that a run made and kept from readers, because they hang together with what it could not finish",
    (
        *_EVENT,
        _ENV,
        _ASSET,
        _PARTITION,
        _VERSION,
        Column("because", "VARCHAR", "the asset that could not be finished"),
        Column("reason", "VARCHAR", "what is the matter with it"),
    ),
)

FORGETTINGS = Table(
    "forgettings",
    "Versions whose data are no longer kept; see the view forgotten",
    (
        *_WHERE,
        Column("time", "TIMESTAMP", "time of the commit, UTC"),
        _ASSET,
        _PARTITION,
        _VERSION,
        _DATA_VERSION,
        Column("reason", "VARCHAR", "the command that forgot them: gc or forget"),
    ),
)

FORGOTTEN_OBJECTS = Table(
    "forgotten_objects",
    "Objects that nothing needs any more: no later commit names them, and they are deleted",
    (*_WHERE, Column("object", "VARCHAR", "name of the object in the store")),
)

FAILURES = Table(
    "failures",
    "Every asset or check that raised in its last attempt",
    (
        *_EVENT,
        _ENV,
        _ASSET,
        _PARTITION,
        _FINGERPRINT,
        Column("check_name", "VARCHAR", "the check that raised, null for the asset itself"),
        Column("error", "VARCHAR", "class of the exception"),
        Column("message", "VARCHAR", "its message"),
        Column("traceback", "VARCHAR", "its traceback"),
        Column("attempts", "BIGINT", "number of attempts"),
        Column("started_at", "TIMESTAMP", "when the last attempt began, UTC"),
        Column("seconds", "DOUBLE", "how long the last attempt took"),
        _LOG,
    ),
)

SKIPS = Table(
    "skips",
    "Assets that a run did not try",
    (
        *_EVENT,
        _ASSET,
        _PARTITION,
        Column("reason", "VARCHAR", "why"),
        Column("because", "VARCHAR", "the asset upstream that is the cause"),
    ),
)

EFFECTS = Table(
    "effects",
    "Beginnings of effects: one without a materialization or failure after it may have run",
    (*_EVENT, _ENV, _ASSET, _PARTITION, _FINGERPRINT, _STARTED),
)

OBSERVATIONS = Table(
    "observations",
    "Every observation of a source, or of another project's asset",
    (
        *_EVENT,
        _ASSET,
        _PARTITION,
        _VERSION,
        _DATA_VERSION,
        Column("url", "VARCHAR", "where the source lies"),
        Column("format", "VARCHAR", "how it is read"),
        Column("identity", "VARCHAR", "what its data version hashes: bytes or content"),
        Column("files", "BIGINT", "number of files"),
        _ROWS,
        _BYTES,
        Column("kept", "BOOLEAN", "whether the store keeps it"),
        Column("observed_at", "TIMESTAMP", "when it was read, UTC"),
        _SECONDS,
        Column("remote_store_id", "VARCHAR", "of another project's asset: id of the store that it is in"),
        Column("remote_env", "VARCHAR", "the environment there that published it"),
        Column("remote_asset", "VARCHAR", "its key there"),
        Column("remote_version", "VARCHAR", "its version there"),
    ),
)

OBSERVED_FILES = Table(
    "observed_files",
    "The files of each observation",
    (
        *_WHERE,
        _ASSET,
        Column("path", "VARCHAR", "path relative to the root of the source"),
        Column("size", "BIGINT", "size in bytes"),
        Column("hash", "VARCHAR", "hash of the bytes"),
    ),
)

METADATA = Table(
    "metadata",
    "What assets recorded with context.record",
    (
        *_EVENT,
        _ASSET,
        _PARTITION,
        _VERSION,
        Column("name", "VARCHAR", "name of the value"),
        Column("value", "VARCHAR", "the value, JSON"),
        Column("number", "DOUBLE", "the value where it is a number"),
    ),
)

TABLES = (
    COMMITS,
    ACTIONS,
    RUN_STARTS,
    RUN_ENDS,
    MATERIALIZATIONS,
    INPUTS,
    COLUMNS,
    PARTS,
    EVALUATIONS,
    CHECKS,
    PUBLICATIONS,
    HOLDS,
    PINS,
    ACCEPTANCES,
    ENVIRONMENTS,
    SUPERSESSIONS,
    HELD_BACK,
    FORGETTINGS,
    FORGOTTEN_OBJECTS,
    FAILURES,
    SKIPS,
    EFFECTS,
    OBSERVATIONS,
    OBSERVED_FILES,
    METADATA,
    STATE,
)
