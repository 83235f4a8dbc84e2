"""Owns the questions about what the store holds: artifacts by data version, parts by hash of their rows.

What was forgotten it does not hold, although its objects may still be there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from assetflow.ledger.forgotten import LIVE, LIVE_PARTS
from assetflow.ledger.queries import PLACE, Queries
from assetflow.model.manifest import Manifest, ManifestRef, Part
from assetflow.model.versions import OBSERVED_KINDS, Materialized, SourceObserved


@dataclass(frozen=True)
class Stored:
    """What is on record as stored. Where several say the same, the last in the log holds.

    ``bodies``: kind and JSON of the last action with each (data version, format). ``parts``: by (part
    version, format).
    """

    bodies: Mapping[tuple[str, str], tuple[str, str]]
    parts: Mapping[tuple[str, str], Part]

    def manifest(self, data_version: str, format_name: str) -> Manifest | ManifestRef | None:
        """Return the manifest of these data in this format, None when it is not on record."""
        found = self.bodies.get((data_version, format_name))
        if found is None:
            return None
        kind, body = found
        model = SourceObserved if kind in OBSERVED_KINDS else Materialized
        return model.model_validate_json(body).manifest

    def part(self, version: str, format_name: str) -> Part | None:
        """Return a part with these rows in this format, None when none is on record."""
        return self.parts.get((version, format_name))


class StoredQueries(Queries):
    """Questions about what the store already holds."""

    def stored(
        self,
        assets: Collection[str] | None = None,
        data_versions: Collection[str] | None = None,
        part_versions: Collection[str] = (),
    ) -> Stored:
        """Return what is on record as stored of ``assets`` (None: of all).

        With ``data_versions`` only those and the parts that they are made of, and the parts ``part_versions``.
        """
        of = None if assets is None else list(assets)
        data = None if data_versions is None else list(data_versions)
        last = self._ask(_LAST, (of, of, data, data))
        said = self._bodies([row[-2:] for row in last])
        bodies = {row[:2]: (row[2], said[row[-2:]]) for row in last}
        parts = {
            (version, format_name): Part(object=name, bytes=size, version=version, rows=rows, path=path)
            for version, format_name, name, size, rows, path in self._ask(
                _PARTS, (of, of, data, list(part_versions), data)
            )
        }
        return Stored(bodies, parts)

    def stored_names(self, assets: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
        """Return the data versions and the part versions that are on record as stored of ``assets``."""
        data, parts = (self._ask(query, (list(assets),)) for query in (_DATA_VERSIONS, _PART_VERSIONS))
        return frozenset(name for (name,) in data), frozenset(name for (name,) in parts)


_LAST = f"""
    SELECT data_version, format, kind, commit_number, position FROM assetflow.materializations
    WHERE rowid IN (
        SELECT arg_max(row_id, {PLACE}) FROM (
            SELECT m.rowid AS row_id, m.* FROM assetflow.materializations m {LIVE}
            WHERE (?::VARCHAR[] IS NULL OR m.asset = ANY(?)) AND (?::VARCHAR[] IS NULL OR m.data_version = ANY(?))
                AND m.format IS NOT NULL)
        GROUP BY data_version, format)"""  # noqa: S608 -- constants only

_PARTS = f"""
    SELECT part_version, format, object, bytes, rows, path FROM assetflow.parts
    WHERE rowid IN (
        SELECT arg_max(row_id, ({PLACE}, ordinal)) FROM (
            SELECT p.rowid AS row_id, p.* FROM assetflow.parts p {LIVE_PARTS}
            WHERE (?::VARCHAR[] IS NULL OR p.asset = ANY(?)) AND p.role = 'part' AND p.part_version <> ''
                AND (?::VARCHAR[] IS NULL OR p.part_version = ANY(?)
                    OR p.part_version IN (
                        SELECT part_version FROM assetflow.parts WHERE data_version = ANY(?))))
        GROUP BY part_version, format)"""  # noqa: S608 -- constants only

_DATA_VERSIONS = f"""
    SELECT DISTINCT m.data_version FROM assetflow.materializations m {LIVE}
    WHERE m.asset = ANY(?) AND m.format IS NOT NULL"""  # noqa: S608 -- constants only

_PART_VERSIONS = f"""
    SELECT DISTINCT p.part_version FROM assetflow.parts p {LIVE_PARTS}
    WHERE p.asset = ANY(?) AND p.part_version <> ''"""  # noqa: S608 -- constants only
