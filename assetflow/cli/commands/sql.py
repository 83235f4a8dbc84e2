"""`assetflow sql`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from assetflow.cli import exit_codes
from assetflow.cli.invocation import Invocation
from assetflow.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

ON_A_TERMINAL = 40
_PLAN = ["explain_key", "explain_value"]  # what EXPLAIN answers: a drawing
Query = Annotated[
    str | None,
    typer.Argument(
        metavar="QUERY",
        help="One SELECT over the published assets, each by its key, and the ledger's tables."
        " Read from stdin when left out, or '-'.",
    ),
]
Csv = Annotated[bool, typer.Option("--csv", help="Answer in CSV.")]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        "-n",
        metavar="N",
        min=0,
        help=f"Rows to show, 0 for all; {ON_A_TERMINAL} on a terminal, all elsewhere.",
    ),
]


def sql(invocation: Invocation, query: Query = None, *, csv: Csv = False, limit: Limit = None) -> int:
    """Ask the published data, and the ledger, in SQL."""
    if csv and invocation.as_json:
        raise UsageError("--csv or --json, not both")
    table = invocation.open().sql(_text(query))
    if invocation.as_json:
        from assetflow.cli.table_text import table_document

        invocation.terminal.document(table_document(table))
    elif csv:
        from assetflow.cli.table_text import table_csv

        invocation.terminal.write_bytes(table_csv(table))
    else:
        _show(invocation, table, limit)
    return exit_codes.DONE


def _text(query: str | None) -> str:
    if query is not None and query != "-":
        return query
    if sys.stdin.isatty():
        raise UsageError("no query", hint='such as: assetflow sql "select * from current"')
    return sys.stdin.read()


def _show(invocation: Invocation, table: pa.Table, limit: int | None) -> None:
    from assetflow.cli.views.cells import cells_of
    from assetflow.cli.views.grid import grid_of
    from assetflow.cli.views.words import counted, listed

    terminal = invocation.terminal
    if table.column_names == _PLAN:
        terminal.write("\n".join(table["explain_value"].to_pylist()) + "\n")
        return
    if limit is None:
        limit = ON_A_TERMINAL if terminal.shows_results else 0
    drawn = grid_of(cells := cells_of(table, limit or None), terminal.width)
    terminal.write(f"{drawn}\n")
    told = [counted(cells.total, "row")]
    if len(cells.rows) < cells.total:
        told.append(f"{len(cells.rows)} shown (--limit 0 for all)")
    if drawn.left_out:
        told.append(f"{counted(len(drawn.left_out), 'column')} left out: {listed(list(drawn.left_out))}")
    terminal.talk(f"({'; '.join(told)})")
