"""Owns observing a source: which files it has now, and the hash of each, reading no file that is surely unchanged.

A recorded hash stands while size, mtime, ctime and inode (or the object store's own stamp) are what they were and the
mtime is older than the observation by two seconds; else the file is read again (racy git: facts on versioned systems).
"""

from __future__ import annotations

import glob
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from assetflow.errors import SourceError
from assetflow.hashing.files import hash_file, hash_files
from assetflow.hashing.values import hash_value
from assetflow.model.actions import SourceFile
from assetflow.model.spec import SourceSpec

RACY_SECONDS = 2.0
MOST_ROUNDS = 3
_GLOB = frozenset("*?[")


@dataclass(frozen=True)
class FoundFile:
    """One file of a source.

    ``path``: relative to the source's root. ``address``: to open it. ``stamp``: to know it again.
    """

    path: str
    address: str
    size: int
    stamp: tuple[Any, ...]
    mtime: float


@dataclass(frozen=True)
class Observation:
    """What a source's files were. ``data_version`` of the bytes; a source by content has that of its table instead."""

    url: str
    files: tuple[SourceFile, ...]
    found: tuple[FoundFile, ...]
    data_version: str
    rows: int | None = None
    columns: tuple[tuple[str, str], ...] | None = None

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(file.size for file in self.files)


class Observer:
    """Observes sources; remembers what it saw in ``cache`` (a file that may be lost, or None).

    Args:
        root: folder that relative URLs are relative to.
        cache: path of the cache file.
    """

    def __init__(self, root: Path, cache: Path | None) -> None:
        self._root = root
        self._cache = cache
        self._known: dict[str, dict[str, Any]] = _read_cache(cache)
        self._learned: dict[str, dict[str, Any]] = {}

    def observe(self, key: str, source: SourceSpec) -> Observation:
        """Return what the source is now; raise SourceError when it matches nothing or keeps changing."""
        found = self.find(key, source)
        files = tuple(
            SourceFile(path=file.path, size=file.size, hash=self._hash(key, source, file)) for file in found
        )
        return self.observation(source, files, found)

    def observation(
        self, source: SourceSpec, files: tuple[SourceFile, ...], found: tuple[FoundFile, ...]
    ) -> Observation:
        """Return the observation of files with these hashes."""
        from assetflow.frames.readers import READER_NUMBER

        of_bytes = hash_files(_reading_of(source), READER_NUMBER, [(file.path, file.hash) for file in files])
        if source.identity == "bytes":
            return Observation(source.url, files, found, of_bytes)
        content = self._content_identity(source, of_bytes, found)
        columns = tuple((name, column) for name, column in content["columns"])
        return Observation(source.url, files, found, content["data_version"], content["rows"], columns)

    def find(self, key: str, source: SourceSpec) -> tuple[FoundFile, ...]:
        """List the source's files, sorted by path; raise SourceError when there are none."""
        found = tuple(sorted(_find(source.url, self._root), key=lambda file: file.path))
        if not found:
            raise SourceError(
                f"source {key} matches nothing: {source.url}",
                hint=f"relative paths are relative to {self._root}; check the path and the pattern",
            )
        return found

    def open(self, address: str) -> BinaryIO:
        """Open a file of a source for reading."""
        return _open(address)

    def save(self) -> None:
        """Keep what was learned for the next process; never fails for it."""
        if self._cache is None or not self._learned:
            return
        merged = {**_read_cache(self._cache), **self._learned}
        try:
            self._cache.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", dir=self._cache.parent, prefix="observations", delete=False, encoding="utf-8"
            ) as file:
                json.dump(merged, file)
            Path(file.name).replace(self._cache)
        except OSError:
            return  # a cache that cannot be written costs time, not truth
        self._known, self._learned = merged, {}

    def _hash(self, key: str, source: SourceSpec, file: FoundFile) -> str:
        known = self._known.get(file.address)
        if known is not None and _still_stands(known, file):
            return str(known["hash"])
        for _ in range(MOST_ROUNDS):
            observed_at = time.time()
            with _reading(key, file.address) as stream:
                digest, size = hash_file(stream)
            after = next((f for f in self.find(key, source) if f.path == file.path), None)
            if after is not None and after.stamp == file.stamp and size == file.size:
                self._learn(
                    file.address, {"stamp": list(file.stamp), "observed_at": observed_at, "hash": digest}
                )
                return digest
            if after is None:
                break
            file = after
        raise SourceError(
            f"source {key}: {file.address} changed each of {MOST_ROUNDS} times that it was read",
            hint="wait until its writer has finished, or have it written elsewhere and moved into place",
        )

    def _content_identity(
        self, source: SourceSpec, of_bytes: str, found: tuple[FoundFile, ...]
    ) -> dict[str, Any]:
        from assetflow.frames.readers import read_table
        from assetflow.hashing.tables import hash_table

        cached = f"content:{of_bytes}"
        if cached not in self._known:
            files = [
                (file.path, Path(file.address) if is_local(file.address) else partial(_open, file.address))
                for file in found
            ]
            version = hash_table(read_table(source.format, files, source.schema, source.options))
            self._learn(cached, asdict(version))
        return self._known[cached]

    def _learn(self, name: str, what: dict[str, Any]) -> None:
        self._known[name] = what
        self._learned[name] = what


