"""Owns what every record that crosses a file has in common: frozen, and deaf to fields it does not know."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen value read from and written to JSON.

    Fields that a newer release added are passed over; what a reader must understand is told by
    ``Action.required`` and by the number of the format.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)
