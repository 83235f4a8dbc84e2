"""Owns, of the public facade, what tells of the declarations, and how they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assetflow.project.opened import Config, Opened

if TYPE_CHECKING:
    from datetime import datetime

    from assetflow.model.spec import ExposureSpec
    from assetflow.operate.catalog import AssetDetails, CatalogEntry, RecordedEntry
    from assetflow.operate.explain import Explanation
    from assetflow.operate.provenance import Lineage
    from assetflow.operate.status import StatusRow


class Declared(Opened):
    """Part of ``Project``: what tells of the declarations, and how they stand."""

    def status(
        self, selection: str | None = None, *, exclude: str | None = None, now: datetime | None = None
    ) -> list[StatusRow]:
        """Return how each selected asset stands, parents first; late is what is so at ``now`` (None: this moment)."""
        from assetflow.operate.status import status

        return status(self._workspace, selection, exclude, now=now)

    def list(self, selection: str | None = None, *, exclude: str | None = None) -> Sequence[CatalogEntry]:
        """Return what is declared, of the assets selected."""
        from assetflow.operate import catalog

        return catalog.list_assets(self._workspace, selection, exclude)

    def exposures(
        self, selection: str | None = None, *, exclude: str | None = None
    ) -> Sequence[ExposureSpec]:
        """Return who uses the assets selected, or what is made from them, as far as it is declared."""
        from assetflow.operate.exposures import list_exposures

        return list_exposures(self._workspace, selection, exclude)

    def recorded(self) -> Sequence[RecordedEntry]:
        """Return the assets that the store knows, declared or not; does not import the user's modules."""
        from assetflow.operate import catalog

        return catalog.list_recorded(self._workspace)

    def show(self, key: str) -> AssetDetails:
        """Return everything about one declared asset."""
        from assetflow.operate import catalog

        return catalog.details(self._workspace, key)

    def lineage(
        self, key: str, *, depth: int | None = None, upstream: bool = True, downstream: bool = True
    ) -> Lineage:
        """Return what ``key`` is made from and what is made from it, at most ``depth`` steps away (None: all)."""
        from assetflow.operate.provenance import Around, lineage

        return lineage(self._workspace, key, Around(depth, upstream, downstream))

    def explain(self, key: str, *, config: Config | None = None) -> Explanation:
        """Say why ``key`` is in its state: its fingerprint now against the published one, with code diffs."""
        from assetflow.operate.explain import explain

        return explain(self._workspace, key, config=config)
