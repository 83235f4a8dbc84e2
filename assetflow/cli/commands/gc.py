"""`assetflow gc`."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import exit_codes
from assetflow.cli.invocation import Invocation

Yes = Annotated[bool, typer.Option("--yes", help="Do it: without this, it is only said what would go.")]
Grace = Annotated[
    str | None,
    typer.Option("--grace", metavar="TIME", help="Keep what is younger than this, such as 2d (default 1d)."),
]


def gc(invocation: Invocation, *, yes: Yes = False, grace: Grace = None) -> int:
    """Forget versions that nothing needs; delete them a day later.

    Stays: what an environment publishes or published within its `retention`, its last versions (`keep_last`), pins, and
    all that these were made from. What is forgotten now is deleted by a later `gc`, a day after.
    """
    from assetflow.cli.views.collection import collection_view

    collected = invocation.open().gc(yes=yes, grace=grace)
    invocation.answer(collected.to_dict, lambda: collection_view(collected, verbose=invocation.verbose))
    if collected.dry_run:
        invocation.hint(f"`assetflow gc --yes{invocation.same_env}` does it")
    return exit_codes.DONE
