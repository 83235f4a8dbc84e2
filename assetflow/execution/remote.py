"""Owns reading other projects' stores: what they publish, and its data. Nothing is ever written there.

Each store's ledger is kept in a folder of ours, apart from our own. Knows nothing of plans.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from assetflow.errors import AssetflowError, DamagedError, SourceError
from assetflow.execution.loading import Loader
from assetflow.execution.observation import Observer
from assetflow.execution.shelf import Shelf
from assetflow.frames.content import Content
from assetflow.frames.parted import PartedTable
from assetflow.hashing.fingerprint import source_fingerprint, version_id
from assetflow.keys import did_you_mean
from assetflow.ledger.ledger import Ledger
from assetflow.ledger.pointers import Pointer
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.model.spec import ExternalSpec
from assetflow.model.versions import Materialized, RemoteVersion, SourceObserved, Version
from assetflow.planning.fingerprints import seen_of
from assetflow.settings.settings import RemotePlace
from assetflow.storage import artifacts
from assetflow.storage.failure import shown
from assetflow.storage.store import Store, open_store

DEFAULT_ENV = "prod"


@dataclass(frozen=True)
class RemoteObservation:
    """What another project publishes of one asset. ``remote``: which version of it that is."""

    data_version: str
    rows: int | None
    columns: tuple[tuple[str, str], ...] | None
    bytes: int
    remote: RemoteVersion


@dataclass(frozen=True)
class OpenedStore:
    """A store that is open for reading."""

    store: Store
    ledger: Ledger

    @property
    def url(self) -> str:
        """Its address, without secrets."""
        return shown(self.store.url)


class Remotes:
    """Other projects' stores, each opened once; a version of theirs is looked up once. Safe for threads.

    Args:
        place_of: says where the store is that a declaration names.
        folder: where ledgers of theirs are kept; None: in memory.
        shelf: the hand-over in memory.
    """

    def __init__(self, place_of: Callable[[str], RemotePlace], folder: Path | None, shelf: Shelf) -> None:
        self._place_of = place_of
        self._folder = folder
        self._shelf = shelf
        self._stores: list[tuple[RemotePlace, OpenedStore]] = []
        self._records: dict[tuple[str, str], Recorded] = {}
        self._lock = threading.Lock()

    def observe(self, externals: Mapping[str, ExternalSpec]) -> dict[str, RemoteObservation | SourceError]:
        """Return what is published of ``externals`` (by key), or why that cannot be told; of a store, one commit."""
        together = defaultdict[tuple[str, str], dict[str, ExternalSpec]](dict)
        for key, external in externals.items():
            env = external.env or self._place_of(external.store).env or DEFAULT_ENV
            together[external.store, env][key] = external
        found: dict[str, RemoteObservation | SourceError] = {}
        for (store, env), asked in together.items():
            try:
                found |= self._observe(store, env, asked)
            except AssetflowError as error:
                found |= {
                    key: SourceError(f"external {key}: {error.message}", hint=error.hint) for key in asked
                }
        return found

    def recorded(self, asset: str, remote: RemoteVersion) -> Version:
        """Return what is on record there of a version that ``asset`` was read as.

        Raises:
            SourceError: their store cannot be opened, is not the one that was read, or does not know it any more.
        """
        known = remote.store_id, remote.version
        if known not in self._records:
            with self.session(remote) as (_, session):
                recorded = session.versions({remote.version}).get(remote.version)
            if recorded is None:
                raise SourceError(f"external {asset}: {_told(remote)} is not on record there any more")
            self._records[known] = recorded
        return self._records[known].action

    def content(self, asset: str, remote: RemoteVersion, columns: tuple[str, ...] | None = None) -> Content:
        """Return the content of a recorded version of theirs; a table may be a ``PartedTable``.

        Raises:
            SourceError: as ``recorded`` does, and where they have not these data any more.
        """
        objects = self._opened(remote).store.objects
        loader = Loader(objects, Observer(Path.cwd(), None), self._shelf, lambda _names: None)
        try:
            content = loader.content(self.recorded(asset, remote), columns, lazily=True)
        except DamagedError as error:
            raise _gone(asset, remote, error) from error
        if isinstance(content.data, PartedTable):
            return replace(content, data=content.data.blaming(partial(_gone, asset, remote)))
        return content

    def lend(self, asset: str, remote: RemoteVersion, folder: Path) -> Version:
        """Make what is stored of their version readable below ``folder``; return what is on record of it there.

        Raises:
            SourceError: as ``content`` does.
        """
        version = self.recorded(asset, remote)
        assert version.manifest is not None  # else it was not read
        try:
            artifacts.lend(version.manifest, self._opened(remote).store.objects, folder)
        except DamagedError as error:
            raise _gone(asset, remote, error) from error
        return version

    def name_of(self, store_id: str, names: Iterable[str]) -> str | None:
        """Return which of ``names``, as declarations call stores, is the store with this id; None where none is."""
        for name in names:
            with suppress(AssetflowError):  # what cannot be opened is not the one that is looked for
                if self._open(self._place_of(name)).store.store_id == store_id:
                    return name
        return None

    @contextmanager
    def session(self, remote: RemoteVersion) -> Iterator[tuple[OpenedStore, Session]]:
        """Open the ledger of the store that a recorded version is in; raise SourceError when that cannot be."""
        opened = self._opened(remote)
        with opened.ledger.session() as session:
            yield opened, session

    def _opened(self, remote: RemoteVersion) -> OpenedStore:
        try:
            opened = self._open(self._place_of(remote.store))
        except AssetflowError as error:
            raise SourceError(f"{_told(remote)} cannot be read: {error.message}", hint=error.hint) from error
        if opened.store.store_id != remote.store_id:
            raise SourceError(
                f"{_told(remote)} cannot be read: {opened.url} is another store now",
                hint="say in the settings, [external.NAME], where the one that was read is",
            )
        return opened

    def _open(self, place: RemotePlace) -> OpenedStore:
        place = replace(place, env=None)
        with self._lock:
            opened = next((opened for known, opened in self._stores if known == place), None)
            if opened is None:
                store = open_store(place.url, storage_options=place.storage_options)
                opened = OpenedStore(store, Ledger(self._folder, store))
                self._stores.append((place, opened))
        if opened.store.store_id is None:
            raise SourceError(
                f"there is no store at {opened.url}",
                hint="store= of af.external names a path, a URL, or [external.NAME] of the settings",
            )
        return opened

    def _observe(
        self, store: str, env: str, asked: Mapping[str, ExternalSpec]
    ) -> dict[str, RemoteObservation | SourceError]:
        opened = self._open(self._place_of(store))
        with opened.ledger.session() as session:
            pointers = {pointer.asset: pointer for pointer in session.pointers(env).values()}
            wanted = {item.asset for item in asked.values()}
            versions = session.versions(
                {pointer.version for key, pointer in pointers.items() if key in wanted}
            )
            environments = session.environments()
        self._records |= {(opened.store.store_id or "", name): one for name, one in versions.items()}
        seen: dict[str, RemoteObservation | SourceError] = {}
        for key, item in asked.items():
            pointer = pointers.get(item.asset)
            if pointer is None:
                seen[key] = _unpublished(key, item, env, opened, pointers, environments)
            else:
                seen[key] = _observation(key, item, env, opened, pointer, versions[pointer.version])
        return seen


def record_of(key: str, seen: RemoteObservation, run: str) -> SourceObserved:
    """Return the record of what was read of another project's asset."""
    fingerprint = source_fingerprint(key, seen.data_version)
    return SourceObserved(
        run=run,
        asset=key,
        version=version_id(key, "", fingerprint, seen.data_version),
        data_version=seen.data_version,
        fingerprint=fingerprint,
        url=seen.remote.url,
        format="external",
        identity="content",
        files=(),
        rows=seen.rows,
        columns=seen.columns,
        observed_at=datetime.now(UTC).isoformat(),
        seconds=0.0,
        bytes=seen.bytes,
        remote=seen.remote,
    )


