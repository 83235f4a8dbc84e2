"""Owns content: one canonical datum of any kind, and what identifies it.

Knows nothing of where content comes from or how it is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from assetflow.hashing.arrays import hash_array
from assetflow.hashing.blobs import hash_blob, hash_single_file, hash_text
from assetflow.hashing.files import hash_directory, hash_file
from assetflow.hashing.tables import hash_table
from assetflow.hashing.values import hash_encoded
from assetflow.model.manifest import Kind

FORMATS: dict[str, tuple[str, ...]] = {
    "table": ("parquet", "arrow"),
    "value": ("json",),
    "text": ("text",),
    "bytes": ("bytes",),
    "numpy": ("npy",),
    "files": ("file", "folder"),
    "figure": ("png", "svg", "html"),
    "pickle": ("pickle",),
}

FileSource = Path | Callable[[], BinaryIO]


@dataclass(frozen=True)
class FilesContent:
    """A file or a folder: (relative path with ``/``, where to read it), sorted by path.

    Empty folders are not kept.
    """

    paths: tuple[tuple[str, FileSource], ...]


@dataclass(frozen=True)
class Content:
    """One canonical datum. Treat ``data`` as immutable; ``hand_out`` makes what a consumer may change.

    ``data`` by kind: table: canonical ``pyarrow.Table``, or a ``PartedTable`` (stored, not read yet), or a
    ``TableStream`` (made, not gone through yet); value: its type-tagged JSON text; text: str; bytes, figure and pickle:
    bytes; numpy: a read-only array; files: ``FilesContent``. ``format`` is one of ``FORMATS[kind]``.
    """

    kind: Kind
    data: Any
    format: str


@dataclass(frozen=True)
class Identity:
    """What a content is: its data version.

    Rows and (name, column hash) pairs of a table; its size in memory.
    """

    data_version: str
    rows: int | None
    columns: tuple[tuple[str, str], ...] | None
    bytes: int = field(compare=False)


def identify(content: Content, *, threads: int = 1) -> Identity:
    """Hash a content; a table must be in memory. Reads files whole, in bounded memory."""
    data = content.data
    match content.kind:
        case "table":
            version = hash_table(data, threads=threads, canonical=True)
            return Identity(version.data_version, version.rows, version.columns, data.nbytes)
        case "files":
            return _identify_files(content)
        case "numpy":
            return Identity(hash_array(data), None, None, data.nbytes)
        case "value":
            return Identity(hash_encoded(data), None, None, len(data.encode()))
        case "text":
            return Identity(hash_text(data), None, None, len(data.encode()))
        case _:
            return Identity(hash_blob(content.kind, data), None, None, len(data))


def open_file(source: FileSource) -> BinaryIO:
    """Open one file of a ``FilesContent`` for reading."""
    return source.open("rb") if isinstance(source, Path) else source()


def _identify_files(content: Content) -> Identity:
    hashes = []
    total = 0
    for path, source in content.data.paths:
        with open_file(source) as stream:
            file_hash, size = hash_file(stream)
        hashes.append((path, file_hash))
        total += size
    data_version = hash_single_file(*hashes[0]) if content.format == "file" else hash_directory(hashes)
    return Identity(data_version, None, None, total)
