"""Owns exporting data to a file that other programs read: csv, parquet, json, arrow, or whatever kind the data are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assetflow.errors import UsageError
from assetflow.frames.content import Content
from assetflow.frames.content_files import suffixes_for, write_content, write_folder
from assetflow.operate.references import Opened, find_version, opened_for
from assetflow.operate.workspace import Workspace


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
    fitting = suffixes_for(content)
    if fitting is not None and suffix not in fitting:
        raise UsageError(
            f"{key} is a {content.kind}, which cannot be written as {suffix or 'a file without suffix'}",
            hint=f"use {'one of ' if len(fitting) > 1 else ''}{', '.join(fitting)}",
        )


def _write_all(content: Content, target: Path, suffix: str) -> None:
    if content.kind == "files" and content.format != "file":
        write_folder(content, target)
        return
    if target.is_dir():
        raise UsageError(f"{target} is a folder", hint="choose another name")
    partial = target.with_name(f".{target.name}.partial")
    try:
        with partial.open("wb") as file:
            write_content(content, suffix, file)
        partial.replace(target)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
