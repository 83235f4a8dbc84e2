"""Owns the past as planning asks for it: read from the ledger in bulk, and only as far as a plan needs."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

from assetflow.errors import DamagedError
from assetflow.ledger.pointers import TurnedAway
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.model.manifest import Manifest, ManifestRef, Part
from assetflow.model.verdicts import CheckEvaluated
from assetflow.model.versions import Materialized
from assetflow.operate.recall import Records, StoredContent
from assetflow.operate.workspace import Workspace
from assetflow.storage import artifacts


class Past:
    """What is on record, as one environment saw it when this was made (``planning.World``).

    The published versions and their verdicts are read at once; other records, and what is stored already, when they
    are asked for, many together (``recall``). What is read later is no newer for it, but for two things that tell the
    same whenever they are asked: verdicts, and what is stored already.

    Args:
        workspace: the project, opened in the environment.
        keys: the assets of the plan.

    ``begun_effects``: the run by effect, where its last beginning has no end on record.
    """

    def __init__(self, workspace: Workspace, keys: Collection[str]) -> None:
        self._workspace = workspace
        self._keys = frozenset(keys)
        self._versions: dict[str, Recorded | None] = {}
        self._verdicts: dict[tuple[str, str, str], CheckEvaluated] = {}
        self._judged: set[tuple[str, str]] = set()
        self._ever_judged: frozenset[str] | None = None
        self._present: dict[str, bool] = {}
        self._resolved: dict[str, Manifest] = {}
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
            self.pins: Mapping[str, str] = {
                asset: version for (asset, _), version in session.pins(workspace.env).items()
            }
            self.accepted = session.accepted(workspace.env)
            self.begun_effects: Mapping[str, str] = {
                start.asset: start.run for start in session.unended_effects(workspace.env)
            }
            self.effects: Mapping[str, str] = session.last_effects(workspace.env)
            self.interrupted: Mapping[str, str] = session.interrupted_effects(
                workspace.env, workspace.store.live
            )
        in_plan = [r for r in self.published.values() if r.asset in self._keys]
        self._records = Records(workspace.ledger, self._keys, self.head, self._learn_verdicts)
        self._stored = StoredContent(workspace.ledger, self._keys, [r.data_version for r in in_plan])
        self._look_for(name for r in in_plan for name in self._needed(r.manifest))

    @property
    def env(self) -> str:
        """The environment's name."""
        return self._workspace.env

    @property
    def head(self) -> int:
        """Number of the last commit that was read."""
        return self.commit.number

    @cached_property
    def turned_away(self) -> Mapping[str, Sequence[TurnedAway]]:
        """What the environment does not publish by itself, by asset; read where something is not as it is published."""
        with self._workspace.ledger.session() as session:
            found: dict[str, list[TurnedAway]] = {}
            for hold in session.turned_away(self.env, self.head):
                found.setdefault(hold.asset, []).append(hold)
            return found

    def records(self, asset: str, fingerprint: str) -> Sequence[Recorded]:
        """Return what is on record for this asset and fingerprint, newest first."""
        with self._lock:
            return self._records.of(asset, fingerprint)

    def version(self, asset: str, version: str) -> Recorded | None:
        """Return the newest record of one version."""
        with self._lock:
            if version not in self._versions:
                self._read_versions({version})
            recorded = self._versions[version]
        return recorded if recorded is not None and recorded.asset == asset else None

    def verdict(self, asset: str, data_version: str, fingerprint: str) -> CheckEvaluated | None:
        """Return the last evaluation with this check fingerprint."""
        with self._lock:
            if (asset, data_version) not in self._judged:
                self._read_verdicts(asset, data_version)
            return self._verdicts.get((asset, data_version, fingerprint))

    def unsound(self, records: Collection[Recorded]) -> frozenset[str]:
        """Return the versions among ``records`` whose stored bytes are missing or known to be damaged."""
        return frozenset(r.version for r in records if not self._are_there(self._needed(r.manifest)))

    def known_artifact(self, data_version: str, format_name: str) -> Manifest | None:
        """Return the manifest of these data in this format, when they are stored and sound."""
        with self._lock:
            manifest = self._stored.manifest(data_version, format_name)
        if manifest is None or not self._are_there(self._needed(manifest)):
            return None
        return self._resolve(manifest)

    def known_part(self, version: str, format_name: str) -> Part | None:
        """Return a part with these rows in this format, when it is stored and sound."""
        with self._lock:
            part = self._stored.part(version, format_name)
        return part if part is not None and self._are_there([part.object]) else None

    def _read_versions(self, wanted: set[str]) -> None:
        """Read the records of these versions; the first time, of all that the published ones were made from."""
        if not self._versions:
            wanted = wanted | {version for key in self._keys for version in self._made_from(key)}
        with self._workspace.ledger.session() as session:
            found = session.versions(wanted, at=self.head)
        self._versions.update({version: found.get(version) for version in wanted})

    def _made_from(self, key: str) -> Iterable[str]:
        recorded = self.published.get(key)
        if recorded is None or not isinstance(recorded.action, Materialized):
            return ()
        return (item.version for item in recorded.action.recipe.inputs if item.version is not None)

    def _read_verdicts(self, asset: str, data_version: str) -> None:
        if self._ever_judged is None:
            with self._workspace.ledger.session() as session:
                self._ever_judged = session.judged_data()
        if data_version in self._ever_judged:
            with self._workspace.ledger.session() as session:
                self._learn_verdicts_of(session, {(asset, data_version)})

    def _learn_verdicts(self, session: Session, records: Iterable[Recorded]) -> None:
        self._learn_verdicts_of(session, {(recorded.asset, recorded.data_version) for recorded in records})

    def _learn_verdicts_of(self, session: Session, data: Collection[tuple[str, str]]) -> None:
        self._judged.update(data)
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
