"""Owns exporting data to a file that other programs read: csv, parquet, json, arrow, or whatever kind the data are."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from assetflow.errors import UsageError
from assetflow.frames.content import Content, open_file
from assetflow.frames.forms import ANY
from assetflow.frames.hand_out import hand_out
from assetflow.operate.references import Opened, find_version, opened_for
from assetflow.operate.table_export import TABLE_SUFFIXES, write_table
from assetflow.operate.workspace import Workspace

# What a file of this kind of data may be called; of kinds that are not here, anything.
_SUFFIXES = {"table": TABLE_SUFFIXES, "value": (".json",), "numpy": (".npy",)}


def export(
    workspace: Workspace,
    reference: str,
    target: Path,
    opened: Opened,
    *,
    table_format: str | None = None,
    overwrite: bool = False,
) -> Path:
    """Write the data of ``key[@reference]`` to ``target`` and return its path.

    Tables go by the suffix: .csv, .parquet, .json (one array), .jsonl (a line a row), .arrow. JSON has no NaN and no
    infinity: they become null. A folder's files go into the folder ``target``.

    Args:
        workspace: the project.
        reference: the asset, and which version of it.
        target: the file.
        opened: gives the project in another environment.
        table_format: what a table is written as (``csv``, ...), and the file may have any name; None: its suffix
            says it.
        overwrite: whether it may replace a file that exists.

    Raises:
        UsageError: the target exists, cannot be written, or has a suffix that does not fit the data.
        DataError: the data cannot be said in this format.
    """
    where, key, at = opened_for(workspace, reference, opened)
    with where.ledger.session() as session:
        recorded = find_version(session, key, at, where.env)
    with _telling(target):
        _require_free(target, overwrite=overwrite)
    content = where.loader.content(recorded.action, lazily=True)
    suffix = f".{table_format}" if table_format else target.suffix.lower()
    if content.kind == "table" or not table_format:
        _require_fitting(key, content, suffix)
    with _telling(target):
        _write_all(content, target, suffix)
    return target


@contextmanager
def _telling(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise UsageError(f"{target} cannot be written: {why}", hint="choose another place") from error


def _require_free(target: Path, *, overwrite: bool) -> None:
    if target.exists() and not overwrite:
        raise UsageError(f"{target} exists", hint="choose another name, or say --overwrite")
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent}", hint="make it, or choose another")


def _require_fitting(key: str, content: Content, suffix: str) -> None:
    """Raise UsageError for a suffix that promises something else than would be in the file."""
    fitting = (f".{content.format}",) if content.kind == "figure" else _SUFFIXES.get(content.kind)
    if fitting is not None and suffix not in fitting:
        raise UsageError(
            f"{key} is a {content.kind}, which cannot be written as {suffix or 'a file without suffix'}",
            hint=f"use {'one of ' if len(fitting) > 1 else ''}{', '.join(fitting)}",
        )


def _write_all(content: Content, target: Path, suffix: str) -> None:
    if content.kind == "files" and content.format != "file":
        _copy_folder(content, target)
        return
    if target.is_dir():
        raise UsageError(f"{target} is a folder", hint="choose another name")
    partial = target.with_name(f".{target.name}.partial")
    try:
        with partial.open("wb") as file:
            _write(content, suffix, file)
        partial.replace(target)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _write(content: Content, suffix: str, file: BinaryIO) -> None:
    if content.kind == "table":
        write_table(content.data, suffix, file)
    elif content.kind == "files":
        with open_file(content.data.paths[0][1]) as source:
            shutil.copyfileobj(source, file)
    elif content.kind == "value":
        value = _plain(hand_out(content, ANY, scratch=None))
        file.write(json.dumps(value, indent=2, default=str, allow_nan=False).encode() + b"\n")
    elif content.kind == "numpy":
        _write_array(content.data, file)
    else:
        file.write(content.data.encode() if isinstance(content.data, str) else content.data)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write_array(array: Any, file: BinaryIO) -> None:
    import numpy as np

    np.save(file, array, allow_pickle=False)


def _copy_folder(content: Content, target: Path) -> None:
    for path, place in content.data.paths:
        written = target / path
        written.parent.mkdir(parents=True, exist_ok=True)
        with open_file(place) as source, written.open("wb") as file:
            shutil.copyfileobj(source, file)
