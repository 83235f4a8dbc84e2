"""Owns the stored form of every kind of content: the parts it is written as, and content from a manifest.

Knows nothing of stores: parts are handed out as bytes and read through a function.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO

from assetflow.frames.arrays import array_from_npy, array_to_npy
from assetflow.frames.content import Content, FilesContent, FileSource, Identity, open_file
from assetflow.frames.parted import PartedTable, PartFinder, PartReader
from assetflow.frames.parts import cut, cut_pieces
from assetflow.frames.stream import TableStream
from assetflow.frames.table_codec import (
    join,
    schema_from_text,
    select_schema,
    table_from_ipc_stream,
    table_to_ipc,
    table_to_ipc_stream,
    table_to_parquet,
)
from assetflow.hashing.boundaries import Limits
from assetflow.hashing.tables import hash_table
from assetflow.model.manifest import Manifest, Part

if TYPE_CHECKING:
    import pyarrow as pa

MAX_INLINE_BYTES = 8192
CHUNK_BYTES = 4 << 20

_SUFFIXES = {"json": "json", "text": "txt", "bytes": "bin", "file": "bin", "folder": "bin"}
_NEVER_INLINE = frozenset({"files", "pickle"})


@dataclass(frozen=True)
class EncodedPart:
    """One object to be stored. It is hashed and encoded only when its version or its bytes are asked for.

    ``table``: the rows of a part of a table. ``path``: of a file in a folder.
    """

    suffix: str
    table: pa.Table | None = None
    path: str | None = None
    _version: str | None = None
    _source: FileSource | None = field(default=None, repr=False)
    _encode: Callable[[], bytes | memoryview] | None = field(default=None, repr=False)

    @property
    def rows(self) -> int | None:
        """How many rows it has, None where it is no part of a table."""
        return None if self.table is None else len(self.table)

    @cached_property
    def version(self) -> str:
        """The ``table/1`` hash of its rows, "" where it is no part of a table."""
        if self._version is not None or self.table is None:
            return self._version or ""
        return hash_table(self.table, canonical=True).data_version

    @property
    def data(self) -> bytes | memoryview:
        """The object's bytes, whole. Encoded anew on each access."""
        if self.table is not None:
            rows = (
                self.table.combine_chunks()
            )  # or else equal rows would be other bytes, as they came in pieces
            return table_to_parquet(rows) if self.suffix == "parquet" else table_to_ipc(rows)
        if self._encode is not None:
            return self._encode()
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes | memoryview]:
        """Yield the object's bytes in pieces; files are read in bounded memory."""
        if self._source is None:
            yield self.data
            return
        with open_file(self._source) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk


def encode(
    content: Content, *, identity: Identity | None = None, limits: Limits | None = None
) -> Iterator[EncodedPart]:
    """Yield the parts of a content, in order.

    ``identity`` saves hashing a table of one part again. ``limits`` of the parts: None for those of its columns.
    """
    if content.kind == "table":
        yield from _encode_table(content, identity, limits)
    elif content.kind == "files":
        for path, source in content.data.paths:
            yield EncodedPart(_suffix(content), path=path, _source=source)
    else:
        yield EncodedPart(_suffix(content), _encode=lambda: _blob(content))


def inline_text(content: Content) -> str | None:
    """Return the text that stands for a content in a commit; None above 8 KiB, or if it never is inline."""
    if content.kind in _NEVER_INLINE:
        return None
    if content.kind == "table":
        if content.data.nbytes > MAX_INLINE_BYTES:
            return None
        data: bytes | memoryview = table_to_ipc_stream(content.data)
    else:
        data = _blob(content)
    if len(data) > MAX_INLINE_BYTES:
        return None
    if content.kind in ("value", "text"):
        return str(content.data)
    return base64.b64encode(data).decode("ascii")


def decode(
    manifest: Manifest,
    read: PartReader,
    *,
    columns: Sequence[str] | None = None,
    find: PartFinder = lambda _: None,
    lazily: bool = False,
) -> Content:
    """Return the content that a manifest describes.

    Args:
        manifest: what is stored.
        read: gives the bytes of a part, verified.
        columns: of a table, chosen and in this order.
        find: says where other programs of this machine can read a part.
        lazily: leave a table in its parts: ``data`` is a PartedTable, unless the commit itself holds the table.
    """
    if manifest.kind == "table":
        table = _decode_table(manifest, read, find, columns)
        if isinstance(table, PartedTable) and not lazily:
            table = table.read()
        return Content("table", table, manifest.format)
    if manifest.kind == "files":
        paths = tuple((part.path or "", _reader(read, part)) for part in manifest.parts)
        return Content("files", FilesContent(paths), manifest.format)
    return Content(manifest.kind, _decode_blob(manifest, read), manifest.format)


def _encode_table(
    content: Content, identity: Identity | None, limits: Limits | None
) -> Iterator[EncodedPart]:
    data = content.data
    if isinstance(data, TableStream):
        for rows in cut_pieces(data.schema, data, limits):
            yield EncodedPart(content.format, rows)
        return
    for rows in cut(data, limits):
        whole = len(rows) == len(data)
        yield EncodedPart(
            content.format, rows, _version=identity.data_version if whole and identity else None
        )


def _suffix(content: Content) -> str:
    return _SUFFIXES.get(content.format, content.format)


def _blob(content: Content) -> bytes | memoryview:
    if content.kind == "numpy":
        return array_to_npy(content.data)
    return content.data.encode() if isinstance(content.data, str) else bytes(content.data)


def _reader(read: PartReader, part: Part) -> Callable[[], BinaryIO]:
    return lambda: io.BytesIO(read(part))


def _decode_table(
    manifest: Manifest, read: PartReader, find: PartFinder, columns: Sequence[str] | None
) -> pa.Table | PartedTable:
    stored = schema_from_text(manifest.schema_ipc or "")
    schema = stored if columns is None else select_schema(stored, columns)
    if manifest.inline is not None:
        return join([table_from_ipc_stream(base64.b64decode(manifest.inline), columns)], schema)
    return PartedTable(schema, manifest.format, manifest.parts, len(stored), read, find)


def _decode_blob(manifest: Manifest, read: PartReader) -> Any:
    if manifest.inline is not None:
        as_text = manifest.kind in ("value", "text")
        data: bytes | memoryview = manifest.inline.encode() if as_text else base64.b64decode(manifest.inline)
    else:
        data = read(manifest.parts[0])
    if manifest.kind == "numpy":
        return array_from_npy(data)
    return bytes(data).decode() if manifest.kind in ("value", "text") else bytes(data)
