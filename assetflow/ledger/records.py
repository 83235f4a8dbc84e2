"""Owns the questions about records: which fingerprint gave which data version, when and where."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic_core import from_json

from assetflow.errors import UnknownNameError
from assetflow.keys import did_you_mean
from assetflow.ledger.forgotten import LIVE
from assetflow.ledger.queries import PLACE, Queries, instant
from assetflow.model.manifest import Manifest, ManifestRef
from assetflow.model.record import Named
from assetflow.model.versions import OBSERVED_KINDS, Materialized, SourceObserved, Version

_SHOWN = 12  # digits of a version as people see it


@dataclass(frozen=True)
class Recorded(Named):
    """One materialization or observation: action ``index`` of commit ``commit``.

    ``env``: the environment of the run that made it. What a plan asks of many records stands beside the
    action, which is read from its JSON only when someone asks for it.
    """

    action: Version
    commit: int
    index: int
    time: str
    env: str | None
    asset: str = field(init=False)
    partition: str = field(init=False)
    version: str = field(init=False)
    data_version: str = field(init=False)
    fingerprint: str = field(init=False)

    def __post_init__(self) -> None:
        for name in _PLAIN:
            object.__setattr__(self, name, getattr(self.action, name))

    @property
    def manifest(self) -> Manifest | ManifestRef | None:
        """What is stored of it."""
        return self.action.manifest

    @property
    def rows(self) -> int | None:
        """Number of its rows."""
        return self.action.rows


class RecordQueries(Queries):
    """Questions about records."""

    def records(
        self, assets: Collection[str] | None = None, fingerprints: Collection[str] | None = None
    ) -> list[Recorded]:
        """Return the records of ``assets`` with one of ``fingerprints`` (None: of any), oldest first."""
        wanted = (_listed(assets), _listed(assets), _listed(fingerprints), _listed(fingerprints))
        return self._read_records(_RECORDS, wanted)

    def records_near(self, fingerprint: str, assets: Collection[str], newest: int) -> list[Recorded]:
        """Return the records of ``fingerprint``, and those of ``assets`` that are likely to be asked for next.

        What was forgotten is left out.

        These are what the same runs made, and the ``newest`` records of each asset; of each fingerprint among them all
        records, oldest first.
        """
        names = list(assets)
        return self._read_records(_NEAR, (names, names, newest, fingerprint))

    def fingerprints(self, assets: Collection[str]) -> frozenset[str]:
        """Return every fingerprint that is on record of ``assets``, but for what was forgotten."""
        return frozenset(name for (name,) in self._ask(_FINGERPRINTS, (list(assets),)))

    def versions(self, ids: Collection[str], at: int | None = None) -> dict[str, Recorded]:
        """Return the newest record of each of these versions that is on record, as of commit ``at`` (None: now)."""
        return {recorded.version: recorded for recorded in self._read_records(_VERSIONS, (list(ids), at, at))}

    def newest_made(self, asset: str, partition: str, env: str) -> Recorded | None:
        """Return the newest record of ``asset``, or of one partition of it, that a run of ``env`` made."""
        rows = self._ask(_NEWEST_MADE, (asset, partition, env))
        return self.versions([rows[0][0]])[rows[0][0]] if rows else None

    def newest_with_data(self, data: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Return the newest version with each of these (asset, data version) that is on record."""
        assets, data_versions = [asset for asset, _ in data], [data_version for _, data_version in data]
        rows = self._ask(_WITH_DATA, (assets, data_versions))
        return {(asset, data_version): version for asset, data_version, version in rows}

    def find_version(self, prefix: str, asset: str | None = None) -> Recorded:
        """Return the newest record of the one version (of ``asset``, when given) that begins with ``prefix``.

        Raises:
            UnknownNameError: no version does, or several do.
        """
        found = self._ask(_FIND, (prefix, asset, asset))
        of_asset = f" of {asset!r}" if asset else ""
        if not found:
            raise UnknownNameError(
                f"there is no version {prefix!r}{of_asset}",
                hint="`assetflow history ASSET` lists the versions",
            )
        if len(found) > 1:
            shown = ", ".join(f"{version[:_SHOWN]} ({key})" for version, key in found[:5])
            raise UnknownNameError(
                f"{prefix!r} is the beginning of {len(found)} versions{of_asset}: {shown}",
                hint="give more digits",
            )
        return self.versions([found[0][0]])[found[0][0]]

    def recorded_kinds(self) -> dict[str, str]:
        """Return the kind of each asset on record, as its newest record says, in order of key."""
        return dict(self._ask(_KINDS, ()))

    def require_recorded(self, asset: str) -> None:
        """Raise UnknownNameError, with near names, when nothing is on record of ``asset``."""
        known = self.recorded_kinds()
        if asset not in known:
            raise UnknownNameError(
                f"nothing is on record of an asset {asset!r}", hint=did_you_mean(asset, known)
            )

    def durations(self, assets: Collection[str]) -> dict[str, float]:
        """Return how many seconds the newest materialization of each asset took."""
        return dict(self._ask(_DURATIONS, (list(assets),)))

    def _read_records(self, query: str, parameters: Sequence[Any]) -> list[Recorded]:
        rows = self._ask(query, parameters)
        bodies = self._bodies([(commit, position) for *_, commit, position, _time, _env in rows])
        return [_Unread(row, bodies[row[-4], row[-3]]) for row in rows]


