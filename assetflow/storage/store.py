"""Owns opening a store: which folder of bytes an address means, and whether it can hold a log.

Knows nothing of environments or assets. Opening touches nothing; what is missing is made by the first write.
"""

from __future__ import annotations

import os
import uuid
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assetflow.errors import StoreError, StoreFormatError
from assetflow.model.store import StoreCreated
from assetflow.storage.clock import Clock, SystemClock
from assetflow.storage.failure import shown
from assetflow.storage.folder import Folder
from assetflow.storage.fsspec_folder import FsspecFolder, MemoryFolder
from assetflow.storage.head import Head, advance
from assetflow.storage.live import LiveRuns
from assetflow.storage.local_folder import LocalFolder
from assetflow.storage.log import CommitLog
from assetflow.storage.objects import Objects

_EXCLUSIVE = frozenset({"memory", "s3", "s3a", "gs", "gcs", "abfs", "abfss", "az"})
_LOCAL_PREFIXES = ("file://", "local://")
_PACKAGES = {
    "s3": "assetflow[s3]",
    "s3a": "assetflow[s3]",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "az": "adlfs",
}
_HINT = "use a local path, memory://, s3://, gs:// or abfs://"


class Store:
    """Objects, a commit log, and signs of life, in one folder. Opened by ``open_store``; safe for threads.

    ``project``: the name of the project that opened it, None when it has none: then nothing is claimed or
    checked.
    """

    def __init__(self, folder: Folder, *, project: str | None, clock: Clock) -> None:
        self.folder = folder
        self.url = folder.url
        self.project = project
        self.clock = clock
        self.objects = Objects(folder)
        self.log = CommitLog(folder, clock)
        self.live = LiveRuns(folder, clock)
        self._store_id: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether its files lie on this machine, where looking for one costs next to nothing."""
        return self.folder.local_path("") is not None

    @property
    def store_id(self) -> str | None:
        """The id in commit 1, None while there is none; StoreFormatError for another project's store."""
        if self._store_id is None and not self.log.is_empty():
            self._store_id = self._read_id()
        return self._store_id

    def __repr__(self) -> str:
        return f"<Store {shown(self.url)}>"

    def _read_id(self) -> str | None:
        head, first = advance(Head(), 1, self.log.read(1))
        created = first.actions[0]
        assert isinstance(created, StoreCreated)  # advance raised otherwise
        if self.project and created.project and self.project != created.project:
            raise StoreFormatError(
                f"{shown(self.url)} is the store of project {created.project!r}, not of {self.project!r}",
                hint="name another store in the settings, or set `name` to the name of that project",
            )
        return head.store_id


def open_store(
    url: str | os.PathLike[str],
    *,
    project: str | None = None,
    durable: bool = True,
    storage_options: Mapping[str, Any] | None = None,
    fs: Any = None,
    clock: Clock | None = None,
) -> Store:
    """Open the store at a path or at any fsspec address whose file system can create exclusively.

    A bare ``memory://`` is a new store each time, gone with the last reference to it; ``store.url`` opens it
    again. ``durable=False`` leaves out fsync on local disks. ``fs`` is a file system of your own, with
    ``url`` a path on it; it says ``creates_exclusively = True`` when it passes
    ``assetflow.testing.store_contract``. Raises StoreError for a file system that cannot hold a log.
    """
    folder = _folder(os.fspath(url), durable, storage_options or {}, fs)
    return Store(folder, project=project, clock=clock or SystemClock())


def _folder(url: str, durable: bool, options: Mapping[str, Any], fs: Any) -> Folder:
    if fs is not None:
        _require_exclusive(url, type(fs), fs)
        return _fsspec_folder(fs, url)
    for prefix in _LOCAL_PREFIXES:
        url = url.removeprefix(prefix)
    if "://" not in url and "::" not in url:
        return LocalFolder(Path(url).expanduser().absolute(), durable=durable)
    if url.rstrip("/") == "memory:":
        return _private_memory()
    return _fsspec_folder(_file_system(url, options), url)


def _file_system(url: str, options: Mapping[str, Any]) -> Any:
    """Make a file system that remembers no listing, of which another writer's commits would be missing."""
    from fsspec.core import get_filesystem_class, url_to_fs

    protocol = url.partition("::")[0].partition("://")[0]
    try:
        kind = get_filesystem_class(protocol)
        _require_exclusive(url, kind)
        return url_to_fs(url, use_listings_cache=False, skip_instance_cache=True, **options)[0]
    except ImportError as error:
        package = _PACKAGES.get(protocol)
        hint = f'pip install "{package}"' if package else _HINT
        raise StoreError(f"{shown(url)} cannot be opened as a store: {error}", hint=hint) from error
    except (ValueError, TypeError) as error:
        raise StoreError(f"{shown(url)} cannot be opened as a store: {error}", hint=_HINT) from error


def _require_exclusive(url: str, kind: type[Any], fs: Any = None) -> None:
    """Refuse what looks whether a file is there, and then writes. A wrapper may vouch for what it wraps."""
    protocols = getattr(kind, "protocol", ())
    names = {protocols} if isinstance(protocols, str) else set(protocols)
    if not (names & _EXCLUSIVE or getattr(kind if fs is None else fs, "creates_exclusively", False)):
        raise StoreError(
            f"{shown(url)} cannot hold a store: {kind.__name__} cannot create a file on condition that "
            "there is none, so two runs could write the same commit",
            hint=_HINT,
        )


def _fsspec_folder(fs: Any, url: str) -> Folder:
    root = fs._strip_protocol(url)  # noqa: SLF001 -- fsspec has no public name for it
    kind = MemoryFolder if getattr(type(fs), "protocol", "") == "memory" else FsspecFolder
    return kind(fs, root, url)


def _private_memory() -> Folder:
    url = f"memory://assetflow-{uuid.uuid4().hex}"
    folder = _fsspec_folder(fs := _file_system(url, {}), url)
    weakref.finalize(folder, _drop, fs, url)
    return folder


def _drop(fs: Any, url: str) -> None:
    root = fs._strip_protocol(url)  # noqa: SLF001 -- fsspec has no public name for it
    for name in [name for name in list(fs.store) if name.startswith(f"{root}/")]:
        fs.store.pop(name, None)
