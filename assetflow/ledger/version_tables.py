"""Owns the tables that tell of versions: what they are, what they were made from, how checks judged them."""

from __future__ import annotations

from assetflow.ledger.columns import (
    ASSET,
    BYTES,
    CHECK_NAME,
    DATA_VERSION,
    EVENT,
    FINGERPRINT,
    IDENTITY,
    LOG,
    MOMENT,
    ORDINAL,
    PARTITION,
    ROWS,
    SECONDS,
    STARTED,
    VERSION,
    WHERE,
)
from assetflow.ledger.schema import Column, Table

MATERIALIZATIONS = Table(
    "materializations",
    "Every record that a fingerprint gave a data version; observations too (kinds 'source', 'external')",
    (
        *EVENT,
        Column("kind", "VARCHAR", "kind of the asset: source, external, python, sql, effect"),
        *IDENTITY,
        FINGERPRINT,
        Column("code_version", "VARCHAR", "hash of the code's meaning, null for sources"),
        STARTED,
        SECONDS,
        ROWS,
        BYTES,
        Column("executor", "VARCHAR", "what ran it, null for sources"),
        Column("attempt", "BIGINT", "number of the attempt that succeeded, null for sources"),
        Column("content", "VARCHAR", "kind of the artifact (table, value, ...), null where nothing is kept"),
        Column("format", "VARCHAR", "format of the artifact, null where nothing is kept"),
        Column("config", "VARCHAR", "the configuration's value, JSON"),
        Column("token", "VARCHAR", "refresh token"),
        Column("tree", "VARCHAR", "object in the store that lists the project's code"),
        LOG,
        Column(
            "peak_memory",
            "BIGINT",
            "most bytes that its process held meanwhile, null where it had none of its own",
        ),
    ),
)

INPUTS = Table(
    "inputs",
    "What each materialization was made from",
    (
        *WHERE,
        ASSET,
        PARTITION,
        VERSION,
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
        *WHERE,
        ASSET,
        PARTITION,
        VERSION,
        ORDINAL,
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
        *WHERE,
        ASSET,
        PARTITION,
        DATA_VERSION,
        Column("role", "VARCHAR", "part, or manifest where the list of parts is itself an object"),
        ORDINAL,
        Column("object", "VARCHAR", "name of the object in the store"),
        Column("format", "VARCHAR", "format of the artifact"),
        Column("part_version", "VARCHAR", "hash of the rows of this part, '' for what is no table"),
        ROWS,
        BYTES,
        Column("path", "VARCHAR", "relative path of the file, for folders"),
    ),
)

METADATA = Table(
    "metadata",
    "What assets recorded with context.record",
    (
        *EVENT,
        ASSET,
        PARTITION,
        VERSION,
        Column("name", "VARCHAR", "name of the value"),
        Column("value", "VARCHAR", "the value, JSON"),
        Column("number", "DOUBLE", "the value where it is a number"),
    ),
)

OBSERVATIONS = Table(
    "observations",
    "Every observation of a source, or of another project's asset",
    (
        *EVENT,
        *IDENTITY,
        Column("url", "VARCHAR", "where the source lies"),
        Column("format", "VARCHAR", "how it is read"),
        Column("identity", "VARCHAR", "what its data version hashes: bytes or content"),
        Column("files", "BIGINT", "number of files"),
        ROWS,
        BYTES,
        Column("kept", "BOOLEAN", "whether the store keeps it"),
        Column("observed_at", "TIMESTAMP", "when it was read, UTC"),
        SECONDS,
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
        *WHERE,
        ASSET,
        Column("path", "VARCHAR", "path relative to the root of the source"),
        Column("size", "BIGINT", "size in bytes"),
        Column("hash", "VARCHAR", "hash of the bytes"),
    ),
)

EVALUATIONS = Table(
    "evaluations",
    "Every evaluation of a check; its verdicts are in checks",
    (
        *EVENT,
        *IDENTITY,
        CHECK_NAME,
        Column("fingerprint", "VARCHAR", "hash of the check's code, arguments and all that it read"),
        Column("code_version", "VARCHAR", "hash of the check's code"),
        Column("passed", "BOOLEAN", "whether none of its verdicts blocks publication"),
        STARTED,
        SECONDS,
    ),
)

CHECKS = Table(
    "checks",
    "Every verdict of every check",
    (
        *EVENT,
        *IDENTITY,
        CHECK_NAME,
        ORDINAL,
        Column("name", "VARCHAR", "name of the verdict; a schema gives several"),
        Column("column_name", "VARCHAR", "the column that was judged, null for the whole"),
        Column("severity", "VARCHAR", "error (blocks publication) or warn"),
        Column("passed", "BOOLEAN", "whether it passed"),
        Column("failing_rows", "BIGINT", "number of failing rows, null where they are not counted"),
        Column("message", "VARCHAR", "what was found"),
    ),
)

FORGETTINGS = Table(
    "forgettings",
    "Versions whose data are no longer kept; see the view forgotten",
    (
        *MOMENT,
        *IDENTITY,
        Column("reason", "VARCHAR", "the command that forgot them: gc or forget"),
    ),
)

FORGOTTEN_OBJECTS = Table(
    "forgotten_objects",
    "Objects that nothing needs any more: no later commit names them, and they are deleted",
    (*WHERE, Column("object", "VARCHAR", "name of the object in the store")),
)
