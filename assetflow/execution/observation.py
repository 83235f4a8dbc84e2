"""Owns observing a source: which files it has now, and the hash of each, reading no file that is surely unchanged.

A recorded hash stands while size, mtime, ctime and inode (or the object store's own stamp) are what they were and the
file is older than the observation by two seconds; else it is read again (racy git: facts on versioned systems).
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assetflow.errors import SourceError
from assetflow.execution.source_files import FoundFile, find_files, opened, require_all
from assetflow.frames.content import FileSource
from assetflow.hashing.files import hash_file, hash_files
from assetflow.hashing.values import hash_value
from assetflow.model.spec import SourceSpec
from assetflow.model.versions import SourceFile

RACY_SECONDS = 2.0
MOST_ROUNDS = 3


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
        """Return what the source is now.

        Raises:
            SourceError: it matches nothing, cannot be read, keeps changing, or its files do not fit its format.
        """
        for _ in range(MOST_ROUNDS):
            found = self.find(key, source)
            files = self._hashed(key, source, found)
            if files is None:
                continue
            table = self._known_table(source, files)
            if source.identity == "content" and table is None:
                table = _table_version(source, [(file.path, file.content) for file in found])
                # the table of these bytes only if the files still are these: those too young to tell are read again
                if (again := self.find(key, source)) != found or self._hashed(key, source, again) != files:
                    continue
                self._learn(_name_of_table(source, files), table)
            return _observation(source, files, found, table)
        raise keeps_changing(key, source)

    def observation_of_copy(
        self,
        source: SourceSpec,
        files: tuple[SourceFile, ...],
        found: tuple[FoundFile, ...],
        copy: Sequence[tuple[str, FileSource]],
    ) -> Observation:
        """Return the observation of files that were copied; ``copy``: (path, where the bytes are that stay)."""
        table = self._known_table(source, files)
        if source.identity == "content" and table is None:
            table = _table_version(source, copy)
            self._learn(_name_of_table(source, files), table)
        return _observation(source, files, found, table)

    def find(self, key: str, source: SourceSpec) -> tuple[FoundFile, ...]:
        """List the source's files, sorted by path; raise SourceError when there are none."""
        return find_files(key, source.url, self._root)

    def save(self) -> None:
        """Keep what was learned for the next process; never fails for it."""
        if self._cache is None or not self._learned:
            return
        learned, self._learned = self._learned, {}
        try:
            self._cache.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", dir=self._cache.parent, prefix="observations", delete=False, encoding="utf-8"
            ) as file:
                json.dump({**_read_cache(self._cache), **learned}, file)
            Path(file.name).replace(self._cache)
        except OSError:
            return  # a cache that cannot be written costs time, not truth

    def _hashed(
        self, key: str, source: SourceSpec, found: tuple[FoundFile, ...]
    ) -> tuple[SourceFile, ...] | None:
        """Return the files with their hashes, or None when they changed while they were read."""
        entries = {file: self._known.get(file.address, {}) for file in found}
        read = {file: _read(key, file) for file in found if not _still_stands(entries[file], file)}
        if read:
            after = self.find(key, source)
            require_all(key, found, after)
            steady = {file for file, entry in read.items() if _is_of(entry, file)}.intersection(after)
            for file in steady:
                self._learn(file.address, read[file])
            if after != found or len(steady) < len(read):
                return None
        return tuple(
            SourceFile(path=file.path, size=file.size, hash=entry["hash"])
            for file, entry in {**entries, **read}.items()
        )

    def _known_table(self, source: SourceSpec, files: tuple[SourceFile, ...]) -> dict[str, Any] | None:
        return self._known.get(_name_of_table(source, files)) if source.identity == "content" else None

    def _learn(self, name: str, what: dict[str, Any]) -> None:
        self._known[name] = what
        self._learned[name] = what


def keeps_changing(key: str, source: SourceSpec) -> SourceError:
    """Return the error of a source that is never the same after reading as before."""
    return SourceError(
        f"source {key}: {source.url} changed each of {MOST_ROUNDS} times that it was read",
        hint="wait until its writer has finished, or have it written elsewhere and moved into place",
    )


def schema_text(source: SourceSpec) -> str | None:
    """Return the declared schema as records keep it."""
    if source.schema is None:
        return None
    from assetflow.frames.table_codec import schema_to_text

    return schema_to_text(source.schema)


def _observation(
    source: SourceSpec,
    files: tuple[SourceFile, ...],
    found: tuple[FoundFile, ...],
    table: dict[str, Any] | None,
) -> Observation:
    if table is None:
        return Observation(source.url, files, found, _version_of_bytes(source, files))
    columns = tuple((name, column) for name, column in table["columns"])
    return Observation(source.url, files, found, table["data_version"], table["rows"], columns)


def _version_of_bytes(source: SourceSpec, files: tuple[SourceFile, ...]) -> str:
    from assetflow.frames.readers import READER_NUMBER

    return hash_files(_reading_of(source), READER_NUMBER, [(file.path, file.hash) for file in files])


def _name_of_table(source: SourceSpec, files: tuple[SourceFile, ...]) -> str:
    """Return the name under which the table's hash is remembered: by bytes, which can only be one table."""
    return f"content:{_version_of_bytes(source, files)}"


def _table_version(source: SourceSpec, files: Sequence[tuple[str, FileSource]]) -> dict[str, Any]:
    from assetflow.frames.readers import read_table
    from assetflow.hashing.tables import hash_table

    return asdict(hash_table(read_table(source.format, files, source.schema, source.options)))


def _reading_of(source: SourceSpec) -> str:
    """Return the text that says how the files are read: other options or another schema make other data of them."""
    if not source.options and source.schema is None:
        return source.format
    return f"{source.format}:{hash_value([dict(source.options), schema_text(source)])}"


def _read(key: str, file: FoundFile) -> dict[str, Any]:
    """Hash a file; the stamp is that of the listing with the size that was really read."""
    observed_at = time.time()
    with opened(key, file) as stream:
        digest, size = hash_file(stream)
    return {"stamp": [size, *file.stamp[1:]], "observed_at": observed_at, "hash": digest}


def _is_of(entry: dict[str, Any], file: FoundFile) -> bool:
    return entry.get("stamp") == list(file.stamp)


def _still_stands(entry: dict[str, Any], file: FoundFile) -> bool:
    return _is_of(entry, file) and file.changed_at < entry.get("observed_at", 0.0) - RACY_SECONDS


def _read_cache(cache: Path | None) -> dict[str, dict[str, Any]]:
    if cache is None:
        return {}
    try:
        known = json.loads(cache.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
