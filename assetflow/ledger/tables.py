"""Owns the list of the ledger's tables, the audit's public schema (docs/ledger.md), and those of the log itself.

All tables are only ever appended to: a row says what one action of one commit said. Whatever changes as the
log grows (which version is current, how a run stands) is a view. So a ledger that was kept up to date
equals one made anew.
"""

from __future__ import annotations

from assetflow.ledger.columns import WHERE
from assetflow.ledger.environment_tables import (
    ACCEPTANCES,
    ENVIRONMENTS,
    HOLDS,
    NOTIFICATIONS,
    PINS,
    PUBLICATIONS,
)
from assetflow.ledger.run_tables import (
    EFFECTS,
    FAILURES,
    HELD_BACK,
    PARTITION_KEYS,
    PROBES,
    RUN_ENDS,
    RUN_STARTS,
    SKIPS,
    SUPERSESSIONS,
)
from assetflow.ledger.schema import Column, Table
from assetflow.ledger.version_tables import (
    CHECKS,
    COLUMNS,
    EVALUATIONS,
    FORGETTINGS,
    FORGOTTEN_OBJECTS,
    INPUTS,
    MATERIALIZATIONS,
    METADATA,
    OBSERVATIONS,
    OBSERVED_FILES,
    PARTS,
)

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
        *WHERE,
        Column("type", "VARCHAR", "type of the action"),
        Column("body", "VARCHAR", "the action, JSON text"),
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
    NOTIFICATIONS,
    SUPERSESSIONS,
    HELD_BACK,
    FORGETTINGS,
    FORGOTTEN_OBJECTS,
    FAILURES,
    SKIPS,
    EFFECTS,
    PROBES,
    PARTITION_KEYS,
    OBSERVATIONS,
    OBSERVED_FILES,
    METADATA,
    STATE,
)
