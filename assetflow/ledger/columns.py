"""Owns the columns that several of the ledger's tables have."""

from __future__ import annotations

from assetflow.ledger.schema import Column

WHERE = (
    Column("commit_number", "BIGINT", "number of the commit that says so"),
    Column("position", "BIGINT", "place of the action in its commit, from 0"),
)
MOMENT = (*WHERE, Column("time", "TIMESTAMP", "time of the commit, UTC"))
EVENT = (*MOMENT, Column("run_id", "VARCHAR", "the run that did it"))
ENV = Column("env", "VARCHAR", "environment")
ASSET = Column("asset", "VARCHAR", "key of the asset")
PARTITION = Column("partition", "VARCHAR", "partition of the asset, '' where it has none")
VERSION = Column("version", "VARCHAR", "version: hash of asset, partition, fingerprint and data version")
DATA_VERSION = Column("data_version", "VARCHAR", "hash of the logical content")
IDENTITY = (ASSET, PARTITION, VERSION, DATA_VERSION)
FINGERPRINT = Column("fingerprint", "VARCHAR", "hash of all that decided the output")
STARTED = Column("started_at", "TIMESTAMP", "when it began, UTC")
SECONDS = Column("seconds", "DOUBLE", "how long it took")
ROWS = Column("rows", "BIGINT", "number of rows, null for what is no table")
BYTES = Column("bytes", "BIGINT", "size of the stored bytes")
LOG = Column("log", "VARCHAR", "object in the store with what was printed and logged")
CHECK_NAME = Column("check_name", "VARCHAR", "name of the check")
ORDINAL = Column("ordinal", "BIGINT", "place in its list, from 0")
