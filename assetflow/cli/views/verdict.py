"""Owns how a verdict is shown: what the check found, and the first rows that it found it in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetflow.cli.views.cells import Cells
from assetflow.cli.views.grid import grid_of
from assetflow.cli.views.layout import cell, indented, quiet
from assetflow.cli.views.marks import mark_of
from assetflow.cli.views.words import plain

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from assetflow.cli.troubles import Evidence
    from assetflow.model.verdicts import Verdict

_INDENT = 4


def verdict_line(verdict: Verdict) -> Text:
    """Return one verdict on a line: outcome, check, what it found."""
    from rich.text import Text

    mark = mark_of("passed" if verdict.passed else "failed" if verdict.blocks else "warned")
    line = Text(f"{mark.sign} ", style=mark.style)
    line.append(plain(check_name(verdict.name, verdict.column)), style="bold")
    if verdict.message:
        line.append(f": {plain(verdict.message)}", style="default")
    return line


def check_name(name: str, column: str | None) -> str:
    """Return what a verdict is called, its column with it where the name does not say it."""
    return name if column is None or column in name else f"{name} on {column}"


def evidence_view(evidence: Evidence, width: int) -> RenderableType:
    """Show a verdict and the first of its failing rows."""
    from rich.console import Group

    line = verdict_line(evidence.verdict)
    if evidence.rows is None or not evidence.rows.rows:
        return line
    return Group(
        line, indented(rows_view(evidence.rows, evidence.verdict.failing_rows, width - _INDENT), _INDENT)
    )


def rows_view(rows: Cells, total: int | None, width: int) -> RenderableType:
    """Show some rows, and how many more there are."""
    from rich.console import Group

    drawn = grid_of(rows, width)
    more = max(rows.total, total or 0) - len(rows.rows)
    told = [
        f"{more:,} more" if more > 0 else "",
        f"columns left out: {', '.join(drawn.left_out)}" if drawn.left_out else "",
    ]
    note = "; ".join(filter(None, told))
    return Group(cell(str(drawn)), quiet(note)) if note else cell(str(drawn))
