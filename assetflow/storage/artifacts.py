"""Owns artifacts: content written as a manifest and its parts, and read back verified.

A part or a manifest that is known is not written again. What is known, a ledger answers: knows nothing of it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Sequence

from assetflow.errors import DamagedError
from assetflow.frames.codecs import EncodedPart, decode, encode, inline_text
from assetflow.frames.content import Content, Identity, identify
from assetflow.frames.table_codec import schema_to_text
from assetflow.model.manifest import Manifest, ManifestRef, Part
from assetflow.storage.folder import Bytes
from assetflow.storage.objects import Objects

KnownManifest = Callable[[str, str], Manifest | None]
KnownPart = Callable[[str, str], Part | None]

MAX_IN_COMMIT = 8192  # bytes of a manifest's JSON


def write(
    content: Content,
    objects: Objects,
    *,
    identity: Identity | None = None,
    known: KnownManifest = lambda _data_version, _format: None,
    known_part: KnownPart = lambda _version, _format: None,
    allow_inline: bool = True,
    replace: Collection[str] = frozenset(),
) -> Manifest:
    """Store a content and return its manifest. Nothing is encoded or written that is known already.

    Args:
        content: what to store.
        objects: where.
        identity: of ``content``, where the caller has it.
        known: answers the manifest on record for a data version in a format.
        known_part: answers the part on record for a part version in a format.
        allow_inline: whether small content may lie in the commit itself, where it cannot be erased.
        replace: names of objects that are damaged or missing; what is known by them counts as unknown.
    """
    identity = identity or identify(content)
    stored = at_hand(content, identity, known=known, allow_inline=allow_inline, replace=replace)
    if stored is not None:
        return stored
    parts = _write_parts(content, identity, objects, known_part, replace)
    return without_parts(content, identity).model_copy(
        update={"parts": parts, "bytes": sum(part.bytes for part in parts)}
    )


def at_hand(
    content: Content,
    identity: Identity,
    *,
    known: KnownManifest,
    allow_inline: bool = True,
    replace: Collection[str] = frozenset(),
) -> Manifest | None:
    """Return the manifest of a content of which nothing has to be written: it is known, or small; else None."""
    recorded = known(identity.data_version, content.format)
    if recorded and (allow_inline or recorded.inline is None) and not set(recorded.objects) & set(replace):
        return recorded
    inline = inline_text(content) if allow_inline else None
    if inline is None:
        return None
    return without_parts(content, identity).model_copy(
        update={"inline": inline, "bytes": _inline_bytes(content, inline)}
    )


def without_parts(content: Content, identity: Identity) -> Manifest:
    """Return the manifest of a content that is not stored yet: all that those who will read it can know by now."""
    return Manifest(
        kind=content.kind,
        format=content.format,
        bytes=0,
        rows=identity.rows,
        columns=identity.columns,
        schema_ipc=schema_to_text(content.data.schema) if content.kind == "table" else None,
    )


def read(manifest: Manifest, objects: Objects, *, columns: Sequence[str] | None = None) -> Content:
    """Return the content of a manifest; ``columns`` (tables only) chooses and orders columns.

    Raises DamagedError, which names the part, where its bytes are missing or not those that were written.
    """
    return decode(manifest, lambda part: _read_part(manifest, part, objects), columns=columns)


def settle(manifest: Manifest, objects: Objects) -> Manifest | ManifestRef:
    """Return what a commit holds of a manifest: itself if inline or of at most 8 KiB, else where it lies."""
    text = manifest.model_dump_json().encode()
    if len(text) <= MAX_IN_COMMIT or manifest.inline is not None:
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


def _inline_bytes(content: Content, inline: str) -> int:
    as_text = content.kind in ("value", "text")
    return len(inline.encode() if as_text else base64.b64decode(inline))


def _write_parts(
    content: Content, identity: Identity, objects: Objects, known_part: KnownPart, replace: Collection[str]
) -> tuple[Part, ...]:
    parts = []
    for encoded in encode(content, identity=identity):
        recorded = known_part(encoded.version, content.format) if encoded.version else None
        if recorded is None or recorded.object in replace:
            recorded = _write_part(content, encoded, objects)
        parts.append(recorded)
    return tuple(parts)


def _write_part(content: Content, encoded: EncodedPart, objects: Objects) -> Part:
    if content.kind == "files":
        name, size = objects.put_stream(encoded.chunks(), encoded.suffix)
    else:
        data = encoded.data
        name, size = objects.put(data, encoded.suffix), memoryview(data).nbytes
    return Part(object=name, bytes=size, version=encoded.version, rows=encoded.rows, path=encoded.path)


def _read_part(manifest: Manifest, part: Part, objects: Objects) -> Bytes:
    try:
        return objects.read(part.object)
    except DamagedError as error:
        number = manifest.parts.index(part) + 1
        raise DamagedError(
            f"part {number} of {len(manifest.parts)}: {error.message}", objects=error.objects, hint=error.hint
        ) from error
