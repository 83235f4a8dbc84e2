"""Owns objects: immutable bytes under a name that begins with their hash, so that each proves itself.

Layout: ``objects/ab/abcdef....<suffix>`` (docs/formats.md). Knows nothing of what the bytes are.

A name that a commit forgot is never used again, so that whoever deletes it races with nobody: the same bytes are
stored as ``<hash>-<number of that commit>.<suffix>``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

from assetflow.errors import DamagedError, StoreError
from assetflow.hashing.digest import BytesHash, hash_bytes
from assetflow.storage.failure import shown, told
from assetflow.storage.folder import Bytes, Entry, Folder

# A number after the hash is that of a commit: stored again, because the first of its name was forgotten.
NAME = r"[0-9a-f]{32}(?:-[0-9]{1,20})?\.[a-z0-9]{1,16}"
_NAME = re.compile(NAME)
_QUOTED = re.compile(f'"({NAME})"')
_THREADS = 16  # requests under way at once, where one takes tens of milliseconds
_SUFFIX = re.compile(r"[a-z0-9]{1,16}")
_MEND = "`assetflow verify` says what it belongs to, and how to mend it"


def names_in(text: str) -> frozenset[str]:
    """Return every name of an object that stands as a text of its own in ``text``, which is JSON."""
    return frozenset(_QUOTED.findall(text))


def renamed(data: Bytes, names: Mapping[str, str]) -> bytes:
    """Return JSON in which the objects that it names are called as ``names`` says; the others as they are."""
    text = bytes(data).decode()
    return _QUOTED.sub(lambda found: f'"{names.get(found[1], found[1])}"', text).encode()


class Objects:
    """The objects of one store. Safe for threads."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._forgotten: dict[str, int] = {}

    @property
    def forgotten(self) -> Mapping[str, int]:
        """The names that must not be used any more, with the number of the commit that forgot each."""
        return self._forgotten

    def forget(self, names: Mapping[str, int]) -> None:
        """Take note that commits forgot these names: whoever stores such bytes again gets another name."""
        self._forgotten.update(names)

    def put(self, data: Bytes, suffix: str) -> str:
        """Store bytes and return their name. What is there already is kept if it is whole, and mended if not.

        Durable after ``flush``. A worker in another process calls ``flush`` before it hands the name on.
        """
        name = self._usable(hash_bytes(data), _checked_suffix(suffix))
        with told(f"store object {name}", self._folder.url):
            self._folder.ensure(_path(name), data)
        return name

    def put_stream(self, chunks: Iterable[Bytes], suffix: str) -> tuple[str, int]:
        """Store bytes that come in pieces, in bounded memory; return their name and their number.

        What ``chunks`` itself raises passes through as it is.
        """
        stream = _Hashed(chunks, partial(self._usable, suffix=_checked_suffix(suffix)))
        try:
            with told("store a stream", self._folder.url):
                self._folder.ensure_stream(stream, stream.path)
        except StoreError:
            if stream.failure is not None:
                raise stream.failure from None
            raise
        return stream.name, stream.size

    def sync(self, names: Iterable[str]) -> None:
        """Make the bytes of these objects durable, in a thread that has time for it, so that ``flush`` is quick."""
        with told("sync objects", self._folder.url):
            self._folder.sync(map(_path, names))

    def flush(self) -> None:
        """Make all that was put durable. Comes before the commit that names it."""
        with told("sync objects", self._folder.url):
            self._folder.flush()

    def read(self, name: str) -> Bytes:
        """Return an object's bytes after comparing them with its name; raise DamagedError."""
        path = _path(name)
        with told(f"read object {name}", self._folder.url):
            try:
                data = self._folder.read(path)
            except FileNotFoundError:
                raise self._damaged(name, "is missing") from None
        if hash_bytes(data) != name[:32]:
            raise self._damaged(name, "does not hold the bytes that it was named for")
        return data

    def lend(self, name: str, folder: Path) -> None:
        """Make an object readable below ``folder``, as in a store of its own: by a link, or a copy from far away.

        Raises:
            DamagedError: it is missing; or, where it is copied, not what it was named for.
        """
        target = folder / _path(name)
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        here = self.local_path(name)
        if here is None:
            target.write_bytes(self.read(name))
        elif here.exists():
            with suppress(FileExistsError):  # another thread's, of the same object
                target.symlink_to(here)
        else:
            raise self._damaged(name, "is missing")

    def chunks(self, name: str) -> Iterator[Bytes]:
        """Yield an object's bytes in pieces that fit memory; raise DamagedError at the end where they are others."""
        hasher = BytesHash()
        with told(f"read object {name}", self._folder.url):
            try:
                for chunk in self._folder.chunks(_path(name)):
                    hasher.update(chunk)
                    yield chunk
            except FileNotFoundError:
                raise self._damaged(name, "is missing") from None
        if hasher.hexdigest() != name[:32]:
            raise self._damaged(name, "does not hold the bytes that it was named for")

    def require_sound(self, name: str) -> int:
        """Compare an object with its name, in bounded memory; return its size, or raise DamagedError."""
        return sum(memoryview(chunk).nbytes for chunk in self.chunks(name))

    def listed(self) -> dict[str, Entry]:
        """Return every object that is stored, by name. All or an error: nothing may be deleted on half a listing."""
        with told("list objects", self._folder.url), ThreadPoolExecutor(_THREADS) as pool:
            folders = [f"objects/{name}" for name in self._folder.list("objects")]
            found = [entry for entries in pool.map(self._folder.entries, folders) for entry in entries]
        return {entry.name: entry for entry in found if _NAME.fullmatch(entry.name)}

    def remove(self, names: Iterable[str]) -> None:
        """Delete objects; nothing happens where there is none."""
        paths = [_path(name) for name in names]
        with told("delete objects", self._folder.url), ThreadPoolExecutor(_THREADS) as pool:
            for _ in pool.map(self._folder.remove, paths):
                pass

    def missing(self, names: Iterable[str]) -> frozenset[str]:
        """Return those of ``names`` that are not stored, without reading any."""
        by_path = {_path(name): name for name in names}
        with told("look for objects", self._folder.url):
            return frozenset(by_path[path] for path in self._folder.absent(by_path))

    def local_path(self, name: str) -> Path | None:
        """Return where other programs of this machine can read it; None when the store is elsewhere."""
        return self._folder.local_path(_path(name))

    def url(self, name: str) -> str:
        """Return the object's full address."""
        return self._folder.address(_path(name))

    def _usable(self, digest: str, suffix: str) -> str:
        """Return the name for these bytes that no commit forgot."""
        name = f"{digest}.{suffix}"
        while name in self._forgotten:
            name = f"{digest}-{self._forgotten[name]}.{suffix}"
        return name

    def _damaged(self, name: str, what: str) -> DamagedError:
        return DamagedError(f"object {name} of {shown(self._folder.url)} {what}", objects=(name,), hint=_MEND)


class _Hashed:
    """Passes a stream on and knows, when it has ended, what to call it."""

    def __init__(self, chunks: Iterable[Bytes], called: Callable[[str], str]) -> None:
        self._chunks = chunks
        self._called = called
        self._hash = BytesHash()
        self.size = 0
        self.failure: Exception | None = None

    def __iter__(self) -> Iterator[Bytes]:
        try:
            for chunk in self._chunks:
                self._hash.update(chunk)
                self.size += memoryview(chunk).nbytes
                yield chunk
        except Exception as error:
            self.failure = error
            raise

    @property
    def name(self) -> str:
        return self._called(self._hash.hexdigest())

    def path(self) -> str:
        return _path(self.name)


def _path(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise StoreError(
            f"{name!r} is not the name of an object", hint="the record that names it was not written here"
        )
    return f"objects/{name[:2]}/{name}"


def _checked_suffix(suffix: str) -> str:
    if not _SUFFIX.fullmatch(suffix):
        raise StoreError(f"{suffix!r} cannot end an object's name: use 1 to 16 of a-z and 0-9")
    return suffix