class _Unread(Recorded):
    """A record straight from the tables. Parsing an action costs 0.1 ms, and most are never asked for."""

    def __init__(self, row: tuple[Any, ...], body: str) -> None:
        *plain, kind, commit, index, time, env = row
        self.__dict__.update(zip(_PLAIN, plain, strict=True))
        self.__dict__.update(_kind=kind, _body=body, commit=commit, index=index, time=instant(time), env=env)

    @property
    def manifest(self) -> Manifest | ManifestRef | None:
        return self._told[0]

    @property
    def rows(self) -> int | None:
        return self._told[1]

    @cached_property
    def _told(self) -> tuple[Manifest | ManifestRef | None, int | None]:
        """What a plan asks of each published version, in a third of the time that the whole action takes."""
        body = from_json(self.__dict__["_body"])
        manifest, rows = body.get("manifest"), body.get("rows")
        if manifest is None:
            return None, rows
        return (ManifestRef if "object" in manifest else Manifest).model_validate(manifest), rows

    @cached_property
    def action(self) -> Version:
        model = SourceObserved if self.__dict__["_kind"] in OBSERVED_KINDS else Materialized
        return model.model_validate_json(self.__dict__["_body"])


def _listed(names: Collection[str] | None) -> list[str] | None:
    return None if names is None else list(names)


_PLAIN = ("asset", "partition", "version", "data_version", "fingerprint")


def _recorded(condition: str, which: str = "") -> str:
    """Return the query for the records that meet ``condition``, oldest first, without their JSON."""
    return f"""
    WITH chosen AS MATERIALIZED (
        SELECT m.asset, m.partition, m.version, m.data_version, m.fingerprint, m.kind, m.commit_number, m.position,
               m.time, m.run_id
        FROM assetflow.materializations m {which} WHERE {condition})
    SELECT m.asset, m.partition, m.version, m.data_version, m.fingerprint, m.kind, m.commit_number, m.position,
           m.time, s.env
    FROM chosen m
    LEFT JOIN (
        SELECT run_id, min_by(env, commit_number) AS env FROM assetflow.run_starts
        WHERE run_id IN (SELECT run_id FROM chosen) GROUP BY run_id) s USING (run_id)
    ORDER BY m.commit_number, m.position"""  # noqa: S608 -- constants only


_RECORDS = _recorded(
    "(?::VARCHAR[] IS NULL OR m.asset = ANY(?)) AND (?::VARCHAR[] IS NULL OR m.fingerprint = ANY(?))"
)

_VERSIONS = _recorded(
    f"""m.rowid IN (
        SELECT arg_max(rowid, {PLACE}) FROM assetflow.materializations
        WHERE version = ANY(?) AND (?::BIGINT IS NULL OR commit_number <= ?) GROUP BY version)"""  # noqa: S608 -- constants only
)

_NEAR = _recorded(
    f"""m.asset = ANY(?) AND m.fingerprint IN (
        SELECT fingerprint FROM (
            SELECT fingerprint, run_id, row_number() OVER (PARTITION BY asset ORDER BY {PLACE} DESC) AS age
            FROM assetflow.materializations WHERE asset = ANY(?))
        WHERE age <= ? OR run_id IN (SELECT run_id FROM assetflow.materializations WHERE fingerprint = ?))""",  # noqa: S608 -- constants only
    LIVE,
)

_FINGERPRINTS = (
    f"SELECT DISTINCT m.fingerprint FROM assetflow.materializations m {LIVE} WHERE m.asset = ANY(?)"  # noqa: S608 -- constants only
)

_FIND = """
    SELECT DISTINCT version, asset FROM assetflow.materializations
    WHERE starts_with(version, ?) AND (?::VARCHAR IS NULL OR asset = ?)
    ORDER BY version LIMIT 100"""

_WITH_DATA = f"""
    SELECT asset, data_version, max_by(version, {PLACE}) FROM assetflow.materializations
    JOIN (SELECT DISTINCT unnest(?::VARCHAR[]) AS asset, unnest(?::VARCHAR[]) AS data_version)
    USING (asset, data_version) GROUP BY asset, data_version"""  # noqa: S608 -- constants only

_KINDS = f"""
    SELECT asset, max_by(kind, {PLACE}) FROM assetflow.materializations
    GROUP BY asset ORDER BY asset"""  # noqa: S608 -- constants only

_DURATIONS = f"""
    SELECT asset, max_by(seconds, {PLACE}) FROM assetflow.materializations
    WHERE asset = ANY(?) GROUP BY asset"""  # noqa: S608 -- constants only

_NEWEST_MADE = """
    SELECT m.version FROM assetflow.materializations m
    JOIN (SELECT DISTINCT run_id, env FROM assetflow.run_starts) s USING (run_id)
    WHERE m.asset = ? AND m.partition = ? AND s.env = ? ORDER BY m.commit_number DESC, m.position DESC LIMIT 1"""