def _observation(
    key: str, item: ExternalSpec, env: str, opened: OpenedStore, pointer: Pointer, recorded: Recorded
) -> RemoteObservation | SourceError:
    action = recorded.action
    if action.manifest is None:
        what = "an effect" if isinstance(action, Materialized) else "a source that is not kept there"
        return SourceError(
            f"external {key}: {item.asset} in {env} of {opened.url} is {what}, which has no data to read",
            hint="name an asset that is made from it",
        )
    seen = seen_of(action)
    remote = RemoteVersion(
        store=item.store,
        url=opened.url,
        store_id=opened.store.store_id or "",
        env=env,
        asset=item.asset,
        version=pointer.version,
        commit=pointer.commit,
    )
    return RemoteObservation(seen.data_version, seen.rows, seen.columns, action.bytes, remote)


def _unpublished(
    key: str,
    item: ExternalSpec,
    env: str,
    opened: OpenedStore,
    published: Collection[str],
    environments: Collection[str],
) -> SourceError:
    if env not in environments:
        near = did_you_mean(env, environments) or f"there are {', '.join(environments)}"
        return SourceError(f"external {key}: {opened.url} has no environment {env!r}; {near}")
    near = did_you_mean(item.asset, published) or "ask its team, or name another asset or env"
    return SourceError(
        f"external {key}: {item.asset} has no published version in {env} of {opened.url}; {near}"
    )


def _gone(asset: str, remote: RemoteVersion, error: DamagedError) -> SourceError:
    """Return what to tell when their data are damaged or missing: we cannot mend them, so we do not note them."""
    return SourceError(
        f"external {asset}: {_told(remote)} cannot be read: {error.message}",
        hint="its team may have forgotten it; `assetflow plan` says whether it publishes another version now",
    )


def _told(remote: RemoteVersion) -> str:
    return f"{remote.asset}@{remote.version[:12]} of {remote.url}"
