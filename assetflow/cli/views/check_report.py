"""Owns how the verdicts on what is published are shown: what fails first, what passed as a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetflow.cli.views.layout import Columns, cell, stack
from assetflow.cli.views.marks import state_text
from assetflow.cli.views.verdict import check_name
from assetflow.cli.views.words import counts_text, listed, one_line, short, shown

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.operate.judge_published import CheckReport, CheckRow

_ORDER = ("failed", "raised", "warned", "passed")


def check_view(report: CheckReport, *, verbose: bool = False) -> RenderableType:
    """Show a report; checks that passed by name only when ``verbose``."""
    rows = sorted(report.rows, key=lambda row: _ORDER.index(row.outcome))
    shown = [row for row in rows if verbose or row.outcome != "passed"]
    unpublished = listed(list(report.unpublished), 8)
    return stack(
        _table(shown) if shown else None,
        cell(f"without a version: {unpublished}") if unpublished else None,
        _summary(report),
    )


def _table(rows: list[CheckRow]) -> RenderableType:
    table = Columns(
        "outcome",
        "asset",
        "check",
        "found",
        "version",
        folding=("asset", "check", "found"),
        optional=("version",),
    )
    for row in rows:
        table.add_row(
            state_text(row.outcome),
            cell(shown(row.asset)),
            cell(check_name(row.check, row.column)),
            cell(one_line(row.error or row.message)),
            short(row.version),
        )
    return table


def _summary(report: CheckReport) -> str:
    counts = {outcome: report.counts[outcome] for outcome in _ORDER[::-1] if outcome in report.counts}
    if not counts and report.unpublished:
        return "nothing was judged: no version is published; `assetflow materialize` makes and judges them"
    return counts_text(counts) if counts else "no checks"
