"""Owns what an action is: one thing that a commit says happened.

Times are ISO 8601 in UTC. ``partition`` is "" for an asset without partitions. The types of actions: ``store``,
``runs``, ``versions``, ``verdicts``, ``environments``, ``notices``.
"""

from __future__ import annotations

from assetflow.model.record import Record


class Action(Record):
    """What all actions share."""

    type: str
    required: bool = False


class Unknown(Action):
    """An action of a newer release."""

    type: str
