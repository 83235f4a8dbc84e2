"""Owns the questions about what was forgotten: versions whose data are not kept, names that must not be used again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from assetflow.ledger.queries import Queries, instant

LIVE = (
    "ANTI JOIN assetflow.forgettings f ON (f.version = m.version AND f.asset = m.asset "
    "AND f.partition = m.partition AND f.commit_number >= m.commit_number)"
)
"""Leaves of the materializations ``m`` those that count: not forgotten, or made again since."""

LIVE_PARTS = (
    "ANTI JOIN assetflow.forgotten_objects f ON (f.object = p.object AND f.commit_number >= p.commit_number)"
)
"""Leaves of the parts ``p`` those that are there."""


@dataclass(frozen=True)
class Forgetting:
    """When the data of a version were forgotten, by which command (``gc`` or ``forget``), and by whom."""

    asset: str
    version: str
    time: str
    commit: int
    reason: str
    user: str


class ForgottenQueries(Queries):
    """Questions about what was forgotten."""

    def forgotten(self, versions: Collection[str]) -> dict[str, Forgetting]:
        """Return those of ``versions`` whose data are not kept."""
        rows = self._ask(_FORGOTTEN, (list(versions),))
        return {
            version: Forgetting(asset, version, instant(time), commit, reason, user)
            for asset, version, time, commit, reason, user in rows
        }

    def forgotten_objects(self) -> dict[str, int]:
        """Return every name that must not be used again, with the number of the commit that forgot it."""
        return dict(self._ask(_OBJECTS, ()))


_FORGOTTEN = """
    SELECT asset, version, time, commit_number, reason, user_name FROM assetflow.forgotten
    WHERE version = ANY(?)"""

_OBJECTS = "SELECT object, max(commit_number) FROM assetflow.forgotten_objects GROUP BY object"
