"""`assetflow diff`."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.invocation import Invocation
from assetflow.errors import AssetflowError, UsageError

Second = Annotated[
    str | None,
    typer.Argument(
        metavar="KEY[@VERSION]",
        show_default=False,
        help="The new version; the same asset, as it is published now, when left out.",
    ),
]
Key = Annotated[
    list[str] | None,
    typer.Option(
        "--key",
        "-k",
        metavar="COLUMN[,COLUMN]",
        help="Columns that tell rows apart, to match them by; else those of a `unique` check that passed.",
    ),
]
WholeRows = Annotated[
    bool,
    typer.Option("--rows", help="Compare whole rows, without a key: one that changed is removed and added."),
]
Limit = Annotated[
    int,
    typer.Option("--limit", "-n", metavar="N", min=0, help="How many rows of each kind to show at most."),
]


def diff(
    invocation: Invocation,
    old: options.Reference,
    new: Second = None,
    *,
    partition: options.OnePartition = "",
    key: Key = None,
    whole_rows: WholeRows = False,
    limit: Limit = 5,
) -> int:
    """Say what differs between two versions of an asset.

    An asset alone is compared with what was published before. Exit code 1 when they differ, 2 when they cannot be
    compared.
    """
    from assetflow.cli.views.diff import diff_view

    try:
        old = options.reference_of(old, partition)
        new = options.reference_of(new, partition) if new is not None else None
        project = invocation.open()
        found = project.diff(old, new, key=_columns(key), whole_rows=whole_rows, limit=limit)
    except AssetflowError as error:
        error.exit_code = exit_codes.USAGE  # 1 says that they differ
        raise
    invocation.answer(found.to_dict, lambda: diff_view(found, invocation.now, invocation.terminal.width))
    return exit_codes.FAILED if found.is_different else exit_codes.DONE


def _columns(given: list[str] | None) -> tuple[str, ...]:
    """Return the columns of ``--key a,b`` or ``--key a --key b``."""
    columns = tuple(name.strip() for text in given or () for name in text.split(","))
    if not all(columns):
        raise UsageError("--key names a column without a name", hint="--key COLUMN[,COLUMN]")
    return columns
