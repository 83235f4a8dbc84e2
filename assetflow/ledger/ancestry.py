"""Owns the questions about what was made from what: the versions one step above and below others, and what they are."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from assetflow.ledger.queries import PLACE, Queries, instant
from assetflow.model.versions import SourceObserved

Step = tuple[str, str]
"""A version, and one that was made from it."""


Reached = tuple[dict[str, int], int]
"""Versions by how many steps lead to them, nearest first; and how many more lie one step beyond."""


@dataclass(frozen=True)
class VersionRow:
    """One version as its newest record says. ``published``: the environments whose readers see it now."""

    asset: str
    version: str
    kind: str
    time: str
    run: str
    rows: int | None
    published: tuple[str, ...]


class AncestryQueries(Queries):
    """Questions about what was made from what.

    A version may have been made several times, from different versions of equal data: it was made from all of them.
    """

    def steps_above(self, versions: Collection[str]) -> list[Step]:
        """Return what each of ``versions`` was made from, in the order of its parameters."""
        return [(parent, child) for parent, child in self._ask(_ABOVE, (list(versions),))]

    def steps_below(self, versions: Collection[str]) -> list[Step]:
        """Return what was made from each of ``versions``, oldest first."""
        return [(parent, child) for parent, child in self._ask(_BELOW, (list(versions),))]

    def ancestors(
        self, versions: Collection[str], depth: int | None = None, most: int | None = None
    ) -> Reached:
        """Return ``versions`` with all that they were made from: at most ``depth`` steps away.

        No further than the step with which more than ``most`` were found.
        """
        return _walk(versions, lambda layer: [parent for parent, _ in self.steps_above(layer)], depth, most)

    def descendants(
        self, versions: Collection[str], depth: int | None = None, most: int | None = None
    ) -> Reached:
        """Return ``versions`` with all that was made from them, as ``ancestors`` does."""
        return _walk(versions, lambda layer: [child for _, child in self.steps_below(layer)], depth, most)

    def version_rows(self, versions: Collection[str]) -> dict[str, VersionRow]:
        """Return what is on record of ``versions``; of one that is not, nothing."""
        names = list(versions)
        published: dict[str, list[str]] = {}
        for version, env in self._ask(_PUBLISHED, (names,)):
            published.setdefault(version, []).append(env)
        return {
            version: VersionRow(
                asset, version, kind, instant(time), run, rows, tuple(published.get(version, ()))
            )
            for asset, version, kind, time, run, rows in self._ask(_ROWS, (names,))
        }

    def stores_read(self) -> list[str]:
        """Return other projects' stores that were read, as declarations called them, the last one first."""
        observed = map(SourceObserved.model_validate_json, self._bodies(self._ask(_STORES, ())).values())
        return [one.remote.store for one in observed if one.remote is not None]


def _walk(
    first: Collection[str],
    onward: Callable[[Collection[str]], list[str]],
    depth: int | None,
    most: int | None,
) -> Reached:
    """Walk layer by layer: one question for each."""
    found = dict.fromkeys(first, 0)
    layer = list(found)
    taken = 0
    while layer:
        layer = [version for version in dict.fromkeys(onward(layer)) if version not in found]
        if taken == depth or (most is not None and len(found) > most):
            return found, len(layer)
        taken += 1
        found.update(dict.fromkeys(layer, taken))
    return found, 0


def _steps(end: str) -> str:
    return f"""
    SELECT input_version, i.version FROM assetflow.inputs i
    JOIN (SELECT DISTINCT unnest(?::VARCHAR[]) AS wanted) w ON i.{end} = w.wanted
    WHERE input_version IS NOT NULL
    GROUP BY input_version, i.version ORDER BY min((commit_number << 24) + position), min(i.rowid)"""  # noqa: S608 -- constants only


_ABOVE = _steps("version")
_BELOW = _steps("input_version")

_ROWS = f"""
    SELECT asset, version, kind, time, run_id, rows FROM assetflow.materializations
    WHERE rowid IN (
        SELECT arg_max(m.rowid, {PLACE}) FROM assetflow.materializations m
        JOIN (SELECT DISTINCT unnest(?::VARCHAR[]) AS version) USING (version) GROUP BY version)"""  # noqa: S608 -- constants only

_PUBLISHED = """
    SELECT DISTINCT version, env FROM assetflow.current
    JOIN (SELECT DISTINCT unnest(?::VARCHAR[]) AS version) USING (version) ORDER BY version, env"""

_STORES = f"""
    SELECT max(commit_number), arg_max(position, {PLACE}) FROM assetflow.observations
    WHERE remote_store_id IS NOT NULL GROUP BY remote_store_id ORDER BY 1 DESC"""  # noqa: S608 -- constants only
