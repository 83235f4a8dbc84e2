"""Owns exporting data to a file that other programs read: csv, parquet, json, arrow, or whatever kind the data are."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from assetflow.errors import UsageError
from assetflow.frames.content import Content, open_file
from assetflow.frames.forms import ANY
from assetflow.frames.hand_out import hand_out
from assetflow.operate.references import find_version, split_reference
from assetflow.operate.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

TABLE_SUFFIXES = (".csv", ".parquet", ".json", ".jsonl", ".arrow")


def export(workspace: Workspace, reference: str, target: Path, *, overwrite: bool = False) -> Path:
    """Write the data of ``key[@reference]`` to ``target`` and return its path.

    Tables go by the suffix: .csv, .parquet, .json (one array), .jsonl (a line a row), .arrow. A folder's files go into
    the folder ``target``.

    Raises:
        UsageError: the target exists, or its suffix says nothing that fits.
    """
    key, at = split_reference(reference)
    with workspace.ledger.session() as session:
        recorded = find_version(session, key, at, workspace.env)
    content = workspace.loader.content(recorded.action)
    if target.exists() and not overwrite:
        raise UsageError(f"{target} exists", hint="choose another name, or say --overwrite")
    if content.kind == "files":
        _copy_files(content, target)
        return target
    partial = target.with_name(f".{target.name}.partial")
    try:
        with partial.open("wb") as file:
            _write(content, target, file)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _write(content: Content, target: Path, file: BinaryIO) -> None:
    if content.kind == "table":
        _write_table(content.data, target, file)
    elif content.kind == "value":
        import json

        file.write(
            json.dumps(_plain(hand_out(content, ANY, scratch=None)), indent=2, default=str).encode() + b"\n"
        )
    elif content.kind == "numpy":
        import numpy as np

        np.save(file, content.data, allow_pickle=False)
    else:
        file.write(content.data.encode() if isinstance(content.data, str) else content.data)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value


def _write_table(table: pa.Table, target: Path, file: BinaryIO) -> None:
    suffix = target.suffix.lower()
    if suffix == ".parquet":
        import pyarrow.parquet as pq

        pq.write_table(table, file, compression="zstd")
    elif suffix == ".arrow":
        import pyarrow as pa

        with pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    elif suffix in (".csv", ".json", ".jsonl"):
        _write_with_duckdb(table, suffix, file)
    else:
        raise UsageError(
            f"{target.name}: a table cannot be written as {suffix or 'a file without suffix'}",
            hint=f"use one of {', '.join(TABLE_SUFFIXES)}",
        )


def _write_with_duckdb(table: pa.Table, suffix: str, file: BinaryIO) -> None:
    """Write text formats with DuckDB, which knows nested columns in all of them."""
    import tempfile

    import duckdb

    options = {".csv": "FORMAT csv, HEADER", ".json": "FORMAT json, ARRAY true", ".jsonl": "FORMAT json"}[
        suffix
    ]
    with tempfile.TemporaryDirectory(prefix="assetflow-get-") as folder, duckdb.connect() as connection:
        written = Path(folder, "table")
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("exported", table)
        connection.execute(f"COPY exported TO '{written}' ({options})")
        with written.open("rb") as source:
            shutil.copyfileobj(source, file)


def _copy_files(content: Content, target: Path) -> None:
    paths = content.data.paths
    if content.format == "file":
        with open_file(paths[0][1]) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
        return
    for path, place in paths:
        written = target / path
        written.parent.mkdir(parents=True, exist_ok=True)
        with open_file(place) as source, written.open("wb") as file:
            shutil.copyfileobj(source, file)
