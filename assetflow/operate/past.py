"""Owns the past as planning asks for it: read from the ledger in bulk, and only as far as a plan needs."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence

from assetflow.errors import DamagedError
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.ledger.stored import Stored
from assetflow.model.actions import CheckEvaluated
from assetflow.model.manifest import Manifest, ManifestRef, Part
from assetflow.operate.workspace import Workspace
from assetflow.storage import artifacts


class Past:
    """What is on record, as one environment saw it when this was made (``planning.World``).

    The published versions and their verdicts are read at once; all records of the assets and of what they read, and
    all their verdicts, together and only when something is not fresh. What is read later is no newer for it, but for
    two things that tell the same whenever they are asked: verdicts, and what is stored already.

    Args:
        workspace: the project, opened in the environment.
        keys: the assets of the plan.

    ``begun_effects``: the run by effect, where its last beginning has no end on record.
    """

    def __init__(self, workspace: Workspace, keys: Collection[str]) -> None:
        self._workspace = workspace
        self._keys = frozenset(keys)
        self._on_record = self._keys | _reads(workspace, keys)
        self._by_fingerprint: dict[tuple[str, str], list[Recorded]] | None = None
        self._by_version: dict[tuple[str, str], Recorded] = {}
        self._verdicts: dict[tuple[str, str, str], CheckEvaluated] = {}
        self._present: dict[str, bool] = {}
        self._resolved: dict[str, Manifest] = {}
        self._is_stored: Stored | None = None
        self._lock = threading.RLock()  # workers ask too
        self.damaged: frozenset[str] = workspace.damage.known()
        with workspace.ledger.session() as session:
            self.commit = session.head
            pointers = session.pointers(workspace.env).values()
            versions = session.versions({pointer.version for pointer in pointers})
            self.published: Mapping[str, Recorded] = {
                pointer.asset: versions[pointer.version] for pointer in pointers
            }
            self._learn_verdicts(session, self.published.values())
            self._judged = {(r.asset, r.data_version) for r in self.published.values()}
            self.begun_effects: Mapping[str, str] = {
                start.asset: start.run for start in session.unended_effects(workspace.env)
            }
            self.effects: Mapping[str, str] = session.last_effects(workspace.env)
            self.interrupted: Mapping[str, str] = session.interrupted_effects(
                workspace.env, workspace.store.live
            )
        in_plan = [r for r in self.published.values() if r.asset in self._keys]
        self._look_for(name for r in in_plan for name in self._needed(r.manifest))

    @property
    def env(self) -> str:
        """The environment's name."""
        return self._workspace.env

    @property
    def head(self) -> int:
        """Number of the last commit that was read."""
        return self.commit.number

    def records(self, asset: str, fingerprint: str) -> Sequence[Recorded]:
        """Return what is on record for this asset and fingerprint, newest first."""
        return self._all_records().get((asset, fingerprint), ())

    def version(self, asset: str, version: str) -> Recorded | None:
        """Return the newest record of one version."""
        self._all_records()
        return self._by_version.get((asset, version))

    def verdict(self, asset: str, data_version: str, fingerprint: str) -> CheckEvaluated | None:
        """Return the last evaluation with this check fingerprint."""
        if (asset, data_version) not in self._judged:
            self._all_records()
        return self._verdicts.get((asset, data_version, fingerprint))

    def unsound(self, records: Collection[Recorded]) -> frozenset[str]:
        """Return the versions among ``records`` whose stored bytes are missing or known to be damaged."""
        return frozenset(r.version for r in records if not self._are_there(self._needed(r.manifest)))

    def known_artifact(self, data_version: str, format_name: str) -> Manifest | None:
        """Return the manifest of these data in this format, when they are stored and sound."""
        manifest = self._stored().manifest(data_version, format_name)
        if manifest is None or not self._are_there(self._needed(manifest)):
            return None
        return self._resolve(manifest)

    def known_part(self, version: str, format_name: str) -> Part | None:
        """Return a part with these rows in this format, when it is stored and sound."""
        part = self._stored().part(version, format_name)
        return part if part is not None and self._are_there([part.object]) else None

    def _stored(self) -> Stored:
        with self._lock:
            if self._is_stored is None:
                with self._workspace.ledger.session() as session:
                    self._is_stored = session.stored(self._keys)
            return self._is_stored

    def _all_records(self) -> dict[tuple[str, str], list[Recorded]]:
        with self._lock:
            if self._by_fingerprint is None:
                self._by_fingerprint = self._read_records()
            return self._by_fingerprint

    def _read_records(self) -> dict[tuple[str, str], list[Recorded]]:
        with self._workspace.ledger.session() as session:
            records = [r for r in session.records(self._on_record)[::-1] if r.commit <= self.head]
            self._learn_verdicts(session, records)
        by_fingerprint: dict[tuple[str, str], list[Recorded]] = {}
        for recorded in records:
            by_fingerprint.setdefault((recorded.asset, recorded.fingerprint), []).append(recorded)
            self._by_version.setdefault((recorded.asset, recorded.version), recorded)
        return by_fingerprint

    def _learn_verdicts(self, session: Session, records: Iterable[Recorded]) -> None:
        data = {(recorded.asset, recorded.data_version) for recorded in records}
        for evaluated in session.verdicts(data):
            self._verdicts[(evaluated.asset, evaluated.data_version, evaluated.fingerprint)] = evaluated

    def _needed(self, manifest: Manifest | ManifestRef | None) -> tuple[str, ...]:
        """Return the objects that an artifact needs; of a list of parts that cannot be read, the list itself."""
        if isinstance(manifest, ManifestRef):
            try:
                resolved = self._resolve(manifest)
            except DamagedError:
                self._present[manifest.object] = False
                return (manifest.object,)
            return (manifest.object, *resolved.objects)
        return manifest.objects if manifest is not None else ()

    def _resolve(self, manifest: Manifest | ManifestRef) -> Manifest:
        if isinstance(manifest, Manifest):
            return manifest
        if manifest.object not in self._resolved:
            self._resolved[manifest.object] = artifacts.resolve(manifest, self._workspace.store.objects)
        return self._resolved[manifest.object]

    def _are_there(self, names: Collection[str]) -> bool:
        self._look_for(names)
        return all(self._present[name] for name in names)

    def _look_for(self, names: Iterable[str]) -> None:
        unknown = {name for name in names if name not in self._present}
        if not unknown:
            return
        objects = self._workspace.store.objects
        is_local = objects.local_path(next(iter(unknown))) is not None
        missing = objects.missing(unknown) if is_local else frozenset()
        for name in unknown:
            self._present[name] = name not in missing and name not in self.damaged


def _reads(workspace: Workspace, keys: Collection[str]) -> frozenset[str]:
    """Return what these assets and their checks read."""
    specs = [workspace.specs[key] for key in keys]
    of_checks = (item.key for spec in specs for check in spec.checks for item in check.inputs)
    return frozenset(key for spec in specs for key in spec.upstream).union(of_checks)
