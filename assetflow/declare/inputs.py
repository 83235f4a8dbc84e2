"""Owns ``Input``: how a parameter says which asset it reads, and how much of it.

Knows nothing of the asset that has the parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from assetflow.partitions.mappings import PartitionMapping

Missing = Literal["fail", "none", "skip"]


@runtime_checkable
class Keyed(Protocol):
    """Anything declared that can be read by others: an asset or a source."""

    @property
    def key(self) -> str:
        """Its key."""


@dataclass(frozen=True)
class Input:
    """Say what a parameter reads: ``inputs={"orders": Input(...)}``, ``Annotated[pl.DataFrame, Input(...)]``.

    Args:
        key: the asset's key, or the asset itself.
        columns: the columns to read. Only a change in one of them makes the reader stale.
        missing: what happens when the asset has no version: ``"fail"`` (the reader is skipped, exit code 1),
            ``"none"`` (the reader gets None), ``"skip"`` (the reader is skipped in silence). Left out, it is
            ``"none"`` where the annotation allows None (``X | None``), else ``"fail"``. Of an asset with partitions it
            is about each that is read: ``"skip"`` and ``"none"`` leave out those that have no version.
        partitions: which partitions of the asset a partition reads: ``af.window(-6, 0)``, ``af.covering()``, ..., or a
            dict from the reader's keys to those it reads.
    """

    key: str | Keyed
    columns: Sequence[str] | None = None
    missing: Missing | None = None
    partitions: PartitionMapping | Mapping[str, str | Sequence[str]] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        # a list would make the value unhashable, and with it the Annotated types that typing caches
        if isinstance(self.columns, list):
            object.__setattr__(self, "columns", tuple(self.columns))


def key_of(named: object) -> str | None:
    """Return the key that ``named`` (a key, or something declared) stands for; None for anything else."""
    if isinstance(named, str):
        return named
    if isinstance(named, list | tuple | dict | set):  # looking for a protocol in what has no key takes long
        return None
    if isinstance(named, Keyed) and isinstance(named.key, str):
        return named.key
    return None
