"""Owns the questions that must be answered before anything may be deleted: what is on record, and what it needs.

Of what an action says, every text that looks like the name of an object counts as a need: also in actions and fields
that this release does not know.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from assetflow.ledger.forgotten import LIVE
from assetflow.ledger.queries import Queries
from assetflow.storage.objects import NAME

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class MadeVersion:
    """One record of a version whose data count. ``env``: of the run that made it. ``time``: seconds since the epoch."""

    asset: str
    partition: str
    version: str
    data_version: str
    env: str | None
    time: float
    commit: int

    @property
    def data(self) -> tuple[str, str, str]:
        """What its data are: versions that were made otherwise may be the same."""
        return self.asset, self.partition, self.data_version


@dataclass(frozen=True)
class PointerMove:
    """Where a pointer went. ``version``: None where it was removed. ``time``: seconds since the epoch."""

    env: str
    asset: str
    partition: str
    version: str | None
    time: float


@dataclass(frozen=True)
class StoredPart:
    """An object that a version's data need. ``is_list``: whether it lists the parts that they need, too."""

    asset: str
    partition: str
    version: str
    object: str
    bytes: int
    is_list: bool


@dataclass(frozen=True)
class Mention:
    """An object that an action of ``type`` names. ``env`` is None where the action has none."""

    type: str
    env: str | None
    time: float
    object: str


class KeepingQueries(Queries):
    """Questions about what is on record and what it needs."""

    def made_versions(self) -> list[MadeVersion]:
        """Return every record whose data count, oldest first."""
        return [MadeVersion(*row) for row in self._ask(_MADE, ())]

    def pointer_moves(self) -> list[PointerMove]:
        """Return every move of every environment's pointers, oldest first."""
        return [PointerMove(*row) for row in self._ask(_MOVES, ())]

    def inputs_of_versions(self) -> dict[str, set[str]]:
        """Return the versions that each version was made from."""
        found: dict[str, set[str]] = {}
        for version, read in self._ask(_INPUTS, ()):
            found.setdefault(version, set()).add(read)
        return found

    def stored_parts(self) -> list[StoredPart]:
        """Return the objects of every record whose data count."""
        return [StoredPart(*row) for row in self._ask(_STORED_PARTS, ())]

    def named_by_versions(self, versions: Collection[str] | None = None) -> dict[str, frozenset[str]]:
        """Return the objects that records of versions name (data, logs, code), as far as they count (None: of all).

        Of the ``versions`` that are given also those that no longer count.
        """
        if versions is None:
            return _grouped(self._ask(_NAMED_BY_LIVE, (_QUOTED,)))
        return _grouped(self._ask(_NAMED_BY_VERSIONS, (_QUOTED, list(versions))))

    def named_by_checks(self) -> dict[tuple[str, str, str], frozenset[str]]:
        """Return the objects that evaluations name, rows that failed, by (asset, partition, data version)."""
        return _grouped((row[:3], row[3]) for row in self._ask(_NAMED_BY_CHECKS, (_QUOTED,)))

    def named_otherwise(self) -> list[Mention]:
        """Return the objects that all other actions name: runs their code, failures their logs."""
        return [Mention(*row) for row in self._ask(_NAMED_OTHERWISE, (_QUOTED,))]

    def last_named(self, names: Collection[str]) -> dict[str, int]:
        """Return the last commit that names each of these objects, but for those that forget it."""
        return dict(self._ask(_LAST_NAMED, (list(names), _QUOTED)))

    def lists_of_objects(self) -> frozenset[str]:
        """Return the objects that themselves hold names of objects: lists of parts, trees of code."""
        return self._names(self._ask(_LISTS, ())) | self.trees()

    def trees(self) -> frozenset[str]:
        """Return the objects that list the project's code."""
        return self._names(self._ask(_TREES, ()))

    def all_pins(self) -> frozenset[str]:
        """Return the versions that any environment is pinned at."""
        return frozenset()

    def _names(self, rows: Iterable[tuple[str]]) -> frozenset[str]:
        return frozenset(name for (name,) in rows)


def _grouped(rows: Iterable[tuple[Key, str]]) -> dict[Key, frozenset[str]]:
    found: dict[Key, set[str]] = {}
    for key, name in rows:
        found.setdefault(key, set()).add(name)
    return {key: frozenset(names) for key, names in found.items()}


_QUOTED = f'"({NAME})"'

_MADE = f"""
    SELECT m.asset, m.partition, m.version, m.data_version, s.env, epoch(m.time), m.commit_number
    FROM (FROM assetflow.materializations m {LIVE}) m
    LEFT JOIN (
        SELECT run_id, min_by(env, commit_number) AS env FROM assetflow.run_starts GROUP BY run_id) s USING (run_id)
    ORDER BY m.commit_number, m.position"""  # noqa: S608 -- constants only

_MOVES = """
    SELECT env, asset, partition, version, epoch(time) FROM assetflow.publications
    ORDER BY commit_number, position"""

_INPUTS = "SELECT DISTINCT version, input_version FROM assetflow.inputs WHERE input_version IS NOT NULL"

_STORED_PARTS = f"""
    SELECT DISTINCT m.asset, m.partition, m.version, p.object, p.bytes, p.role = 'manifest'
    FROM (FROM assetflow.materializations m {LIVE}) m
    JOIN assetflow.parts p USING (commit_number, position)"""  # noqa: S608 -- constants only


def _named_by(records: str, condition: str) -> str:
    return f"""
    SELECT DISTINCT version, unnest(regexp_extract_all(body, $1, 1)) FROM (
        SELECT m.version, a.body FROM assetflow.actions a JOIN {records} m USING (commit_number, position)
        WHERE {condition})"""  # noqa: S608 -- constants only


_NAMED_BY_LIVE = _named_by(f"(FROM assetflow.materializations m {LIVE})", "true")
_NAMED_BY_VERSIONS = _named_by("assetflow.materializations", "m.version = ANY($2)")

_NAMED_BY_CHECKS = """
    SELECT DISTINCT asset, partition, data_version, unnest(regexp_extract_all(body, $1, 1)) FROM (
        SELECT e.asset, e.partition, e.data_version, a.body FROM assetflow.actions a
        JOIN assetflow.evaluations e USING (commit_number, position) WHERE contains(a.body, '"cases":{'))"""

_NAMED_OTHERWISE = """
    SELECT a.type, a.body->>'env', epoch(c.time), unnest(regexp_extract_all(a.body, $1, 1))
    FROM assetflow.actions a JOIN assetflow.commits c ON c.number = a.commit_number
    WHERE a.type NOT IN ('materialized', 'source_observed', 'check_evaluated', 'forgotten')"""

_LAST_NAMED = """
    SELECT name, max(commit_number) FROM (
        SELECT commit_number, unnest(regexp_extract_all(body, $2, 1)) AS name FROM assetflow.actions
        WHERE type <> 'forgotten')
    WHERE name IN (SELECT unnest($1)) GROUP BY name"""

_LISTS = """
    SELECT object FROM assetflow.parts WHERE role = 'manifest'
    UNION
    SELECT name FROM (
        SELECT unnest(json_extract_string(body, '$.verdicts[*].cases.object')) AS name FROM assetflow.actions
        WHERE type = 'check_evaluated' AND contains(body, '"cases":{'))
    WHERE name IS NOT NULL"""

_TREES = """
    SELECT tree FROM assetflow.materializations WHERE tree IS NOT NULL
    UNION SELECT tree FROM assetflow.run_starts WHERE tree IS NOT NULL"""