def is_local(url: str) -> bool:
    """Whether ``url`` is a path on this machine."""
    return "://" not in url or url.startswith(("file://", "local://"))


def schema_text(source: SourceSpec) -> str | None:
    """Return the declared schema as records keep it."""
    if source.schema is None:
        return None
    from assetflow.frames.table_codec import schema_to_text

    return schema_to_text(source.schema)


def _reading_of(source: SourceSpec) -> str:
    """Return the text that says how the files are read: other options or another schema make other data of them."""
    if not source.options and source.schema is None:
        return source.format
    return f"{source.format}:{hash_value([dict(source.options), schema_text(source)])}"


def _still_stands(known: dict[str, Any], file: FoundFile) -> bool:
    observed_at = known.get("observed_at", 0.0)
    return known.get("stamp") == list(file.stamp) and file.mtime < observed_at - RACY_SECONDS


def _find(url: str, root: Path) -> Iterator[FoundFile]:
    if is_local(url):
        yield from _find_local(root / url.split("://", 1)[-1])
    else:
        yield from _find_remote(url)


def _find_local(path: Path) -> Iterator[FoundFile]:
    text = str(path)
    if path.is_file():
        yield _local_file(path, path.name)
    elif path.is_dir():
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in names:
                if not name.startswith("."):
                    file = Path(folder, name)
                    yield _local_file(file, file.relative_to(path).as_posix())
    elif _GLOB & set(text):
        base = Path(*_before_glob(path))
        for match in glob.iglob(text, recursive=True):  # noqa: PTH207 - Path.glob takes no absolute pattern
            file = Path(match)
            if file.is_file():
                yield _local_file(file, file.relative_to(base).as_posix())


def _before_glob(path: Path) -> list[str]:
    parts = list(path.parts)
    first = next(index for index, part in enumerate(parts) if _GLOB & set(part))
    return parts[:first]


def _local_file(file: Path, relative: str) -> FoundFile:
    stat = file.stat()
    stamp = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
    return FoundFile(relative, str(file), stat.st_size, stamp, stat.st_mtime)


def _find_remote(url: str) -> Iterator[FoundFile]:
    from fsspec.core import url_to_fs

    fs, path = url_to_fs(url, use_listings_cache=False, skip_instance_cache=False)
    if _GLOB & set(path):
        infos = fs.glob(path, detail=True)
        fixed = path.split("/")
        base = "/".join(fixed[: next(i for i, part in enumerate(fixed) if _GLOB & set(part))])
    elif fs.isdir(path):
        infos, base = fs.find(path, detail=True), path
    elif fs.exists(path):
        infos, base = {path: fs.info(path)}, path.rsplit("/", 1)[0]
    else:
        return
    for name, info in infos.items():
        if info.get("type") == "file":
            yield _remote_file(fs, name, info, base)


def _remote_file(fs: Any, name: str, info: dict[str, Any], base: str) -> FoundFile:
    stamps = (
        "ETag",
        "etag",
        "generation",
        "version_id",
        "versionId",
        "md5",
        "LastModified",
        "created",
        "mtime",
    )
    stamp = (info["size"], *(str(info[field]) for field in stamps if info.get(field) is not None))
    relative = name[len(base) :].lstrip("/")
    # without any stamp but the size nothing tells a change: never believed again
    mtime = 0.0 if len(stamp) > 1 else float("inf")
    return FoundFile(relative, fs.unstrip_protocol(name), info["size"], stamp, mtime)


@contextmanager
def _reading(key: str, address: str) -> Iterator[BinaryIO]:
    try:
        with _open(address) as stream:
            yield stream
    except OSError as error:
        raise SourceError(f"source {key}: {address} cannot be read: {error}") from error


def _open(address: str) -> BinaryIO:
    if is_local(address):
        return Path(address).open("rb")
    import fsspec

    opened: BinaryIO = fsspec.open(address, "rb").open()
    return opened


def _read_cache(cache: Path | None) -> dict[str, dict[str, Any]]:
    if cache is None:
        return {}
    try:
        known = json.loads(cache.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
