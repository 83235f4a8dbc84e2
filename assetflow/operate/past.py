"""Owns the past as planning asks for it: read from the ledger in bulk, and only as far as a plan needs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from assetflow.errors import DamagedError
from assetflow.keys import name_of, split_name
from assetflow.ledger.pointers import TurnedAway
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.model.manifest import Manifest, ManifestRef, Part
from assetflow.model.verdicts import CheckEvaluated
from assetflow.model.versions import Materialized
from assetflow.operate.recall import Records, StoredContent
from assetflow.operate.workspace import Workspace
from assetflow.planning.fingerprints import Seen
from assetflow.planning.resolve import Resolved
from assetflow.planning.views import published_view, upstream_names
from assetflow.planning.world import Standing
from assetflow.storage import artifacts


class Published(Mapping[str, Recorded]):
    """What an environment publishes, by name.

    Partitions are looked up one by one: those who go through all see assets without partitions only.
    """

    def __init__(self, whole: Mapping[str, Recorded], partition: Callable[[str], Recorded | None]) -> None:
        self._whole = whole
        self._partition = partition

    def __getitem__(self, name: str) -> Recorded:
        found = self._whole.get(name) or self._partition(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole)

    def __len__(self) -> int:
        return len(self._whole)


class Past:
    """What is on record, as one environment saw it when this was made (``planning.World``).

    The published versions and their verdicts are read at once; other records, and what is stored already, when they
    are asked for, many together (``recall``). What is read later is no newer for it, but for two things that tell the
    same whenever they are asked: verdicts, and what is stored already.

    Args:
        workspace: the project, opened in the environment.
        keys: the assets of the plan.
        columns_of: partitioned assets of which some reader reads but some columns.

    ``begun_effects``: the run by effect, where its last beginning has no end on record.
    """

    def __init__(self, workspace: Workspace, keys: Collection[str], columns_of: Collection[str] = ()) -> None:
        self._workspace = workspace
        self._keys = frozenset(keys)
        self._versions: dict[str, Recorded | None] = {}
        self._verdicts: dict[tuple[str, str, str], CheckEvaluated] = {}
        self._judged: set[tuple[str, str]] = set()
        self._ever_judged: frozenset[str] | None = None
        self._present: dict[str, bool] = {}
        self._standings: dict[str, Mapping[str, Standing]] = {}
        self._needed_by: dict[str, list[tuple[str, str]]] = {}
        self._partitions: dict[str, Recorded] = {}
        self._columns_of = columns_of
        self._resolved: dict[str, Manifest] = {}
        self._lock = threading.RLock()  # workers ask too
        self.damaged: frozenset[str] = workspace.damage.known()
        with workspace.ledger.session() as session:
            self.commit = session.head
            pointers = session.whole_pointers(workspace.env)
            versions = session.versions({pointer.version for pointer in pointers.values()})
            whole = {asset: versions[pointer.version] for asset, pointer in pointers.items()}
            self.published: Mapping[str, Recorded] = Published(whole, self._published_partition)
            self._learn_verdicts(session, whole.values())
            self.pins: Mapping[str, str] = {
                name_of(*place): version for place, version in session.pins(workspace.env).items()
            }
            self.accepted = session.accepted(workspace.env)
            self.begun_effects: Mapping[str, str] = {
                name_of(start.asset, start.partition): start.run
                for start in session.unended_effects(workspace.env)
            }
            self.effects: Mapping[str, str] = session.last_effects(workspace.env)
            self.interrupted: Mapping[str, str] = session.interrupted_effects(
                workspace.env, workspace.store.live
            )
        in_plan = [r for r in whole.values() if r.asset in self._keys]
        self._records = Records(workspace.ledger, self._keys, self.head, self._learn_verdicts)
        self._wholly: dict[str, Sequence[TurnedAway]] = {}
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
        """What the environment does not publish by itself, by name; read where something is not as it is published."""
        with self._workspace.ledger.session() as session:
            found: dict[str, list[TurnedAway]] = {}
            for hold in session.turned_away(self.env, self.head):
                found.setdefault(hold.name, []).append(hold)
            return found

    def seen(self, name: str) -> Seen | None:
        """Return what is published, by name, as others see it."""
        return self._standing(name) if split_name(name)[1] else published_view(name, self)

    def standings(self, asset: str) -> Mapping[str, Standing]:
        """Return what is published of an asset, by partition."""
        if asset not in self._standings:
            self._read_standings(asset)
        return self._standings[asset]

    def _read_standings(self, asset: str) -> None:
        with self._workspace.ledger.session() as session:
            found = session.published_partitions(self.env, asset, columns=asset in self._columns_of)
            self._needed_by[asset] = session.partition_objects(self.env, asset) if found else []
        self._standings[asset] = {
            partition: Standing(
                version, data_version, rows, columns, partition, fingerprint, code_version, token
            )
            for partition, version, data_version, fingerprint, code_version, rows, token, columns in (
                found.values()
            )
        }

    def unsound_partitions(self, asset: str) -> frozenset[str]:
        """Return the partitions of an asset whose published version is not stored, as far as that is known at once."""
        self.standings(asset)
        needed = self._needed_by[asset]
        self._look_for(name for _, name in needed)
        return frozenset(partition for partition, name in needed if not self._present[name])

    def on_record(self) -> frozenset[str]:
        """Return all fingerprints that may be on record of the plan's assets."""
        with self._lock:
            return self._records.fingerprints()

    def passed(self, asset: str) -> frozenset[tuple[str, str]]:
        """Return (data version, check fingerprint) of the evaluations of an asset's checks that do not block."""
        with self._workspace.ledger.session() as session:
            return session.passed(asset)

    def failed_partitions(self, asset: str) -> frozenset[str]:
        """Return the partitions of an asset whose last attempt in the environment failed."""
        with self._workspace.ledger.session() as session:
            return frozenset(partition for key, partition in session.last_failures(self.env) if key == asset)

    def holds_of(self, asset: str) -> bool:
        """Whether any partition of an asset is pinned, or something of it is turned away."""
        names = (*self.pins, *self.turned_away)
        return any(split_name(name)[0] == asset for name in names)

    def turned_away_wholly(self, asset: str) -> Sequence[TurnedAway]:
        """Return what is turned away of some partition of an asset and made none that is published: all of its work."""
        if asset not in self._wholly:
            holds = [hold for held in self.turned_away.values() for hold in held if hold.asset == asset]
            made = {(hold.code_version, hold.config_hash): hold for hold in holds if hold.partition}
            if made:
                with self._workspace.ledger.session() as session:
                    still = session.makers(self.env, asset)
                made = {what: hold for what, hold in made.items() if what not in still}
            self._wholly[asset] = tuple(made.values())
        return self._wholly[asset]

    def expect(self, assets: Sequence[Resolved]) -> None:
        """Read, at once, what will be asked of these partitions and of what they read."""
        self.read_partitions(name for asset in assets for name in (asset.name, *upstream_names(asset)))

    def read_partitions(self, names: Iterable[str]) -> None:
        """Read, at once, the published versions of partitions that will be asked for by name."""
        wanted: set[str] = set()
        for name in names:
            standing = self._standing(name)
            if standing is not None and standing.version not in self._partitions:
                wanted.add(standing.version)
        if wanted:
            with self._workspace.ledger.session() as session:
                found = session.versions(wanted)
                self._learn_verdicts(session, found.values())
            self._partitions.update(found)
            self._versions.update(found)

    def _standing(self, name: str) -> Standing | None:
        """Return what is published of a partition, by name; None for an asset without any."""
        key, partition = split_name(name)
        return self.standings(key).get(partition) if partition else None

    def _published_partition(self, name: str) -> Recorded | None:
        standing = self._standing(name)
        if standing is None:
            return None
        with self._lock:
            if standing.version not in self._partitions:
                with self._workspace.ledger.session() as session:
                    self._partitions.update(session.versions({standing.version}))
            return self._partitions[standing.version]

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
