"""`assetflow lint`."""

from __future__ import annotations

from assetflow.cli import exit_codes, options
from assetflow.cli.completion_cache import remember
from assetflow.cli.invocation import Invocation


def lint(
    invocation: Invocation,
    selection: options.Selected = None,
    *,
    select: options.Select = None,
    exclude: options.Exclude = None,
) -> int:
    """Judge the declarations by the policies of the settings.

    A policy says which assets need an owner, a description, a check, tags, a group, a name of some form. Exit code 1
    when an asset lacks something.
    """
    from assetflow.cli.views.lint import lint_view

    project = invocation.open()
    report = project.lint(options.selection_of(select, selection), exclude=options.selection_of(exclude))
    remember(project)
    invocation.answer(report.to_dict, lambda: lint_view(report, verbose=invocation.verbose))
    return exit_codes.DONE if report.passed else exit_codes.FAILED
