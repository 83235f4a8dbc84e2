"""Owns lateness: which assets' newest data are older than their policy allows, and since when.

Counted from the newest materialization or observation of what is published, also one that gave the same data. What has
no version is not late: it is missing, and the plan says so.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from assetflow.ledger.session import Session
from assetflow.operate.workspace import Workspace
from assetflow.storage.clock import time_text


@dataclass(frozen=True)
class Lateness:
    """What is late of an asset. ``made_at``: when its newest data were made; ``since``: when they had to be newer."""

    made_at: str
    since: str


def late(
    workspace: Workspace, session: Session, now: datetime, keys: Collection[str] | None = None
) -> dict[str, Lateness]:
    """Return which of the assets ``keys`` (None: all declared) are late in the environment, by key."""
    policies = _policies(workspace, workspace.specs if keys is None else keys)
    found = {}
    for key, made_at in _newest(session, workspace.env, policies).items():
        since = datetime.fromisoformat(made_at) + timedelta(seconds=policies[key])
        if since < now:
            found[key] = Lateness(made_at, time_text(since))
    return found


def _policies(workspace: Workspace, keys: Collection[str]) -> dict[str, float]:
    found = {key: workspace.settings.fresh_within_of(workspace.specs[key]) for key in keys}
    return {key: seconds for key, seconds in found.items() if seconds is not None}


def _newest(session: Session, env: str, keys: Collection[str]) -> dict[str, str]:
    """Return when the newest data that ``env`` publishes were made, of any partition, by asset."""
    if not keys:
        return {}
    published = {
        pointer.version: pointer.asset for pointer in session.pointers(env).values() if pointer.asset in keys
    }
    found: dict[str, str] = {}
    for version, recorded in session.versions(published).items():
        asset = published[version]
        found[asset] = max(found.get(asset, ""), recorded.time)
    return found
