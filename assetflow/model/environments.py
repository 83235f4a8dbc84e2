"""Owns what people do to an environment by hand: promote, roll back, accept, pin, begin and end one.

Knows nothing of what runs publish (``runs``).
"""

from __future__ import annotations

from typing import Literal

from assetflow.model.actions import Action
from assetflow.model.record import Record


class Move(Record):
    """Where one pointer of an environment goes; ``version`` is None where it has none from then on."""

    asset: str
    partition: str = ""
    version: str | None
    previous: str | None = None


class Hold(Record):
    """What an environment must not publish of an asset by itself: all that this code makes with this config.

    ``code_version`` is None for a source, which nothing but its data tells apart. ``because``: how it came about.
    """

    asset: str
    partition: str = ""
    code_version: str | None
    config_hash: str = ""
    because: Literal["promoted", "rolled_back"]

    @property
    def what(self) -> tuple[str, str, str | None, str]:
        """What is turned away, however that came about."""
        return (self.asset, self.partition, self.code_version, self.config_hash)


class Moved(Action):
    """What all actions share that move pointers of ``env`` without a run.

    ``holds``: what the environment turns away from then on; ``lifts``: what it turns away no longer.
    """

    required: bool = True
    env: str
    moves: tuple[Move, ...] = ()
    holds: tuple[Hold, ...] = ()
    lifts: tuple[Hold, ...] = ()


class Promoted(Moved):
    """Pointers went to the versions that environment ``source`` had at commit ``source_commit`` of its store.

    ``source_store``: the id of that store, where it is another one.
    """

    type: Literal["promoted"] = "promoted"
    source: str
    source_store: str | None = None
    source_commit: int


class RolledBack(Moved):
    """Pointers went back to where they were at commit ``to``, or of one asset to another version."""

    type: Literal["rolled_back"] = "rolled_back"
    to: int | None


class Accepted(Moved):
    """Somebody took responsibility: what was turned away may come, what failed the ``checks`` is published.

    ``checks``: fingerprints of evaluations that block no longer in ``env``.
    """

    type: Literal["accepted"] = "accepted"
    checks: tuple[str, ...] = ()


class Pinned(Moved):
    """The moved assets stay at their versions, whatever runs."""

    type: Literal["pinned"] = "pinned"


class Unpinned(Action):
    """An asset is pinned no longer."""

    type: Literal["unpinned"] = "unpinned"
    required: bool = True
    env: str
    asset: str
    partition: str = ""


class EnvironmentCreated(Moved):
    """An environment began, with the pointers of ``origin`` where there is one."""

    type: Literal["environment_created"] = "environment_created"
    origin: str | None = None


class EnvironmentDeleted(Moved):
    """An environment ended: no pointer is left."""

    type: Literal["environment_deleted"] = "environment_deleted"
