"""Owns a store's files on a local disk: atomic, exclusive where asked, and durable in groups.

Knows nothing of what the files mean. Layout of the calls: design "Writing, on anything" (docs/formats.md).
"""

from __future__ import annotations

import mmap
import os
import stat
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from assetflow.storage.atomic import is_temporary, sync_path, temporary_file
from assetflow.storage.folder import Bytes, Entry

_MAP_FROM = 256 << 10  # below this, mapping costs more than copying
_SYNC_THREADS = 8


class LocalFolder:
    """The files below a local folder, which is made when something is first written.

    ``durable=False`` leaves out every fsync. ``system`` stands for the ``os`` module.
    """

    def __init__(self, root: Path, *, durable: bool = True, system: Any = os) -> None:
        self._root = str(root)
        self._durable = durable
        self._system = system
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._files: set[str] = set()
        self._folders: set[str] = set()

    @property
    def url(self) -> str:
        """The folder's path."""
        return self._root

    def read(self, path: str) -> Bytes:
        """Return a file's bytes, mapped when there are many; raise FileNotFoundError."""
        descriptor = self._system.open(self._full(path), os.O_RDONLY)
        try:
            size = self._system.fstat(descriptor).st_size
            if size >= _MAP_FROM:
                return memoryview(mmap.mmap(descriptor, size, access=mmap.ACCESS_READ))
            return self._read_all(descriptor, size)
        finally:
            self._system.close(descriptor)

    def read_many(self, paths: Sequence[str]) -> Iterator[Bytes]:
        """Read files in order; threads would only slow a local disk's cache down."""
        return map(self.read, paths)

    def chunks(self, path: str) -> Iterator[Bytes]:
        """Yield the file in one piece: what is mapped takes no memory that others need."""
        yield self.read(path)

    def exists(self, path: str) -> bool:
        """Whether the file is there."""
        try:
            self._system.stat(self._full(path))
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def absent(self, paths: Iterable[str]) -> set[str]:
        """Return those that are not there (a stat takes 2 µs; listing a large folder, milliseconds)."""
        return {path for path in paths if not self.exists(path)}

    def list(self, path: str) -> list[str]:
        """Return the names in a folder, without temporary ones."""
        try:
            names = self._system.listdir(self._full(path))
        except FileNotFoundError:
            return []
        return sorted(name for name in names if not name.startswith("."))

    def entries(self, path: str) -> Sequence[Entry]:
        """Return all files in a folder."""
        found = []
        try:
            names = self._system.listdir(self._full(path))
        except FileNotFoundError:
            return []
        for name in sorted(names):
            with suppress(FileNotFoundError):  # removed since
                about = self._system.stat(f"{self._full(path).rstrip('/')}/{name}")
                if stat.S_ISREG(about.st_mode):
                    found.append(Entry(name, about.st_size, float(about.st_mtime)))
        return found

    def left_over(self, before: float) -> Iterator[str]:
        """Yield the paths of temporary files of dead writers; only what is called so is looked at."""
        for folder, _, names in self._system.walk(self._root):
            for path in (f"{folder}/{name}" for name in names if is_temporary(name)):
                with suppress(FileNotFoundError):  # removed since
                    if self._system.stat(path).st_mtime < before:
                        yield path.removeprefix(f"{self._root}/")

    def create(self, path: str, data: bytes) -> bool:
        """Make a file exclusively: a hard link to a finished file is the first of its name, or fails."""
        target, folder = self._place(path)
        with self._temporary(folder, [data], sync=self._durable) as temporary:
            try:
                self._system.link(temporary, target)
            except FileExistsError:
                return False
        self._note(folder=folder)
        with self._flushing:
            self._sync_folders()
        return True

    def ensure(self, path: str, data: Bytes) -> None:
        """Have a file with these bytes; durable after ``flush``.

        A new name is linked, not renamed to: a rename could put unsynced bytes over a rival's synced ones,
        which a commit may already name. Only wrong bytes are renamed over, by bytes that were synced first.
        """
        target, folder = self._place(path)
        if not self._holds(target, path, data):
            with self._temporary(folder, [data], sync=False) as temporary:
                try:
                    self._system.link(temporary, target)
                except FileExistsError:
                    self._overwrite(temporary, target)
        self._note(file=target, folder=folder)

    def ensure_stream(self, chunks: Iterable[Bytes], path: Callable[[], str]) -> None:
        """Like ``ensure``, in bounded memory: staged in the root, because the final folder is known last."""
        with self._temporary(self._root, chunks, sync=self._durable) as temporary:
            target, folder = self._place(path())
            self._make(folder)
            self._system.replace(temporary, target)
        self._note(folder=folder)

    def replace(self, path: str, data: bytes) -> None:
        """Write a file over one that may exist; not durable."""
        target, folder = self._place(path)
        with self._temporary(folder, [data], sync=False) as temporary:
            self._system.replace(temporary, target)

    def remove(self, path: str) -> None:
        """Remove a file; nothing happens when there is none."""
        with suppress(FileNotFoundError):
            self._system.unlink(self._full(path))

    def modified(self, path: str) -> float:
        """Return the file's modification time."""
        return float(self._system.stat(self._full(path)).st_mtime)

    def sync(self, paths: Iterable[str]) -> None:
        """Sync those of the files that were written since the last flush. Their names wait for the next one.

        Until then they count as not synced: another thread's flush must not go on without what it relies on.
        """
        with self._lock:
            files = self._files.intersection(map(self._full, paths))
        self._sync_all(sorted(files))
        with self._lock:
            self._files -= files

    def flush(self) -> None:
        """Sync the files and folders written since the last flush; a failure leaves them to the next one.

        One at a time: a second caller must not go on while the first still syncs what the second relies on.
        """
        with self._flushing:
            with self._lock:
                files, self._files = self._files, set()
            try:
                self._sync_all(sorted(files))
            except BaseException:
                with self._lock:
                    self._files |= files
                raise
            self._sync_folders()

    def local_path(self, path: str) -> Path | None:
        """Return the file's path."""
        return Path(self._full(path))

    def address(self, path: str) -> str:
        """Return the file's path."""
        return self._full(path)

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}"

    def _place(self, path: str) -> tuple[str, str]:
        target = self._full(path)
        return target, target.rpartition("/")[0]

    def _read_all(self, descriptor: int, size: int) -> bytes:
        data: bytes = self._system.read(descriptor, size + 1)
        while len(data) < size and (more := self._system.read(descriptor, size - len(data))):
            data += more
        return data

    def _temporary(self, folder: str, chunks: Iterable[Bytes], *, sync: bool) -> Any:
        self._make(folder)
        return temporary_file(self._system, folder, chunks, sync=sync)

    def _make(self, folder: str) -> None:
        """Make a folder with those above it. One stat when it exists."""
        try:
            self._system.stat(folder)
        except FileNotFoundError:
            parent = folder.rpartition("/")[0] or "/"
            self._make(parent)
            with suppress(FileExistsError):
                self._system.mkdir(folder)
            self._note(folder=parent)

    def _holds(self, target: str, path: str, data: Bytes) -> bool:
        """Whether the file has these very bytes. It is then made young again, so that gc leaves it alone."""
        try:
            same = memoryview(self.read(path)) == memoryview(data).cast("B")
        except FileNotFoundError:
            return False
        if same:
            with suppress(PermissionError):  # another user's file in a shared store
                self._system.utime(target)
        return same

    def _overwrite(self, temporary: str, target: str) -> None:
        if self._durable:
            sync_path(self._system, temporary)
        self._system.replace(temporary, target)

    def _note(self, *, folder: str, file: str | None = None) -> None:
        """Remember what the next flush has to sync."""
        if self._durable:
            with self._lock:
                self._folders.add(folder)
                if file is not None:
                    self._files.add(file)

    def _sync_folders(self) -> None:
        with self._lock:
            folders, self._folders = self._folders, set()
        try:
            self._sync_all(sorted(folders))
        except BaseException:
            with self._lock:
                self._folders |= folders
            raise

    def _sync_all(self, paths: Sequence[str]) -> None:
        """Sync side by side: a journal writes what waits for it together."""
        if len(paths) < 2:
            for path in paths:
                sync_path(self._system, path)
            return
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(_SYNC_THREADS) as pool:
            list(pool.map(lambda path: sync_path(self._system, path), paths))
