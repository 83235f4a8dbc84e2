"""`assetflow history`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from assetflow.cli import exit_codes, options
from assetflow.cli.invocation import Invocation
from assetflow.errors import AssetflowError

if TYPE_CHECKING:
    from assetflow.ledger.history import HistoryEntry
    from assetflow.project import Project


def history(
    invocation: Invocation,
    key: options.Key,
    *,
    partition: options.OnePartition = "",
    limit: options.Limit = 20,
) -> int:
    """List the versions that were made of an asset, newest first."""
    from assetflow.cli.views.history import history_view

    project = invocation.open()
    most = options.limit_of(limit)
    found = project.history(options.reference_of(key, partition), most + 1 if most else None)
    entries = found[:most]
    is_cut = len(found) > len(entries)
    current = _published_now(project, entries)
    invocation.answer(
        lambda: {
            "key": key,
            "versions": [_document(entry, current) for entry in entries],
            "more": is_cut,
        },
        lambda: history_view(entries, current, invocation.now, is_cut=is_cut),
    )
    return exit_codes.DONE


def _published_now(project: Project, entries: Sequence[HistoryEntry]) -> set[tuple[str, str]]:
    """Return (environment, version) of those of ``entries`` that are published now."""
    current = set()
    for env, name in sorted({(env, entry.name) for entry in entries for env in entry.published}):
        try:
            current.add((env, project.version(f"{name}@{env}").materialization.version))
        except AssetflowError:  # an environment that has forgotten it, or cannot be opened
            continue
    return current


def _document(entry: HistoryEntry, current: Collection[tuple[str, str]]) -> dict[str, object]:
    """Return the JSON shape; ``current``: the environments that publish this version now."""
    return {**asdict(entry), "current": [env for env in entry.published if (env, entry.version) in current]}
