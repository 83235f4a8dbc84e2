"""Owns writing a DuckDB file for other programs: views over Parquet files, and tables. Knows nothing of assets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetflow.errors import DataError, UsageError
from assetflow.frames.parted import PartedTable
from assetflow.frames.sql_quotes import identifier, literal
from assetflow.frames.table_files import batches_of

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection


class DuckDbFile:
    """A DuckDB file that is being written."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection

    def add_view(self, name: str, files: Sequence[Path], empty: pa.Table, comment: str) -> None:
        """Make a view over Parquet files, with the columns and types of ``empty``."""
        from assetflow.frames.duckdb_door import files_to_relation

        files_to_relation(files, "parquet", empty, self._connection, name)
        self._connection.execute(f"COMMENT ON VIEW {identifier(name)} IS {literal(comment)}")

    def add_table(self, name: str, table: pa.Table | PartedTable, comment: str) -> None:
        """Make a table with these rows; raise DataError for a type that DuckDB does not have."""
        import duckdb

        try:
            self._connection.register("exported now", batches_of(table, list(table.schema.names)))
            self._connection.execute(f'CREATE TABLE {identifier(name)} AS FROM "exported now"')
        except duckdb.Error as error:
            raise DataError(f"{name} cannot be written as a table of DuckDB: {error}") from error
        finally:
            self._connection.unregister("exported now")
        self._connection.execute(f"COMMENT ON TABLE {identifier(name)} IS {literal(comment)}")

    def add_rows(self, name: str, rows: Sequence[dict[str, Any]], comment: str) -> None:
        """Make a table in the schema ``assetflow``, apart from all others."""
        import pyarrow as pa

        self._connection.execute("CREATE SCHEMA assetflow")
        self._connection.execute("SET schema = 'assetflow'")
        self.add_table(name, pa.Table.from_pylist(list(rows)), comment)
        self._connection.execute("SET schema = 'main'")


@contextmanager
def new_duckdb_file(target: Path, *, overwrite: bool) -> Iterator[DuckDbFile]:
    """Give a new file, which is at ``target`` when all went well, and nowhere when not.

    Raises:
        UsageError: there is such a file already, or it cannot be written.
    """
    import duckdb

    if target.is_dir() or (target.exists() and not overwrite):
        hint = "choose another name" if target.is_dir() else "choose another name, or say --overwrite"
        raise UsageError(f"{target} exists", hint=hint)
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent}", hint="make it, or choose another")
    partial = target.with_name(f".{target.name}.partial")
    left = (partial, partial.with_name(f"{partial.name}.wal"))
    try:
        _remove(left)
        connection = duckdb.connect(str(partial))
        try:
            connection.execute("SET enable_progress_bar = false")  # on stdout, among the results
            connection.execute("SET TimeZone = 'UTC'")
            yield DuckDbFile(connection)
        finally:
            connection.close()
        partial.replace(target)
    except (OSError, duckdb.IOException) as error:
        raise UsageError(f"{target} cannot be written: {error}", hint="choose another place") from error
    finally:
        with suppress(OSError):
            _remove(left)


def _remove(files: Sequence[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
