"""Owns the database in which a person's query runs: a copy of the ledger, views of assets, and no way out.

Knows nothing of SQL texts (``statement``) or of how assets are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetflow.frames.sql_quotes import identifier, literal
from assetflow.ledger.schema import SCHEMA

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from assetflow.ledger.part_files import Buffer


@dataclass(frozen=True)
class AssetView:
    """How a query sees one asset: as Parquet ``parts`` (functions that return bytes), or as a ``table``.

    ``table`` returns anything that DuckDB can register: an Arrow table or dataset. Nothing is called before a
    query names the asset.
    """

    parts: Sequence[Callable[[], Buffer]] = ()
    table: Callable[[], Any] | None = None


def open_sandbox(copy: Path) -> DuckDBPyConnection:
    """Return a database in memory that sees the ledger's ``copy``; temporary files go beside it."""
    import duckdb

    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_persistent_secrets": False,
            "python_enable_replacements": False,
            "temp_directory": str(copy.with_name("spilled")),
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")  # on stdout, after two seconds, among the results
    connection.execute(f"ATTACH {literal(str(copy))} AS ledger (READ_ONLY)")
    # Assets win over the ledger's tables, which `assetflow.runs` names for sure.
    connection.execute(f"SET search_path = 'memory.main,ledger.{SCHEMA}'")
    return connection


def lock_in(connection: DuckDBPyConnection, views: Mapping[str, AssetView]) -> None:
    """Make ``views`` by their names, then shut everything else out: files, extensions, network, settings."""
    from assetflow.frames.duckdb_door import arrow_to_relation
    from assetflow.ledger.part_files import PREFIX, PartFiles

    buffers: list[Buffer] = []
    statements = []
    for key, view in views.items():
        if view.table is not None:
            arrow_to_relation(view.table(), connection, key)
            continue
        first = len(buffers)
        buffers += [read() for read in view.parts]
        names = ", ".join(literal(f"{PREFIX}{number}") for number in range(first, len(buffers)))
        statements.append(
            f"CREATE VIEW {identifier(key)} AS FROM read_parquet([{names}], hive_partitioning = false)"
        )
    if buffers:
        connection.register_filesystem(PartFiles(buffers))
    for statement in statements:
        connection.execute(statement)
    allowed = ", ".join(literal(f"{PREFIX}{number}") for number in range(len(buffers)))
    connection.execute(f"SET allowed_paths = [{allowed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
