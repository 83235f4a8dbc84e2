"""`assetflow explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.completion_cache import remember
from assetflow.cli.invocation import Invocation
from assetflow.errors import UsageError

Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="VERSION",
        help="Compare with this version, by what is on record alone: an environment, the beginning of a version, "
        "HEAD~1, a date, #42.",
    ),
]


def explain(
    invocation: Invocation,
    key: options.Reference,
    *,
    partition: options.OnePartition = "",
    against: Against = None,
    config: options.Config = None,
) -> int:
    """Say why an asset is stale or fresh, or what parts two versions.

    Without a version: all that decides the asset now, against what decided its published version. With one: against
    the version that was published before it, or --against another. Of an asset with partitions: how they stand, or
    all that decides the one that is named.
    """
    from assetflow.cli.views.explanation import explanation_view, version_explanation_view

    key = options.reference_of(key, partition)
    project = invocation.open()
    if "@" in key or against is not None:
        if config:
            raise UsageError("--config is for what would be made now", hint="leave out the version")
        compared = project.explain_version(key, against=against)
        invocation.answer(compared.to_dict, lambda: version_explanation_view(compared, invocation.now))
        return exit_codes.DONE
    explanation = project.explain(key, config=options.config_of(config))
    remember(project)
    invocation.answer(explanation.to_dict, lambda: explanation_view(explanation))
    return exit_codes.DONE
