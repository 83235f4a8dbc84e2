"""Owns what is on record of notifications: of what change of state somebody was told, is being told, or could not be.

Knows nothing of who is told, or how.
"""

from __future__ import annotations

from typing import Literal

from assetflow.model.actions import Action
from assetflow.model.record import Record

Event = Literal["failed", "rejected", "late", "recovered"]
Matter = Literal["outcome", "age"]


class Notice(Record):
    """One change: what became of an asset's ``outcome`` (failed, rejected), or of the ``age`` of its data (late).

    ``why``, ``look``, ``run``: what there is to tell of it, for whoever has to tell it another time.
    """

    asset: str
    partition: str = ""
    matter: Matter
    event: Event
    why: str = ""
    look: str = ""
    run: str | None = None

    @property
    def about(self) -> tuple[str, str, Matter]:
        """What it tells of: the next notice about the same tells of the next change."""
        return (self.asset, self.partition, self.matter)


class Notified(Action):
    """Somebody is to be told of changes in ``env``.

    ``phase``: ``telling`` before it is tried, so that no other writer tells the same; ``told``, or ``failed`` after.
    """

    type: Literal["notified"] = "notified"
    env: str
    phase: Literal["telling", "told", "failed"]
    notices: tuple[Notice, ...]
