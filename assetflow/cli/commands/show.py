"""`assetflow show`."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.completion_cache import remember
from assetflow.cli.invocation import Invocation

Code = Annotated[
    bool, typer.Option("--code", help="List the code that the asset reaches, and show its function.")
]


def show(
    invocation: Invocation,
    key: options.Reference,
    *,
    partition: options.OnePartition = "",
    code: Code = False,
) -> int:
    """Show one asset, or the record of one of its versions."""
    key = options.reference_of(key, partition)
    if "@" in key or options.names_partition(key):
        return _show_version(invocation, key)
    from assetflow.cli.views.asset import asset_view

    project = invocation.open()
    details = project.show(key)
    remember(project)
    invocation.answer(details.to_dict, lambda: asset_view(details, invocation.now, with_code=code))
    return exit_codes.DONE


def _show_version(invocation: Invocation, reference: str) -> int:
    from assetflow.cli.troubles import evidence_of
    from assetflow.cli.views.version import version_view

    project = invocation.open()
    details = project.version(reference)
    verdicts = [verdict for evaluated in details.evaluations for verdict in evaluated.verdicts]
    invocation.answer(
        details.to_dict,
        lambda: version_view(
            details, evidence_of(project, verdicts), invocation.now, invocation.terminal.width
        ),
    )
    return exit_codes.DONE
