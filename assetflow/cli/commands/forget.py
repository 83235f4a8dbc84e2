"""`assetflow forget`."""

from __future__ import annotations

from assetflow.cli import exit_codes, options
from assetflow.cli.invocation import Invocation


def forget(invocation: Invocation, version: options.Reference) -> int:
    """Erase the data of one version for good; its record stays.

    Refused while an environment publishes it or is pinned at it. What other versions need stays.
    """
    from assetflow.cli.views.collection import erased_view

    erased = invocation.open().forget(version)
    invocation.answer(erased.to_dict, lambda: erased_view(erased))
    return exit_codes.DONE
