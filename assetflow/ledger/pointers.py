"""Owns the questions about pointers: which version an environment's readers see, now or earlier; what holds them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from assetflow.ledger.queries import PLACE, Ask, Queries, instant
from assetflow.model.record import Named


@dataclass(frozen=True)
class Pointer(Named):
    """What an environment publishes of one asset and partition: set by commit ``commit``, and by ``run`` if one did.

    ``how``: ``published`` by a run, or the type of the action that moved it (``promoted``, ``rolled_back``, ...).
    """

    asset: str
    partition: str
    version: str
    commit: int
    run: str | None
    since: str
    how: str


@dataclass(frozen=True)
class TurnedAway(Named):
    """What an environment does not publish by itself: all that this code makes of the asset with this config.

    ``code_version``: None for a source. ``because``: ``promoted`` or ``rolled_back``, by commit ``commit``.
    """

    asset: str
    partition: str
    code_version: str | None
    config_hash: str
    because: str
    commit: int
    since: str


@dataclass(frozen=True)
class Change:
    """A commit that moved pointers of an environment, alone or with others of its ``run``.

    ``to``: of a rollback, the commit that it went back to.
    """

    commit: int
    how: str
    run: str | None
    to: int | None


class PointerQueries(Queries):
    """Questions about pointers."""

    def __init__(self, ask: Ask, defers: Mapping[str, Sequence[str]]) -> None:
        super().__init__(ask)
        self._defers = defers

    def pointers(
        self, env: str, at: int | None = None, *, partitioned: bool = True
    ) -> dict[tuple[str, str], Pointer]:
        """Return what readers of ``env`` see by (asset, partition), as of commit ``at`` (None: now).

        Its own pointers; where it has none, those of the environments that it defers to. Of partitioned assets only if
        ``partitioned``: they may have a hundred thousand each.
        """
        found = self.own_pointers(env, at, partitioned=partitioned)
        for other in self._defers.get(env, ()):
            found = self.own_pointers(other, at, partitioned=partitioned) | found
        return found

    def whole_pointers(self, env: str) -> dict[str, Pointer]:
        """Return what readers of ``env`` see of assets without partitions, by asset, as ``pointers`` does."""
        return {asset: one for (asset, _), one in self.pointers(env, partitioned=False).items()}

    def own_pointers(
        self, env: str, at: int | None = None, *, partitioned: bool = True
    ) -> dict[tuple[str, str], Pointer]:
        """Return the pointers of ``env`` itself by (asset, partition), as ``pointers`` does."""
        rows = self._ask(_POINTERS, (env, at, at, partitioned))
        return {
            (asset, partition): Pointer(asset, partition, version, commit, run, instant(time), how)
            for asset, partition, version, commit, run, time, how in rows
        }

    def pointers_of(self, env: str, asset: str, at: int | None = None) -> list[Pointer]:
        """Return what readers of ``env`` see of the partitions of an asset, in order of key, as ``pointers`` does."""
        found: dict[str, Pointer] = {}
        for name in (*reversed(self._defers.get(env, ())), env):
            rows = self._ask(_POINTERS_OF, (name, asset, at, at))
            found |= {
                partition: Pointer(asset, partition, version, commit, run, instant(time), how)
                for partition, version, commit, run, time, how in rows
            }
        return [found[partition] for partition in sorted(found)]

    def published_versions(self, env: str, asset: str, partition: str = "") -> list[str]:
        """Return the version of each publication of ``asset`` in ``env``, newest first."""
        return [version for (version,) in self._ask(_PUBLISHED, (env, asset, partition))]

    def turned_away(self, env: str, at: int | None = None) -> list[TurnedAway]:
        """Return what ``env`` turns away, as of commit ``at`` (None: now)."""
        rows = self._ask(_TURNED_AWAY, (env, at, at))
        return [
            TurnedAway(asset, partition, code_version, config_hash, because, commit, instant(time))
            for asset, partition, code_version, config_hash, because, commit, time in rows
        ]

    def pins(self, env: str) -> dict[tuple[str, str], str]:
        """Return the versions that assets of ``env`` are pinned at, by (asset, partition)."""
        rows = self._ask("SELECT asset, partition, version FROM assetflow.pinned WHERE env = ?", (env,))
        return {(asset, partition): version for asset, partition, version in rows}

    def accepted(self, env: str) -> frozenset[str]:
        """Return the fingerprints of the evaluations of checks that were accepted in ``env``."""
        rows = self._ask(_ACCEPTED, (env, env))
        return frozenset(fingerprint for (fingerprint,) in rows)

    def last_change(
        self, env: str, before: int | None = None, assets: Collection[str] | None = None
    ) -> Change | None:
        """Return the last commit up to ``before`` that moved pointers of ``assets`` (None: any) in ``env``, or None."""
        names = None if assets is None else list(assets)
        row = next(iter(self._ask(_LAST_CHANGE, (env, before, before, names, names))), None)
        return None if row is None else Change(*row)

    def first_change_of(self, env: str, run: str) -> int:
        """Return the number of the first commit by which ``run`` moved pointers of ``env``; 0 for none."""
        query = (
            "SELECT coalesce(min(commit_number), 0) FROM assetflow.publications WHERE env = ? AND run_id = ?"
        )
        first: int = self._ask(query, (env, run))[0][0]
        return first


_ACCEPTED = """
    SELECT DISTINCT fingerprint FROM assetflow.acceptances WHERE env = ? AND commit_number > coalesce((
        SELECT max(commit_number) FROM assetflow.environments WHERE env = ? AND NOT "exists"), 0)"""

_PUBLISHED = """
    SELECT version FROM assetflow.publications
    WHERE env = ? AND asset = ? AND partition = ? AND version IS NOT NULL AND version IS DISTINCT FROM previous
    ORDER BY commit_number DESC, position DESC"""

_POINTERS = f"""
    SELECT asset, partition, version, commit_number, run_id, time, how FROM assetflow.publications
    WHERE version IS NOT NULL AND rowid IN (
        SELECT arg_max(rowid, {PLACE}) FROM assetflow.publications
        WHERE env = ? AND (?::BIGINT IS NULL OR commit_number <= ?) AND (? OR partition = '')
        GROUP BY asset, partition)
    ORDER BY asset, partition"""  # noqa: S608 -- constants only

_POINTERS_OF = f"""
    SELECT partition, version, commit_number, run_id, time, how FROM assetflow.publications
    WHERE version IS NOT NULL AND rowid IN (
        SELECT arg_max(rowid, {PLACE}) FROM assetflow.publications
        WHERE env = ? AND asset = ? AND partition <> '' AND (?::BIGINT IS NULL OR commit_number <= ?)
        GROUP BY partition)"""  # noqa: S608 -- constants only

_TURNED_AWAY = f"""
    SELECT asset, partition, code_version, config_hash, because, commit_number, time FROM assetflow.holds
    WHERE in_force AND rowid IN (
        SELECT arg_max(rowid, {PLACE}) FROM assetflow.holds
        WHERE env = ? AND (?::BIGINT IS NULL OR commit_number <= ?)
        GROUP BY asset, partition, code_version, config_hash)
    ORDER BY asset, partition, commit_number"""  # noqa: S608 -- constants only

_LAST_CHANGE = """
    SELECT p.commit_number, p.how, p.run_id, r.went_to FROM assetflow.publications p
    LEFT JOIN (
        SELECT commit_number, position, (body->>'to')::BIGINT AS went_to FROM assetflow.actions
        WHERE type = 'rolled_back') r USING (commit_number, position)
    WHERE p.env = ? AND (?::BIGINT IS NULL OR p.commit_number <= ?)
        AND (?::VARCHAR[] IS NULL OR list_contains(?::VARCHAR[], p.asset))
        AND p.how IN ('published', 'promoted', 'rolled_back', 'accepted', 'environment_deleted')
    ORDER BY p.commit_number DESC LIMIT 1"""
