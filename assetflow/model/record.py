"""Owns what every record that crosses a file has in common: frozen, and deaf to fields it does not know."""

from __future__ import annotations

from typing import Protocol

from pydantic import BaseModel, ConfigDict

from assetflow.keys import name_of


class Record(BaseModel):
    """A frozen value read from and written to JSON.

    Fields that a newer release added are passed over; what a reader must understand is told by
    ``Action.required`` and by the number of the format.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Located(Protocol):
    """What is said of an asset, or of one partition of it."""

    @property
    def asset(self) -> str:
        """The asset's key."""

    @property
    def partition(self) -> str:
        """The partition; "" for an asset without partitions."""


class Named:
    """What has a ``name``, because it is said of an asset or of one partition of it."""

    __slots__ = ()

    @property
    def name(self: Located) -> str:
        """The name (``keys.name_of``) of the asset or partition."""
        return name_of(self.asset, self.partition)
