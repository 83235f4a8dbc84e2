"""Owns the questions about what the store holds: artifacts by data version, parts by hash of their rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from assetflow.ledger.queries import Queries
from assetflow.model.actions import Materialized, SourceObserved
from assetflow.model.manifest import Manifest, ManifestRef, Part


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
        model = SourceObserved if kind == "source" else Materialized
        return model.model_validate_json(body).manifest

    def part(self, version: str, format_name: str) -> Part | None:
        """Return a part with these rows in this format, None when none is on record."""
        return self.parts.get((version, format_name))


class StoredQueries(Queries):
    """Questions about what the store already holds."""

    def stored(self, assets: Collection[str] | None = None) -> Stored:
        """Return what is on record as stored of ``assets`` (None: of all)."""
        names = None if assets is None else list(assets)
        bodies = {row[:2]: row[2:] for row in self._ask(_BODIES, (names, names))}
        parts = {
            (version, format_name): Part(object=name, bytes=size, version=version, rows=rows, path=path)
            for version, format_name, name, size, rows, path in self._ask(_PARTS, (names, names))
        }
        return Stored(bodies, parts)


_BODIES = """
    SELECT m.data_version, m.format, m.kind, a.body
    FROM assetflow.materializations m JOIN assetflow.actions a USING (commit_number, position)
    WHERE (?::VARCHAR[] IS NULL OR m.asset = ANY(?)) AND m.format IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY m.data_version, m.format ORDER BY commit_number DESC, position DESC) = 1"""

_PARTS = """
    SELECT part_version, format, object, bytes, rows, path FROM assetflow.parts
    WHERE (?::VARCHAR[] IS NULL OR asset = ANY(?)) AND role = 'part' AND part_version <> ''
    QUALIFY row_number() OVER (
        PARTITION BY part_version, format ORDER BY commit_number DESC, position DESC, ordinal DESC) = 1"""
