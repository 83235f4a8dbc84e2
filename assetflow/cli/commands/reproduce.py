"""`assetflow reproduce`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.invocation import Invocation
from assetflow.errors import UsageError

if TYPE_CHECKING:
    from assetflow.project import Project

References = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="KEY[@VERSION]",
        help="Which versions; after @ an environment, the beginning of a version, HEAD~1, a date, or #42.",
    ),
]


def reproduce(
    invocation: Invocation,
    references: References = None,
    *,
    partition: options.OnePartition = "",
    select: options.Select = None,
) -> int:
    """Make versions again from their records, and compare.

    In fresh processes; nothing is written to the store. Resources are opened as the recorded code declares them.
    --select stands for the published versions of what it selects, effects left out. Exit code 1 when any is not
    identical.
    """
    from assetflow.cli.views.reproduction import reproduction_view

    project = invocation.open()
    named = [options.reference_of(one, partition) for one in references or ()]
    found = project.reproduce(*named, *_published(project, options.selection_of(select)))
    if not found:
        raise UsageError(
            "nothing to reproduce", hint="name versions, such as sales@HEAD~1, or --select assets"
        )
    invocation.answer(
        lambda: {"versions": [one.to_dict() for one in found]},
        lambda: reproduction_view(found, verbose=invocation.verbose),
    )
    same = all(one.is_identical for one in found)
    return exit_codes.DONE if same else exit_codes.FAILED


def _published(project: Project, selection: str | None) -> list[str]:
    if selection is None:
        return []
    return [row.key for row in project.status(selection) if row.version is not None and row.kind != "effect"]
