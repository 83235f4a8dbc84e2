"""Owns artifacts: content written as a manifest and its parts, and read back verified.

A part or a manifest that is known is not written again. What is known, a ledger answers: knows nothing of it.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from assetflow.errors import DamagedError
from assetflow.frames.codecs import EncodedPart, decode, encode, inline_text
from assetflow.frames.content import Content, Identity, identify
from assetflow.frames.pipeline import in_order
from assetflow.frames.stream import TableStream
from assetflow.frames.table_codec import schema_to_text
from assetflow.hashing.tables import TableHasher
from assetflow.model.manifest import Manifest, ManifestRef, Part
from assetflow.storage.folder import Bytes
from assetflow.storage.objects import Objects

KnownManifest = Callable[[str, str], Manifest | None]
KnownPart = Callable[[str, str], Part | None]

MAX_IN_COMMIT = 8192  # bytes of a manifest's JSON
_IN_FLIGHT = (os.cpu_count() or 1) + 2  # parts in memory at a time


@dataclass(frozen=True)
class Written:
    """A content that is stored: its manifest, and its identity."""

    manifest: Manifest
    identity: Identity


@dataclass(frozen=True)
class _Shelf:
    """Where parts are put, and which are there already."""

    objects: Objects
    known_part: KnownPart
    replace: Collection[str]
    pool: Executor | None


def write(
    content: Content,
    objects: Objects,
    *,
    identity: Identity | None = None,
    known: KnownManifest = lambda _data_version, _format: None,
    known_part: KnownPart = lambda _version, _format: None,
    allow_inline: bool = True,
    replace: Collection[str] = frozenset(),
    pool: Executor | None = None,
) -> Written:
    """Store a content. Nothing is encoded or written that is known already.

    A stream is hashed and stored as it comes, a few parts at a time; what it raises goes through. Only at its end is
    it known whether it was known.

    Args:
        content: what to store.
        objects: where.
        identity: of ``content``, where the caller has it.
        known: answers the manifest on record for a data version in a format.
        known_part: answers the part on record for a part version in a format; asked from the threads of ``pool``.
        allow_inline: whether small content may lie in the commit itself, where it cannot be erased.
        replace: names of objects that are damaged or missing; what is known by them counts as unknown.
        pool: hashes, encodes and stores parts side by side. Not the pool in which the caller itself runs.
    """
    where = _Shelf(objects, known_part, replace, pool)

    if isinstance(content.data, TableStream):
        parts, identity = _write_stream(content, where)
        found = _recorded(content, identity, known, allow_inline, replace)
        return Written(found or _manifest(content, identity, parts), identity)
    identity = identity or identify(content)
    stored = at_hand(content, identity, known=known, allow_inline=allow_inline, replace=replace)
    if stored is None:
        stored = _manifest(
            content, identity, tuple(_stored(content, encode(content, identity=identity), where))
        )
    return Written(stored, identity)


def at_hand(
    content: Content,
    identity: Identity,
    *,
    known: KnownManifest,
    allow_inline: bool = True,
    replace: Collection[str] = frozenset(),
) -> Manifest | None:
    """Return the manifest of a content of which nothing has to be written: it is known, or small; else None."""
    recorded = _recorded(content, identity, known, allow_inline, replace)
    if recorded is not None:
        return recorded
    inline = inline_text(content) if allow_inline else None
    return _manifest(content, identity, (), inline) if inline is not None else None


def without_parts(content: Content, identity: Identity) -> Manifest:
    """Return the manifest of a content that is not stored yet: what those who will read it can know by now."""
    return _manifest(content, identity, ())


def read(
    manifest: Manifest, objects: Objects, *, columns: Sequence[str] | None = None, lazily: bool = False
) -> Content:
    """Return the content of a manifest; ``columns`` (tables only) chooses and orders columns.

    ``lazily`` leaves a table in its parts, which are read when they are asked for: see ``PartedTable``.
    Raises DamagedError, which names the part, where its bytes are missing or not those that were written.
    """
    return decode(
        manifest,
        lambda part: _read_part(manifest, part, objects),
        columns=columns,
        find=lambda part: objects.local_path(part.object),
        lazily=lazily,
    )


def settle(manifest: Manifest, objects: Objects) -> Manifest | ManifestRef:
    """Return what a commit holds of a manifest: itself if inline or of at most 8 KiB, else where it lies."""
    if manifest.inline is not None:
        return manifest
    text = manifest.model_dump_json().encode()
    if len(text) <= MAX_IN_COMMIT:
        return manifest
    return ManifestRef(
        object=objects.put(text, "json"),
        kind=manifest.kind,
        format=manifest.format,
        bytes=manifest.bytes,
        rows=manifest.rows,
        columns=manifest.columns,
    )


def resolve(recorded: Manifest | ManifestRef, objects: Objects) -> Manifest:
    """Return the manifest that ``settle`` settled; raise DamagedError when its object is gone."""
    if isinstance(recorded, Manifest):
        return recorded
    return Manifest.model_validate_json(bytes(objects.read(recorded.object)))


def lend(recorded: Manifest | ManifestRef, objects: Objects, folder: Path) -> None:
    """Make what is stored of a manifest readable below ``folder``; raise DamagedError where that is gone."""
    own = (recorded.object,) if isinstance(recorded, ManifestRef) else ()
    for name in (*own, *resolve(recorded, objects).objects):
        objects.lend(name, folder)


def _inline_bytes(content: Content, inline: str) -> int:
    as_text = content.kind in ("value", "text")
    return len(inline.encode() if as_text else base64.b64decode(inline))


def _recorded(
    content: Content, identity: Identity, known: KnownManifest, allow_inline: bool, replace: Collection[str]
) -> Manifest | None:
    found = known(identity.data_version, content.format)
    if found is None or set(found.objects) & set(replace) or not (allow_inline or found.inline is None):
        return None
    return found


def _manifest(
    content: Content, identity: Identity, parts: tuple[Part, ...], inline: str | None = None
) -> Manifest:
    return Manifest(
        kind=content.kind,
        format=content.format,
        bytes=sum(part.bytes for part in parts) if inline is None else _inline_bytes(content, inline),
        rows=identity.rows,
        columns=identity.columns,
        schema_ipc=schema_to_text(content.data.schema) if content.kind == "table" else None,
        parts=parts,
        inline=inline,
    )


def _write_stream(content: Content, where: _Shelf) -> tuple[tuple[Part, ...], Identity]:
    """Store the parts of a stream while it is hashed."""
    hasher = TableHasher(content.data.schema, canonical=True)
    sizes: list[int] = []

    def hashed() -> Iterator[EncodedPart]:
        for part in encode(content):
            hasher.update(part.table)
            sizes.append(part.table.nbytes if part.table is not None else 0)
            yield part

    parts = tuple(_stored(content, hashed(), where))
    version = hasher.finish()
    return parts, Identity(version.data_version, version.rows, version.columns, sum(sizes))


def _stored(content: Content, parts: Iterator[EncodedPart], where: _Shelf) -> Iterator[Part]:
    """Store parts, a few at a time, and yield what a manifest says of them, in order.

    This thread makes each durable while ``pool`` encodes the next ones.
    """
    most = 1 if where.pool is None else _IN_FLIGHT
    for part in in_order(partial(_store, content, where), parts, where.pool, most):
        if where.pool is not None:
            where.objects.sync([part.object])
        yield part


def _store(content: Content, where: _Shelf, encoded: EncodedPart) -> Part:
    recorded = where.known_part(encoded.version, content.format) if encoded.version else None
    if recorded is not None and recorded.object not in where.replace:
        return recorded
    if content.kind == "files":
        name, size = where.objects.put_stream(encoded.chunks(), encoded.suffix)
    else:
        data = encoded.data
        name, size = where.objects.put(data, encoded.suffix), memoryview(data).nbytes
    return Part(object=name, bytes=size, version=encoded.version, rows=encoded.rows, path=encoded.path)


def _read_part(manifest: Manifest, part: Part, objects: Objects) -> Bytes:
    try:
        return objects.read(part.object)
    except DamagedError as error:
        number = manifest.parts.index(part) + 1
        raise DamagedError(
            f"part {number} of {len(manifest.parts)}: {error.message}", objects=error.objects, hint=error.hint
        ) from error
