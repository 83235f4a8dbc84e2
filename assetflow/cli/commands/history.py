"""`assetflow history`."""

from __future__ import annotations

from dataclasses import asdict

from assetflow.cli import exit_codes, options
from assetflow.cli.invocation import Invocation


def history(invocation: Invocation, key: options.Key, *, limit: options.Limit = 20) -> int:
    """List the versions that were made of an asset, newest first."""
    from assetflow.cli.views.history import history_view

    entries = invocation.open().history(key, options.limit_of(limit))
    invocation.answer(
        lambda: {"key": key, "versions": [asdict(entry) for entry in entries]},
        lambda: history_view(entries, invocation.now),
    )
    return exit_codes.DONE
