"""Owns the work on a source: keep a copy of what it has now in the store, and record what was really read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import BinaryIO

from assetflow.execution.observation import (
    MOST_ROUNDS,
    Observation,
    Observer,
    keeps_changing,
    schema_text,
)
from assetflow.execution.source_files import FoundFile, opened, require_all
from assetflow.hashing.fingerprint import source_fingerprint, version_id
from assetflow.model.manifest import Manifest, Part
from assetflow.model.spec import SourceSpec
from assetflow.model.versions import SourceFile, SourceObserved
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
        parts = tuple(_copy(key, file, objects) for file in before)
        after = observer.find(key, source)
        require_all(key, before, after)
        if before == after:
            files = tuple(
                SourceFile(path=part.path or "", size=part.bytes, hash=part.object[:32]) for part in parts
            )
            size = sum(part.bytes for part in parts)
            manifest = Manifest(kind="files", format="folder", bytes=size, parts=parts)
            copy = artifacts.read(manifest, objects).data.paths
            return observer.observation_of_copy(source, files, after, copy), manifest
    raise keeps_changing(key, source)


def _copy(key: str, file: FoundFile, objects: Objects) -> Part:
    with opened(key, file) as stream:
        name, size = objects.put_stream(_chunks(stream), _suffix(file.path))
    return Part(object=name, bytes=size, path=file.path)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def _suffix(path: str) -> str:
    suffix = PurePosixPath(path).suffix.lstrip(".").lower()
    return suffix if suffix.isalnum() and suffix.isascii() and len(suffix) <= 16 else "bin"
