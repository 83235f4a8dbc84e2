"""Owns what gives an asset a version: a source that was read, an output that was made."""

from __future__ import annotations

from typing import Any, Literal

from assetflow.model.actions import Action
from assetflow.model.manifest import Manifest, ManifestRef
from assetflow.model.recipe import Recipe
from assetflow.model.record import Named, Record

Lineage = dict[str, tuple[tuple[str, str], ...]]
"""From which (asset, column) pairs the values of each column come."""


class SourceFile(Record):
    """One observed file of a source: path relative to the source's root, size in bytes, hash of the bytes."""

    path: str
    size: int
    hash: str


class RemoteVersion(Record):
    """A version in another project's store.

    ``store``: as it was declared; ``url``: where that was, without secrets. ``env`` published it by ``commit``.
    """

    store: str
    url: str
    store_id: str
    env: str
    asset: str
    version: str
    commit: int


class SourceObserved(Named, Action):
    """A source was read. ``manifest`` is None where the files are not kept.

    ``options`` and ``schema_ipc`` (as in a manifest) say how its files become a table. ``remote``: of an asset of
    another project, which version of it; its data stay in that project's store.
    """

    type: Literal["source_observed"] = "source_observed"
    required: bool = True
    run: str
    asset: str
    partition: str = ""
    version: str
    data_version: str
    fingerprint: str
    url: str
    format: str
    options: dict[str, Any] = {}
    schema_ipc: str | None = None
    identity: Literal["bytes", "content"]
    files: tuple[SourceFile, ...]
    rows: int | None = None
    columns: tuple[tuple[str, str], ...] | None = None
    manifest: Manifest | ManifestRef | None = None
    observed_at: str
    seconds: float
    bytes: int
    log: str | None = None
    remote: RemoteVersion | None = None

    @property
    def kind(self) -> Literal["source", "external"]:
        """The kind of the asset."""
        return "source" if self.remote is None else "external"


class Attempt(Record):
    """One call of an asset's function. ``error`` is None for the one that succeeded."""

    number: int
    started_at: str
    seconds: float
    error: str | None = None
    message: str | None = None
    traceback: str | None = None

    @property
    def words(self) -> str:
        """What it raised, in one line."""
        return f"{self.error}: {self.message}".split("\n", 1)[0].rstrip(": ")


class Materialized(Named, Action):
    """A fingerprint gave a data version. ``reasons``: why it was made then, in words.

    ``lineage``: of what a query made, as far as it can be told. ``renamed_from``: key and version whose data it took
    over, because the asset is that one under another name; nothing ran then. ``previous``: of an incremental asset,
    the version that it went on from, "" where there was none; None where the function did not ask for it.
    ``peak_memory``: bytes, the most that the process held that made it, where that was a process of its own.
    """

    type: Literal["materialized"] = "materialized"
    required: bool = True
    run: str
    asset: str
    partition: str = ""
    kind: str
    version: str
    data_version: str
    fingerprint: str
    code_version: str
    recipe: Recipe
    manifest: Manifest | ManifestRef | None
    started_at: str
    seconds: float
    rows: int | None = None
    bytes: int
    executor: str
    reasons: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    metadata: dict[str, Any] = {}
    log: str | None = None
    tree: str | None = None
    lineage: Lineage = {}
    renamed_from: tuple[str, str] | None = None
    previous: str | None = None
    peak_memory: int | None = None


OBSERVED_KINDS = ("source", "external")
"""Kinds of the assets of which ``SourceObserved`` tells."""

Version = Materialized | SourceObserved
"""What gives an asset a version."""
