"""Owns the tables that tell of environments: where their pointers went, and what people did to them by hand."""

from __future__ import annotations

from assetflow.ledger.columns import ASSET, ENV, EVENT, MOMENT, PARTITION
from assetflow.ledger.schema import Column, Table

PUBLICATIONS = Table(
    "publications",
    "Every move of an environment's pointer",
    (
        *EVENT,
        ENV,
        ASSET,
        PARTITION,
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
        *MOMENT,
        ENV,
        ASSET,
        PARTITION,
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
        *MOMENT,
        ENV,
        ASSET,
        PARTITION,
        Column("version", "VARCHAR", "the version that it is pinned at, null where it is no longer"),
    ),
)

ACCEPTANCES = Table(
    "acceptances",
    "Evaluations of checks that somebody accepted: they block no longer in that environment",
    (
        *MOMENT,
        ENV,
        Column("fingerprint", "VARCHAR", "fingerprint of the evaluation"),
    ),
)

ENVIRONMENTS = Table(
    "environments",
    "Environments that were created or deleted by command; others begin with their first publication",
    (
        *MOMENT,
        ENV,
        Column("origin", "VARCHAR", "the environment whose pointers it began with, null for none"),
        Column("exists", "BOOLEAN", "false where it was deleted"),
    ),
)

NOTIFICATIONS = Table(
    "notifications",
    "Changes of state that somebody was to be told of",
    (
        *MOMENT,
        ENV,
        ASSET,
        PARTITION,
        Column(
            "matter", "VARCHAR", "outcome: whether it is made and passes its checks; age: whether it is late"
        ),
        Column("event", "VARCHAR", "failed, rejected, late or recovered"),
        Column("phase", "VARCHAR", "telling before it is tried; told, or failed after"),
    ),
)
