"""Owns a person's SQL over a project: the ledger's tables, and every published asset of the environment by its key."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetflow.errors import DamagedError
from assetflow.execution.loading import TABLE_FORMATS, damaged
from assetflow.ledger.query import run_query
from assetflow.ledger.records import Recorded
from assetflow.ledger.sandbox import AssetView
from assetflow.model.versions import Materialized
from assetflow.operate.workspace import Workspace
from assetflow.storage import artifacts

if TYPE_CHECKING:
    import pyarrow as pa


def query(workspace: Workspace, sql: str) -> pa.Table:
    """Return the rows of one SELECT or EXPLAIN as a ``pyarrow.Table``.

    Nobody waits for it: it runs on a private copy of the ledger and on the parts that were published when it began.

    Raises:
        QueryError: the statement is refused, or DuckDB cannot run it.
    """
    with tempfile.TemporaryDirectory(prefix="assetflow-sql-") as folder:
        copy = Path(folder) / "ledger.duckdb"
        with workspace.ledger.session() as session:
            session.copy_to(copy)
            partitioned = session.partitioned_assets(workspace.env)
            pointers = session.whole_pointers(workspace.env).values()
            versions = session.versions({pointer.version for pointer in pointers})
        views = {
            recorded.asset: view
            for recorded in versions.values()
            if (view := _view(workspace, recorded)) is not None
        }
        untabled = {recorded.asset for recorded in versions.values()} - views.keys()
        views |= {asset: _view_of_partitions(workspace, asset) for asset in partitioned}
        return run_query(sql, copy, views, untabled)


def _view_of_partitions(workspace: Workspace, asset: str) -> AssetView:
    """Return how a query sees an asset with partitions: all of them as one table, read when a query names it."""

    def table() -> Any:
        with workspace.ledger.session() as session:
            pointers = session.pointers_of(workspace.env, asset)
            versions = session.versions({pointer.version for pointer in pointers})
        actions = [versions[pointer.version].action for pointer in pointers]
        return workspace.loader.together(actions).data

    return AssetView(table=table)


def _view(workspace: Workspace, recorded: Recorded) -> AssetView | None:
    """Return how a query sees a published version; None for what is no table and no plain value."""
    action = recorded.action
    if not isinstance(action, Materialized):
        tabular = action.format in TABLE_FORMATS or (action.remote is not None and action.rows is not None)
        return AssetView(table=lambda: workspace.loader.content(action).data) if tabular else None
    manifest = action.manifest
    if manifest is None or manifest.kind != "table":
        return None
    resolved = artifacts.resolve(manifest, workspace.store.objects)
    if manifest.format == "parquet" and resolved.parts:
        return AssetView(parts=[_reader(workspace, recorded, part.object) for part in resolved.parts])
    return AssetView(table=lambda: workspace.loader.content(action).data)


def _reader(workspace: Workspace, recorded: Recorded, name: str) -> Callable[[], Any]:
    def read() -> Any:
        try:
            return workspace.store.objects.read(name)
        except DamagedError as error:
            workspace.damage.note(error.objects)
            raise damaged(recorded.asset, recorded.version, error) from error

    return read
