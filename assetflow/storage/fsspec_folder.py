"""Owns a store's files on any fsspec file system that creates exclusively.

Knows nothing of what the files mean. fsspec is imported by whoever makes the file system, not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assetflow.storage.folder import Bytes, Entry

_THREADS = 16  # requests under way at once, where one takes tens of milliseconds
_BATCH = 512  # commits held in memory at once
_CHUNK = 16 << 20  # bytes read at once of a file that may be large
# What file systems call the time of a file in a listing.
_MODIFIED = ("LastModified", "last_modified", "updated", "mtime", "modified")


class FsspecFolder:
    """The files below ``root`` of ``fs``, where one whole PUT is atomic and durable."""

    def __init__(self, fs: Any, root: str, url: str) -> None:
        self._fs = fs
        self._root = root.rstrip("/")
        self._url = url

    @property
    def url(self) -> str:
        """The address that the store was opened by."""
        return self._url

    def read(self, path: str) -> Bytes:
        """Return a file's bytes; raise FileNotFoundError."""
        data: bytes = self._fs.cat_file(self._full(path))
        return data

    def read_many(self, paths: Sequence[str]) -> Iterator[Bytes]:
        """Read files in order, many requests at a time."""
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(_THREADS) as pool:
            for start in range(0, len(paths), _BATCH):
                yield from pool.map(self.read, paths[start : start + _BATCH])

    def chunks(self, path: str) -> Iterator[Bytes]:
        """Yield the file in pieces, each by a request of its own."""
        full = self._full(path)
        size = int(self._fs.info(full)["size"])
        for start in range(0, size, _CHUNK):
            yield self._fs.cat_file(full, start=start, end=min(size, start + _CHUNK))

    def exists(self, path: str) -> bool:
        """Ask for this very key; fsspec's own ``exists`` answers False also when the network fails."""
        try:
            self._fs.info(self._full(path))
        except FileNotFoundError:
            return False
        return True

    def absent(self, paths: Iterable[str]) -> set[str]:
        """Return those that are not there, by listing the folders concerned: 1,000 names for one request."""
        wanted = set(paths)
        folders = {path.rpartition("/")[0] for path in wanted}
        present = {f"{folder}/{name}" for folder in folders for name in self.list(folder)}
        return wanted - present

    def list(self, path: str) -> list[str]:
        """Return the names in a folder as they are now: what was listed before is forgotten first."""
        folder = self._full(path)
        self._fs.invalidate_cache(folder)
        try:
            return sorted(str(name).rpartition("/")[2] for name in self._fs.ls(folder, detail=False))
        except FileNotFoundError:
            return []

    def entries(self, path: str) -> Sequence[Entry]:
        """Return all files in a folder, as they are now; fsspec goes through all pages of a listing."""
        folder = self._full(path)
        self._fs.invalidate_cache(folder)
        try:
            found = self._fs.ls(folder, detail=True)
        except FileNotFoundError:
            return []
        return sorted(
            (self._entry(path, about) for about in found if about["type"] == "file"),
            key=lambda entry: entry.name,
        )

    def left_over(self, before: float) -> Iterable[str]:  # noqa: ARG002 -- the port's signature
        """Nothing is: a file is written by one request, whole or not at all."""
        return ()

    def create(self, path: str, data: bytes) -> bool:
        """Make a file unless one of that name exists; never an empty one, by which s3fs overwrites."""
        try:
            self._fs.pipe_file(self._full(path), data, mode="create")
        except FileExistsError:
            return False
        return True

    def ensure(self, path: str, data: Bytes) -> None:
        """Write the file, whatever is there: asking first costs as much, and damage is mended."""
        self._fs.pipe_file(self._full(path), bytes(data))

    def ensure_stream(self, chunks: Iterable[Bytes], path: Callable[[], str]) -> None:
        """Spool to a temporary file of this machine, since the name is known last, then upload."""
        import tempfile

        with tempfile.NamedTemporaryFile(prefix="assetflow-") as spool:
            for chunk in chunks:
                spool.write(chunk)
            spool.flush()
            self._fs.put_file(spool.name, self._full(path()))

    def replace(self, path: str, data: bytes) -> None:
        """Write a file over one that may exist."""
        self._fs.pipe_file(self._full(path), data)

    def remove(self, path: str) -> None:
        """Remove a file; nothing happens when there is none."""
        with suppress(FileNotFoundError):
            self._fs.rm_file(self._full(path))

    def modified(self, path: str) -> float:
        """Return the time that the file system gave the file."""
        return _seconds(self._fs.modified(self._full(path)))

    def sync(self, paths: Iterable[str]) -> None:
        """Nothing waits, as with ``flush``."""

    def flush(self) -> None:
        """Nothing waits: what was written is durable."""

    def local_path(self, path: str) -> Path | None:  # noqa: ARG002 -- the port's signature
        """There is no local path."""
        return None

    def address(self, path: str) -> str:
        """Return the full address with its protocol."""
        return str(self._fs.unstrip_protocol(self._full(path)))

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root

    def _entry(self, folder: str, about: Mapping[str, Any]) -> Entry:
        name = str(about["name"]).rpartition("/")[2]
        told = next((about[key] for key in _MODIFIED if about.get(key) is not None), None)
        modified = self.modified(f"{folder}/{name}") if told is None else _seconds(told)
        return Entry(name, int(about["size"]), modified)


class MemoryFolder(FsspecFolder):
    """The files of a store in this process's memory (``memory://``).

    fsspec's memory looks a name up and then stores, so two threads may both "create"; and it looks through
    all its files to answer ``info``. Its dict does both in one step.
    """

    def exists(self, path: str) -> bool:
        """Whether the file is there."""
        return self._full(path) in self._fs.store

    def absent(self, paths: Iterable[str]) -> set[str]:
        """Return those that are not there."""
        return {path for path in paths if not self.exists(path)}

    def create(self, path: str, data: bytes) -> bool:
        """Make a file unless one of that name exists; ``setdefault`` is one step for all threads."""
        from fsspec.implementations.memory import MemoryFile

        name = self._full(path)
        mine = MemoryFile(self._fs, name, data)
        return self._fs.store.setdefault(name, mine) is mine


def _seconds(moment: datetime | float | str) -> float:
    """Return a time as file systems tell it, in seconds since the epoch; one without a zone is in UTC."""
    if isinstance(moment, int | float):
        return float(moment)
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return float((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
