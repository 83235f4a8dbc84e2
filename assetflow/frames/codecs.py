"""Owns the stored form of every kind of content: the parts it is written as, and content from a manifest.

Knows nothing of stores: parts are handed out as bytes and read through a function.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO

from assetflow.frames.arrays import array_from_npy, array_to_npy
from assetflow.frames.content import Content, FilesContent, FileSource, Identity, open_file
from assetflow.frames.table_codec import (
    cut,
    join,
    part_from_bytes,
    schema_from_text,
    select_schema,
    table_from_ipc_stream,
    table_to_ipc,
    table_to_ipc_stream,
    table_to_parquet,
)
from assetflow.hashing.tables import hash_table
from assetflow.model.manifest import Manifest, Part

MAX_PART_ROWS = 1_048_576
MAX_PART_BYTES = 256 << 20
MAX_INLINE_BYTES = 8192
CHUNK_BYTES = 4 << 20

_SUFFIXES = {"json": "json", "text": "txt", "bytes": "bin", "file": "bin", "folder": "bin"}
_NEVER_INLINE = frozenset({"files", "pickle"})


@dataclass(frozen=True)
class EncodedPart:
    """One object to be stored. It is encoded only when its bytes are asked for.

    ``version``: ``table/1`` hash of its rows, "" where it is no part of a table. ``path``: of a file in a
    folder.
    """

    suffix: str
    version: str = ""
    rows: int | None = None
    path: str | None = None
    _source: FileSource | None = field(default=None, repr=False)
    _encode: Callable[[], bytes | memoryview] | None = field(default=None, repr=False)

    @property
    def data(self) -> bytes | memoryview:
        """The object's bytes, whole. Encoded anew on each access."""
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
    content: Content,
    *,
    identity: Identity | None = None,
    max_rows: int = MAX_PART_ROWS,
    max_bytes: int = MAX_PART_BYTES,
) -> Iterator[EncodedPart]:
    """Yield the parts of a content, in order. ``identity`` saves hashing a table of one part again."""
    if content.kind == "table":
        yield from _encode_table(content, identity, max_rows, max_bytes)
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
    manifest: Manifest, read: Callable[[Part], bytes | memoryview], *, columns: Sequence[str] | None = None
) -> Content:
    """Return the content that a manifest describes. ``columns`` (tables only) chooses and orders columns."""
    if manifest.kind == "table":
        return Content("table", _decode_table(manifest, read, columns), manifest.format)
    if manifest.kind == "files":
        paths = tuple((part.path or "", _reader(read, part)) for part in manifest.parts)
        return Content("files", FilesContent(paths), manifest.format)
    return Content(manifest.kind, _decode_blob(manifest, read), manifest.format)


def _encode_table(
    content: Content, identity: Identity | None, max_rows: int, max_bytes: int
) -> Iterator[EncodedPart]:
    write = table_to_parquet if content.format == "parquet" else table_to_ipc
    for rows in cut(content.data, max_rows=max_rows, max_bytes=max_bytes):
        whole = len(rows) == len(content.data)
        version = identity.data_version if whole and identity else hash_table(rows).data_version
        yield EncodedPart(content.format, version, len(rows), _encode=partial(write, rows))


def _suffix(content: Content) -> str:
    return _SUFFIXES.get(content.format, content.format)


def _blob(content: Content) -> bytes | memoryview:
    if content.kind == "numpy":
        return array_to_npy(content.data)
    return content.data.encode() if isinstance(content.data, str) else bytes(content.data)


def _reader(read: Callable[[Part], bytes | memoryview], part: Part) -> Callable[[], BinaryIO]:
    return lambda: io.BytesIO(read(part))


def _decode_table(
    manifest: Manifest, read: Callable[[Part], bytes | memoryview], columns: Sequence[str] | None
) -> Any:
    schema = schema_from_text(manifest.schema_ipc or "")
    if columns is not None:
        schema = select_schema(schema, columns)
    if manifest.inline is not None:
        return join([table_from_ipc_stream(base64.b64decode(manifest.inline), columns)], schema)
    return join([part_from_bytes(read(part), manifest.format, columns) for part in manifest.parts], schema)


def _decode_blob(manifest: Manifest, read: Callable[[Part], bytes | memoryview]) -> Any:
    if manifest.inline is not None:
        as_text = manifest.kind in ("value", "text")
        data: bytes | memoryview = manifest.inline.encode() if as_text else base64.b64decode(manifest.inline)
    else:
        data = read(manifest.parts[0])
    if manifest.kind == "numpy":
        return array_from_npy(data)
    return bytes(data).decode() if manifest.kind in ("value", "text") else bytes(data)
