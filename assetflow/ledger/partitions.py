"""Owns the questions about the partitions of one asset, asked and answered for all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from assetflow.ledger.pointers import PointerQueries
from assetflow.ledger.queries import PLACE, instant


class PublishedPartition(NamedTuple):
    """The version that an environment publishes of one partition.

    ``code_version`` is None for a source. ``columns``: (name, column hash) pairs of a table, where they were asked for.
    """

    partition: str
    version: str
    data_version: str
    fingerprint: str
    code_version: str | None
    rows: int | None
    token: str | None
    columns: tuple[tuple[str, str], ...] | None


@dataclass(frozen=True)
class PublishedPartitions:
    """What an environment publishes of the partitions of one asset, in sum.

    ``rows``: of all of them, None where they are no tables. ``since``: when the last of them was published.
    """

    count: int
    rows: int | None
    since: str


class PartitionQueries(PointerQueries):
    """Questions about partitions."""

    def partition_sums(self, env: str) -> dict[str, PublishedPartitions]:
        """Return what readers of ``env`` see of the partitions of each asset that has some, in sum."""
        names = [env, *self._defers.get(env, ())]
        return {
            asset: PublishedPartitions(count, rows, instant(since))
            for asset, count, rows, since in self._ask(_SUMS, (names, names))
        }

    def published_partitions(
        self, env: str, asset: str, *, columns: bool = False
    ) -> dict[str, PublishedPartition]:
        """Return what readers of ``env`` see of ``asset``, by partition."""
        found: dict[str, PublishedPartition] = {}
        for name in (*reversed(self._defers.get(env, ())), env):
            for row in self._ask(_WITH_COLUMNS if columns else _STANDINGS, (name, asset, asset)):
                found[row[0]] = PublishedPartition._make((*row[:7], _pairs(row[7:]) if columns else None))
        return found

    def makers(self, env: str, asset: str) -> frozenset[tuple[str | None, str]]:
        """Return (code version, config hash) of all that made what ``env`` publishes of the partitions of ``asset``."""
        names = (env, *self._defers.get(env, ()))
        return frozenset(row for name in names for row in self._ask(_MAKERS, (name, asset, asset)))

    def added_keys(self) -> dict[str, tuple[str, ...]]:
        """Return the keys of dynamic partitions by their name, each once, in the order that they were added."""
        found: dict[str, dict[str, None]] = {}
        for name, key in self._ask(_ADDED, ()):
            found.setdefault(name, {})[key] = None
        return {name: tuple(keys) for name, keys in found.items()}

    def partitioned_assets(self, env: str) -> list[str]:
        """Return the assets of which ``env`` publishes partitions, in order of key."""
        names = [env, *self._defers.get(env, ())]
        return [asset for (asset,) in self._ask(_PARTITIONED, (names,))]

    def passed(self, asset: str) -> frozenset[tuple[str, str]]:
        """Return (data version, check fingerprint) of each evaluation of ``asset`` whose last one does not block."""
        return frozenset(self._ask(_PASSED, (asset,)))

    def partition_objects(self, env: str, asset: str) -> list[tuple[str, str]]:
        """Return (partition, object) of all stored objects that the published partitions of ``asset`` need."""
        names = (*self._defers.get(env, ()), env)
        rows = (row for name in names for row in self._ask(_OBJECTS, (asset, name, asset)))
        return [(partition, name) for partition, name in rows]


def _pairs(lists: Sequence[list[str] | None]) -> tuple[tuple[str, str], ...] | None:
    if not lists or lists[0] is None or lists[1] is None:
        return None
    return tuple(zip(lists[0], lists[1], strict=True))


_CURRENT = f"""
    SELECT partition, version FROM assetflow.publications
    WHERE version IS NOT NULL AND rowid IN (
        SELECT arg_max(rowid, {PLACE}) FROM assetflow.publications
        WHERE env = ? AND asset = ? AND partition <> '' GROUP BY partition)"""  # noqa: S608 -- constants only

_RECORDS = f"""
    SELECT partition, version, arg_max(rowid, {PLACE}) AS newest FROM assetflow.materializations
    WHERE asset = ? AND partition <> '' GROUP BY partition, version"""  # noqa: S608 -- constants only

# All records of a version have the same data, fingerprint and code: the version is their hash.
_STANDINGS = f"""
    WITH c AS ({_CURRENT})
    SELECT c.partition, c.version, m.data_version, m.fingerprint, m.code_version, m.rows, m.token
    FROM c JOIN (
        SELECT version, any_value(data_version) AS data_version, any_value(fingerprint) AS fingerprint,
               any_value(code_version) AS code_version, any_value("rows") AS "rows", any_value(token) AS token
        FROM assetflow.materializations WHERE asset = ? GROUP BY version) m USING (version)"""  # noqa: S608 -- constants only

_MAKERS = f"""
    WITH c AS ({_CURRENT})
    SELECT DISTINCT m.code_version, coalesce(a.body ->> '$.recipe.config_hash', '')
    FROM c JOIN assetflow.materializations m USING (version) JOIN assetflow.actions a USING (commit_number, position)
    WHERE m.asset = ?"""  # noqa: S608 -- constants only

_WITH_COLUMNS = f"""
    WITH c AS ({_CURRENT}), r AS ({_RECORDS}), m AS (
        SELECT c.partition, c.version, m.data_version, m.fingerprint, m.code_version, m.rows, m.token,
               m.commit_number, m.position
        FROM c JOIN r USING (partition, version) JOIN assetflow.materializations m ON m.rowid = r.newest)
    SELECT any_value(m.partition), any_value(m.version), any_value(m.data_version), any_value(m.fingerprint),
           any_value(m.code_version), any_value(m.rows), any_value(m.token),
           list(k.name ORDER BY k.ordinal) FILTER (k.name IS NOT NULL),
           list(k.hash ORDER BY k.ordinal) FILTER (k.name IS NOT NULL)
    FROM m LEFT JOIN assetflow.columns k USING (commit_number, position)
    GROUP BY m.commit_number, m.position"""  # noqa: S608 -- constants only

_PARTITIONED = """
    SELECT DISTINCT asset FROM assetflow.publications WHERE partition <> '' AND list_contains(?::VARCHAR[], env)
    ORDER BY asset"""

# The first environment of the list that publishes a partition is the one that readers see.
_SUMS = f"""
    WITH own AS (
        SELECT env, asset, partition, version, time FROM assetflow.publications
        WHERE version IS NOT NULL AND rowid IN (
            SELECT arg_max(rowid, {PLACE}) FROM assetflow.publications
            WHERE partition <> '' AND list_contains(?::VARCHAR[], env) GROUP BY env, asset, partition)),
    seen AS (
        SELECT asset, partition, arg_min(version, place) AS version, arg_min(time, place) AS time
        FROM (SELECT *, list_position(?::VARCHAR[], env) AS place FROM own) GROUP BY asset, partition),
    made AS (SELECT version, any_value("rows") AS "rows" FROM assetflow.materializations GROUP BY version)
    SELECT asset, count(*), sum(made."rows")::BIGINT, max(seen.time)
    FROM seen LEFT JOIN made USING (version) GROUP BY asset ORDER BY asset"""  # noqa: S608 -- constants only

_ADDED = 'SELECT name, "key" FROM assetflow.partition_keys ORDER BY commit_number, position, ordinal'

_PASSED = f"""
    SELECT data_version, fingerprint FROM assetflow.evaluations WHERE asset = ?
    GROUP BY data_version, fingerprint HAVING arg_max(passed, {PLACE})"""  # noqa: S608 -- constants only

_OBJECTS = f"""
    WITH p AS MATERIALIZED (
        SELECT commit_number, position, partition, object FROM assetflow.parts WHERE asset = ? AND partition <> ''),
    c AS ({_CURRENT})
    SELECT p.partition, p.object
    FROM p JOIN assetflow.materializations m USING (commit_number, position)
    JOIN c ON c.partition = p.partition AND c.version = m.version"""  # noqa: S608 -- constants only
