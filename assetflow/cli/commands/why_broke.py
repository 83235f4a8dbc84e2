"""`assetflow why-broke`."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.invocation import Invocation

Good = Annotated[
    str | None,
    typer.Option(
        "--good",
        metavar="VERSION",
        help="The good version: an environment, the beginning of a version, HEAD~1, a date, #42; else what was "
        "published when it broke.",
    ),
]
Bad = Annotated[
    str | None,
    typer.Option("--bad", metavar="VERSION", help="The bad version; else what was rejected or failed last."),
]
Run = Annotated[
    bool,
    typer.Option(
        "--run",
        help="Put each difference alone into the good version and judge again; what breaks it alone comes first.",
    ),
]


def why_broke(
    invocation: Invocation,
    key: options.Key,
    *,
    partition: options.OnePartition = "",
    good: Good = None,
    bad: Bad = None,
    run: Run = False,
) -> int:
    """Say what changed between the last good version and the bad one.

    Inputs, code and config, each followed upstream to where the difference began, nearest first; by what is on record.
    Of an asset with partitions, the one that broke last, unless one is named.
    """
    from assetflow.cli.views.why_broke import why_broke_view

    key = options.reference_of(key, partition)
    answer = invocation.open().why_broke(key, good=good, bad=bad, run=run)
    invocation.answer(answer.to_dict, lambda: why_broke_view(answer, invocation.now))
    if not run and len(answer.causes) > 1:
        again = shlex.join(["assetflow", *invocation.typed, "--run"])
        invocation.hint(f"`{again}` tries each of them alone")
    return exit_codes.DONE
