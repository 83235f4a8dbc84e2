"""`assetflow get`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.invocation import Invocation
from assetflow.cli.views.words import size
from assetflow.errors import UsageError


class Form(StrEnum):
    """What a table is written as when it goes to stdout."""

    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    PARQUET = "parquet"
    ARROW = "arrow"


_PIECE = 1 << 20  # bytes read at a time

Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="The file to write; its suffix says the format: .csv .parquet .json .jsonl .arrow. Else stdout.",
    ),
]
Format = Annotated[
    Form | None,
    typer.Option(
        "--format",
        "-f",
        metavar="csv|json|jsonl|parquet|arrow",
        help="The format of a table on stdout; csv when left out.",
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Write the file though it exists.")]


def get(
    invocation: Invocation,
    key: options.Reference,
    *,
    partition: options.OnePartition = "",
    output: Output = None,
    format: Format = None,  # noqa: A002 - named as the option is
    overwrite: Overwrite = False,
) -> int:
    """Write the data of an asset, or of a version, to a file."""
    key = options.reference_of(key, partition)
    if output is None:
        _to_stdout(invocation, key, format or (Form.JSON if invocation.as_json else Form.CSV))
        return exit_codes.DONE
    if format is not None:
        raise UsageError("--format is for stdout", hint="the suffix of --output says the format of a file")
    written = invocation.open().get(key, output, overwrite=overwrite)
    told = {"path": str(written), "bytes": _bytes_in(written)}
    invocation.answer(lambda: told, lambda: f"{told['path']}  {size(_bytes_in(written))}")
    return exit_codes.DONE


def _to_stdout(invocation: Invocation, key: str, form: Form) -> None:
    with tempfile.TemporaryDirectory(prefix="assetflow-get-") as folder:
        written = invocation.open().get(key, Path(folder) / "data", table_format=form)
        if written.is_dir():
            raise UsageError(f"{key} is a folder of files", hint="name a folder to put them in: --output DIR")
        if invocation.terminal.shows_results and any(b"\0" in piece for piece in _pieces(written)):
            raise UsageError(
                f"{key} is not text; a terminal cannot show it", hint="name a file: --output FILE"
            )
        for piece in _pieces(written):
            invocation.terminal.write_bytes(piece)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _bytes_in(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
