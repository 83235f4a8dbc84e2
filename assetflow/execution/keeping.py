"""Owns the work on a source: keep a copy of what it has now in the store, and record what was really read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import BinaryIO

from assetflow.errors import SourceError
from assetflow.execution.observation import MOST_ROUNDS, Observation, Observer, schema_text
from assetflow.hashing.fingerprint import source_fingerprint, version_id
from assetflow.model.actions import SourceFile, SourceObserved
from assetflow.model.manifest import Manifest, Part
from assetflow.model.spec import SourceSpec
from assetflow.storage import artifacts
from assetflow.storage.objects import Objects

MOST_KEPT_BYTES = 1 << 30
CHUNK = 1 << 22


def observe_and_keep(
    key: str, source: SourceSpec, observer: Observer, objects: Objects, run: str
) -> SourceObserved:
    """Observe a source, keep its files, and return the record of what was read.

    The data version is that of the bytes that were copied: a file overwritten between observation and copy is
    recorded as what was copied. Files that change while they are copied are copied again.

    Raises:
        SourceError: the source matches nothing, cannot be read, or keeps changing.
    """
    begun, observed_at = time.perf_counter(), datetime.now(UTC).isoformat()
    observation = observer.observe(key, source)
    manifest: Manifest | None = None
    if source.keep and observation.bytes <= MOST_KEPT_BYTES:
        observation, manifest = _keep(key, source, observer, objects)
    fingerprint = source_fingerprint(key, observation.data_version)
    return SourceObserved(
        run=run,
        asset=key,
        version=version_id(key, "", fingerprint, observation.data_version),
        data_version=observation.data_version,
        fingerprint=fingerprint,
        url=source.url,
        format=source.format,
        options=dict(source.options),
        schema_ipc=schema_text(source),
        identity=source.identity,
        files=observation.files,
        rows=observation.rows,
        columns=observation.columns,
        manifest=artifacts.settle(manifest, objects) if manifest else None,
        observed_at=observed_at,
        seconds=time.perf_counter() - begun,
        bytes=observation.bytes,
    )


def _keep(key: str, source: SourceSpec, observer: Observer, objects: Objects) -> tuple[Observation, Manifest]:
    for _ in range(MOST_ROUNDS):
        before = observer.find(key, source)
        parts = []
        for found in before:
            suffix = _suffix(found.path)
            with observer.open(found.address) as stream:
                name, size = objects.put_stream(_chunks(stream), suffix)
            parts.append(Part(object=name, bytes=size, path=found.path))
        after = observer.find(key, source)
        if [(file.path, file.stamp) for file in before] == [(file.path, file.stamp) for file in after]:
            files = tuple(
                SourceFile(path=part.path or "", size=part.bytes, hash=part.object.split(".", 1)[0])
                for part in parts
            )
            size = sum(part.bytes for part in parts)
            manifest = Manifest(kind="files", format="folder", bytes=size, parts=tuple(parts))
            return observer.observation(source, files, after), manifest
    raise SourceError(
        f"source {key}: {source.url} changed each of {MOST_ROUNDS} times that it was read",
        hint="wait until its writer has finished, or have it written elsewhere and moved into place",
    )


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def _suffix(path: str) -> str:
    suffix = PurePosixPath(path).suffix.lstrip(".").lower()
    return suffix if suffix.isalnum() and suffix.isascii() and len(suffix) <= 16 else "bin"
