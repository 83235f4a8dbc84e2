"""Owns the manifest: what the stored bytes of one data version are, and where they lie.

Format number 1 (docs/formats.md).
"""

from __future__ import annotations

from typing import Literal

from assetflow.model.record import Record

Kind = Literal["table", "value", "text", "bytes", "numpy", "files", "figure", "pickle"]


class Part(Record):
    """One stored object of an artifact.

    ``object``: its name in the store, ``<xxh3-128 of the bytes>.<suffix>``. ``version``: the ``table/1`` hash of
    the part's own rows, "" where the artifact is no table. ``path``: relative path of a file in a folder.
    """

    object: str
    bytes: int
    version: str = ""
    rows: int | None = None
    path: str | None = None


class Manifest(Record):
    """What an artifact is made of.

    Exactly one of ``inline`` and ``parts`` holds the content (an empty folder has neither).
    ``inline``: for kinds stored as JSON or text the text itself; for tables base64 of an Arrow IPC stream, whatever
    ``format`` says; else base64 of the bytes that a part would hold.
    ``schema_ipc``: base64 of the Arrow IPC message of the canonical schema (tables); it is authoritative.
    ``columns``: (name, column hash) in order. ``bytes``: of all parts, or of the decoded ``inline``.
    """

    number: int = 1
    kind: Kind
    format: str
    bytes: int
    rows: int | None = None
    columns: tuple[tuple[str, str], ...] | None = None
    schema_ipc: str | None = None
    parts: tuple[Part, ...] = ()
    inline: str | None = None

    @property
    def objects(self) -> tuple[str, ...]:
        """Names of the stored objects that this artifact needs."""
        return tuple(part.object for part in self.parts)


class ManifestRef(Record):
    """A manifest too large for a commit, kept as an object (JSON). The columns stay: plans and audits need them."""

    object: str
    kind: Kind
    format: str
    bytes: int
    rows: int | None = None
    columns: tuple[tuple[str, str], ...] | None = None
