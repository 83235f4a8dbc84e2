"""`assetflow verify`."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.invocation import Invocation

Repair = Annotated[
    bool, typer.Option("--repair", help="Note what is damaged, to be made again; make a wrong ledger anew.")
]
Head = Annotated[
    str | None,
    typer.Option(
        "--head", metavar="HASH", help="Hash of a commit that the log must have, as `verify` said it."
    ),
]


def verify(
    invocation: Invocation,
    selection: options.Selected = None,
    *,
    select: options.Select = None,
    exclude: options.Exclude = None,
    repair: Repair = False,
    head: Head = None,
) -> int:
    """Read all that is stored; say what is damaged, changed or gone.

    Exit code 1 when something is wrong.
    """
    from assetflow.cli.progress.counting import counting
    from assetflow.cli.views.collection import verified_view

    project = invocation.open()
    with counting(invocation.terminal, "objects read") as told:
        verified = project.verify(
            options.selection_of(select, selection),
            exclude=options.selection_of(exclude),
            repair=repair,
            head=head,
            told=told,
        )
    invocation.answer(verified.to_dict, lambda: verified_view(verified))
    return exit_codes.DONE if verified.is_sound else exit_codes.FAILED
