"""`assetflow check`."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.completion_cache import remember
from assetflow.cli.invocation import Invocation

Again = Annotated[bool, typer.Option("--again", help="Judge again what is remembered.")]


def check(
    invocation: Invocation,
    selection: options.Selected = None,
    *,
    select: options.Select = None,
    exclude: options.Exclude = None,
    again: Again = False,
) -> int:
    """Judge what is published by its checks.

    Verdicts on unchanged data are remembered. Exit code 1 when a blocking check fails.
    """
    from assetflow.cli.views.check_report import check_view

    project = invocation.open()
    report = project.check(
        options.selection_of(select, selection), exclude=options.selection_of(exclude), again=again
    )
    remember(project)
    invocation.answer(report.to_dict, lambda: check_view(report, verbose=invocation.verbose))
    return exit_codes.DONE if report.passed else exit_codes.FAILED
