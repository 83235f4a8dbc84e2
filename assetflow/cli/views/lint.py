"""Owns how it is shown what declared assets lack by the policies: each where it is declared, with how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetflow.cli.views.layout import quiet, stack
from assetflow.cli.views.problem import problem_view
from assetflow.cli.views.words import counted
from assetflow.errors import Problem

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.operate.policies import Lack, LintReport

MOST_SHOWN = 200
"""What is shown without --verbose."""


def lint_view(report: LintReport, *, verbose: bool = False) -> RenderableType:
    """Show what is lacking; of very much, unless ``verbose``, the first."""
    from rich.console import Group

    if not report.judged:
        return "no policies: [policy.NAME] in the settings says what assets need"
    shown = report.lacks if verbose else report.lacks[:MOST_SHOWN]
    hidden = len(report.lacks) - len(shown)
    rest = quiet(f"... and {hidden:,} more: --verbose or --json names them") if hidden else None
    listed = Group(*(problem_view(_problem(lack)) for lack in shown)) if shown else None
    return stack(listed, rest, _summary(report))


def _problem(lack: Lack) -> Problem:
    hint = "; ".join(filter(None, [lack.hint, lack.message]))
    return Problem(f"{lack.key}: {lack.lacking} (policy.{lack.rule})", lack.where, hint)


def _summary(report: LintReport) -> str:
    rules = counted(len(report.judged), "rule")
    if report.passed:
        return f"nothing is lacking by {rules}"
    assets = counted(len({lack.key for lack in report.lacks}), "asset")
    return f"{counted(len(report.lacks), 'thing')} lacking in {assets}, by {rules}"
