"""`assetflow lineage`."""

from __future__ import annotations

from assetflow.cli import exit_codes, options
from assetflow.cli.completion_cache import remember
from assetflow.cli.invocation import Invocation


def lineage(invocation: Invocation, key: options.Reference) -> int:
    """Draw what an asset is made from, and what is made from it.

    Of KEY@VERSION, the versions that it was made from.
    """
    from assetflow.cli.views.lineage import lineage_view, provenance_view

    project = invocation.open()
    if "@" in key:
        provenance = project.provenance(key)
        invocation.answer(provenance.to_dict, lambda: provenance_view(provenance, invocation.now))
        return exit_codes.DONE
    found = project.lineage(key)
    remember(project)
    invocation.answer(found.to_dict, lambda: lineage_view(found, verbose=invocation.verbose))
    return exit_codes.DONE
