"""`assetflow history`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from assetflow.cli import exit_codes, options
from assetflow.cli.invocation import Invocation
from assetflow.errors import AssetflowError

if TYPE_CHECKING:
    from assetflow.ledger.history import HistoryEntry
    from assetflow.project import Project


def history(invocation: Invocation, key: options.Key, *, limit: options.Limit = 20) -> int:
    """List the versions that were made of an asset, newest first."""
    from assetflow.cli.views.history import history_view

    project = invocation.open()
    entries = project.history(key, options.limit_of(limit))
    current = _published_now(project, key, entries)
    invocation.answer(
        lambda: {"key": key, "versions": [_document(entry, current) for entry in entries]},
        lambda: history_view(entries, current, invocation.now),
    )
    return exit_codes.DONE


def _published_now(project: Project, key: str, entries: Sequence[HistoryEntry]) -> dict[str, str]:
    """Return the version that each environment publishes now, of those that ever published one of ``entries``."""
    current = {}
    for env in sorted({env for entry in entries for env in entry.published}):
        try:
            current[env] = project.version(f"{key}@{env}").materialization.version
        except AssetflowError:  # an environment that has forgotten it, or cannot be opened
            continue
    return current


def _document(entry: HistoryEntry, current: Mapping[str, str]) -> dict[str, object]:
    """Return the JSON shape; ``current``: the environments that publish this version now."""
    return {**asdict(entry), "current": [env for env in entry.published if current.get(env) == entry.version]}
