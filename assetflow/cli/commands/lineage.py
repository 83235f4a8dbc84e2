"""`assetflow lineage`."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.completion_cache import remember
from assetflow.cli.invocation import Invocation

Depth = Annotated[
    int | None,
    typer.Option("--depth", metavar="N", min=0, help="How many steps each way; all when left out."),
]
Upstream = Annotated[bool, typer.Option("--upstream", help="Only what it is made from.")]
Downstream = Annotated[bool, typer.Option("--downstream", help="Only what is made from it.")]


def lineage(
    invocation: Invocation,
    key: options.Reference,
    *,
    partition: options.OnePartition = "",
    depth: Depth = None,
    upstream: Upstream = False,
    downstream: Downstream = False,
) -> int:
    """Draw what an asset is made from, and what is made from it.

    Above it stands what it is made from, below it what is made from it. Of KEY@VERSION, or of one partition, the
    versions on record that it was made from, and those that were made from it.
    """
    from assetflow.cli.views.lineage import lineage_view, provenance_view

    key = options.reference_of(key, partition)
    project = invocation.open()
    both = upstream == downstream
    up, down = upstream or both, downstream or both
    if "@" in key or options.names_partition(key):
        provenance = project.provenance(key, depth=depth, upstream=up, downstream=down)
        invocation.answer(
            provenance.to_dict,
            lambda: provenance_view(provenance, invocation.now, verbose=invocation.verbose),
        )
        return exit_codes.DONE
    found = project.lineage(key, depth=depth, upstream=up, downstream=down)
    remember(project)
    invocation.answer(found.to_dict, lambda: lineage_view(found, verbose=invocation.verbose))
    return exit_codes.DONE
