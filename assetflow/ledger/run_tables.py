"""Owns the tables that tell of runs: their beginnings and ends, and what came of the assets that got no version."""

from __future__ import annotations

from assetflow.ledger.columns import (
    ASSET,
    ENV,
    EVENT,
    FINGERPRINT,
    LOG,
    MOMENT,
    ORDINAL,
    PARTITION,
    SECONDS,
    STARTED,
    VERSION,
)
from assetflow.ledger.schema import Column, Table
from assetflow.model.states import RunState

RUN_STARTS = Table(
    "run_starts",
    "Beginnings of runs; see the view runs",
    (
        *EVENT,
        ENV,
        Column("selection", "VARCHAR", "what was selected"),
        Column("command", "VARCHAR", "the command line or call"),
        STARTED,
        Column("snapshot", "BIGINT", "number of the commit that it planned on"),
        Column("tree", "VARCHAR", "object in the store that lists the project's code"),
        Column("python", "VARCHAR", "version of Python"),
        Column("packages", "VARCHAR", "names and versions of installed packages, JSON"),
        Column("platform", "VARCHAR", "operating system, its release, and the machine's architecture"),
        Column("git_commit", "VARCHAR", "commit that the project's folder was at, null without git"),
        Column("git_dirty", "BOOLEAN", "whether files in it differed from that commit, null without git"),
        Column("trigger", "VARCHAR", "tick where `assetflow tick` began it, '' where a person did"),
    ),
)

RUN_ENDS = Table(
    "run_ends",
    "Ends of runs; see the view runs",
    (
        *EVENT,
        Column("status", "VARCHAR", "succeeded, failed or cancelled"),
        Column("finished_at", "TIMESTAMP", "when it ended, UTC"),
        SECONDS,
        *(Column(state.value, "BIGINT", f"number of assets that were {state.value}") for state in RunState),
    ),
)

EFFECTS = Table(
    "effects",
    "Beginnings of effects: one without a materialization or failure after it may have run",
    (*EVENT, ENV, ASSET, PARTITION, FINGERPRINT, STARTED),
)

FAILURES = Table(
    "failures",
    "Every asset or check that raised in its last attempt",
    (
        *EVENT,
        ENV,
        ASSET,
        PARTITION,
        FINGERPRINT,
        Column("check_name", "VARCHAR", "the check that raised, null for the asset itself"),
        Column("error", "VARCHAR", "class of the exception"),
        Column("message", "VARCHAR", "its message"),
        Column("traceback", "VARCHAR", "its traceback"),
        Column("attempts", "BIGINT", "number of attempts"),
        Column("started_at", "TIMESTAMP", "when the last attempt began, UTC"),
        Column("seconds", "DOUBLE", "how long the last attempt took"),
        LOG,
    ),
)

SKIPS = Table(
    "skips",
    "Assets that a run did not try",
    (
        *EVENT,
        ASSET,
        PARTITION,
        Column("reason", "VARCHAR", "why"),
        Column("because", "VARCHAR", "the asset upstream that is the cause"),
    ),
)

SUPERSESSIONS = Table(
    "supersessions",
    "Versions that lost to another run's and were not published",
    (
        *EVENT,
        ENV,
        ASSET,
        PARTITION,
        VERSION,
        Column("by_version", "VARCHAR", "the version that won"),
        Column("reason", "VARCHAR", "why"),
    ),
)

HELD_BACK = Table(
    "held_back",
    "Versions that a run made and kept from readers, because they hang together with what it could not finish",
    (
        *EVENT,
        ENV,
        ASSET,
        PARTITION,
        VERSION,
        Column("because", "VARCHAR", "the asset that could not be finished"),
        Column("reason", "VARCHAR", "what is the matter with it"),
    ),
)

PARTITION_KEYS = Table(
    "partition_keys",
    "The keys of dynamic partitions, as they were added",
    (
        *MOMENT,
        Column("name", "VARCHAR", "name of the dynamic partitions"),
        ORDINAL,
        Column("key", "VARCHAR", "the key"),
    ),
)

PROBES = Table(
    "probes",
    "Every answer of a probe that was not the one before",
    (
        *EVENT,
        ENV,
        ASSET,
        PARTITION,
        Column("answer", "VARCHAR", "hash of the answer"),
        Column("shown", "VARCHAR", "the answer, shortened"),
        SECONDS,
    ),
)
