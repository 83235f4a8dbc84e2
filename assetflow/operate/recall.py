"""Owns what is read of the ledger while a plan is made and run: as it is asked for, and many answers at once.

A log may hold a million records, of which a plan asks for some. A session costs tens of milliseconds, so that what is
not on record is known without one, and one that is opened brings along what is likely to be asked for next.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from assetflow.ledger.ledger import Ledger
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.ledger.stored import Stored
from assetflow.model.manifest import Manifest, ManifestRef, Part

_FIRST_READ = 4  # records of each asset; four times as many each time that they do not do


class Records:
    """The records of ``assets`` up to commit ``head``, by fingerprint. ``learn`` is told of all that are read."""

    def __init__(
        self,
        ledger: Ledger,
        assets: Collection[str],
        head: int,
        learn: Callable[[Session, Sequence[Recorded]], None],
    ) -> None:
        self._ledger = ledger
        self._assets = assets
        self._head = head
        self._learn = learn
        self._newest = _FIRST_READ
        self._fingerprints: frozenset[str] | None = None
        self._found: dict[str, list[Recorded]] = {}

    def of(self, asset: str, fingerprint: str) -> Sequence[Recorded]:
        """Return what is on record for this asset and fingerprint, newest first."""
        if fingerprint not in self.fingerprints():
            return ()
        if fingerprint not in self._found:
            self._read(fingerprint)
        return [recorded for recorded in self._found.get(fingerprint, ()) if recorded.asset == asset]

    def fingerprints(self) -> frozenset[str]:
        """Return all that are on record of the assets."""
        if self._fingerprints is None:
            with self._ledger.session() as session:
                self._fingerprints = session.fingerprints(self._assets)
        return self._fingerprints

    def _read(self, fingerprint: str) -> None:
        with self._ledger.session() as session:
            near = session.records_near(fingerprint, self._assets, self._newest)
            fresh = [r for r in near[::-1] if r.commit <= self._head and r.fingerprint not in self._found]
            self._learn(session, fresh)
        self._newest *= _FIRST_READ
        for recorded in fresh:
            self._found.setdefault(recorded.fingerprint, []).append(recorded)


class StoredContent:
    """What the store holds of ``assets`` already. ``likely``: the data versions that are asked for most."""

    def __init__(self, ledger: Ledger, assets: Collection[str], likely: Collection[str]) -> None:
        self._ledger = ledger
        self._assets = assets
        self._likely = likely
        self._names: tuple[frozenset[str], frozenset[str]] | None = None
        self._data: dict[str, Stored] = {}
        self._parts: dict[str, Stored] = {}

    def manifest(self, data_version: str, format_name: str) -> Manifest | ManifestRef | None:
        """Return the manifest of these data in this format, None when it is not on record."""
        if data_version not in self._on_record()[0]:
            return None
        if data_version not in self._data:
            self._read(data_versions=[data_version])
        return self._data[data_version].manifest(data_version, format_name)

    def part(self, version: str, format_name: str) -> Part | None:
        """Return a part with these rows in this format, None when none is on record."""
        if version not in self._on_record()[1]:
            return None
        if version not in self._parts:
            self._read(part_versions=[version])
        return self._parts[version].part(version, format_name)

    def _on_record(self) -> tuple[frozenset[str], frozenset[str]]:
        if self._names is None:
            with self._ledger.session() as session:
                self._names = session.stored_names(self._assets)
        return self._names

    def _read(self, data_versions: Collection[str] = (), part_versions: Collection[str] = ()) -> None:
        wanted = {*data_versions, *self._likely}
        self._likely = ()
        with self._ledger.session() as session:
            stored = session.stored(self._assets, wanted, part_versions)
        self._data.update(dict.fromkeys(wanted, stored))
        self._parts.update(dict.fromkeys({*part_versions, *(version for version, _ in stored.parts)}, stored))
