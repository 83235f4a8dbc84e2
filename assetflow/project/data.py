"""Owns, of the public facade, what gives data out: loading, snapshots, SQL, files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetflow.keys import name_of
from assetflow.project.opened import Opened

if TYPE_CHECKING:
    import pyarrow as pa

    from assetflow.model.verdicts import Verdict
    from assetflow.operate.environment_export import ExportedEnvironment
    from assetflow.operate.materialization import Materialization
    from assetflow.operate.reading import Snapshot


class Data(Opened):
    """Part of ``Project``: what gives data out: loading, snapshots, SQL, files."""

    def load(
        self,
        key: str,
        as_type: Any = None,
        *,
        version: str | None = None,
        at: int | str | datetime | None = None,
        env: str | None = None,
        partition: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> Any:
        """Return the data of ``key``: what the environment publishes, or another version.

        A file or folder comes as the path of a temporary copy, to change as you like, which is removed when the process
        ends; ``get`` writes one to a place of your own.

        Args:
            key: the asset.
            as_type: the form: a class such as ``pandas.DataFrame`` or ``polars.LazyFrame``, a model to decode into,
                or a form's name; None for what is stored (a table comes as ``pyarrow.Table``).
            version: the beginning of a version's id, or ``HEAD~1``.
            at: what was published then: a commit's number, a time, a date.
            env: another environment.
            partition: the key of one partition; without it, an asset with partitions comes as one table of all of
                them (with ``as_type=dict``, as a dict by their keys).
            columns: only these columns of a table.

        Raises:
            UnknownNameError: there is no such version.
            DamagedError: stored bytes are missing or not what was recorded.
        """
        from assetflow.operate.reading import load

        wanted = tuple(columns) if columns is not None else None
        return load(self._in(env), key, as_type, version=version, at=at, partition=partition, columns=wanted)

    def snapshot(self, *, env: str | None = None, at: int | str | datetime | None = None) -> Snapshot:
        """Return a view of what is published now (or ``at`` a time) that does not move with later commits."""
        from assetflow.operate.reading import Snapshot

        return Snapshot(self._in(env), at)

    def current(self, key: str, *, partition: str = "") -> Materialization:
        """Return the record of the version of ``key`` that is published; raise UnknownNameError when there is none."""
        from assetflow.operate import records

        return records.version_details(self._workspace, name_of(key, partition), self._in).materialization

    def sql(self, query: str) -> pa.Table:
        """Return the rows of a SELECT over the ledger's tables and every published asset, by its key.

        Raises:
            QueryError: the statement is refused, or DuckDB cannot run it.
        """
        from assetflow.operate.query import query as run

        return run(self._workspace, query)

    def failing_rows(self, verdict: Verdict) -> pa.Table | None:
        """Return the first 1,000 failing rows of a verdict, or None where there are none."""
        from assetflow.operate import records

        return records.failing_rows(self._workspace, verdict)

    def get(
        self,
        reference: str,
        target: str | Path,
        *,
        table_format: str | None = None,
        overwrite: bool = False,
    ) -> Path:
        """Write the data of ``key[@reference]`` to a file: csv, parquet, json, jsonl, arrow, by its suffix.

        ``table_format``: what a table is written as, whatever the file is called.

        Raises:
            UsageError: the file exists, cannot be written, or has a suffix that does not fit the data.
            DataError: the data cannot be said in this format.
        """
        from assetflow.operate.export import export

        return export(
            self._workspace,
            reference,
            Path(target),
            self._in,
            table_format=table_format,
            overwrite=overwrite,
        )

    def export_environment(
        self, target: str | Path, *, overwrite: bool = False, copy: bool = False
    ) -> ExportedEnvironment:
        """Write a DuckDB file with all that the environment publishes now: a view for each table, by its key.

        ``copy``: write the rows themselves, so that the file needs the store no more.

        Raises:
            UsageError: the file exists or cannot be written, or views cannot name the store's files.
            DamagedError: stored bytes are missing.
        """
        from assetflow.operate.environment_export import export_environment

        return export_environment(self._workspace, Path(target), overwrite=overwrite, copy=copy)
