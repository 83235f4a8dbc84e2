"""Owns the questions about notifications: what is on record of each change that somebody was to be told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assetflow.ledger.queries import Queries, instant
from assetflow.model.notices import Event, Matter, Notice, Notified

About = tuple[str, str, Matter]
"""Asset, partition, and what of it."""


@dataclass(frozen=True)
class Told:
    """What is on record about one thing: ``event`` was told last; another is ``in_hand`` (told just now, maybe)."""

    event: Event | None = None
    in_hand: Event | None = None
    since: str = ""


class NoticeQueries(Queries):
    """Questions about notifications."""

    def told(self, env: str) -> dict[About, Told]:
        """Return what is on record in ``env`` of every change that somebody was ever to be told of."""
        found: dict[About, Told] = {}
        for asset, partition, matter, event, phase, time in self._ask(_NOTIFICATIONS, (env,)):
            about = (asset, partition, matter)
            found[about] = after(found.get(about, Told()), event, phase, instant(time))
        return found

    def missed(self, env: str) -> list[Notice]:
        """Return the changes of which nobody could be told, and that nobody was told of since."""
        found = []
        for body, asset, partition, matter in self._ask(_MISSED, (env,)):
            notices = Notified.model_validate_json(body).notices
            found += [one for one in notices if one.about == (asset, partition, matter)]
        return found


def after(before: Told, event: Event, phase: Literal["telling", "told", "failed"], time: str) -> Told:
    """Return what is on record once this is, too."""
    if phase == "telling":
        return Told(before.event, event, time)
    return Told(event) if phase == "told" else Told(before.event)


_NOTIFICATIONS = """
    SELECT asset, partition, matter, event, phase, time FROM assetflow.notifications WHERE env = ?
    QUALIFY row_number() OVER (
        PARTITION BY asset, partition, matter, phase ORDER BY commit_number DESC, position DESC) = 1
    ORDER BY commit_number, position"""

_MISSED = """
    WITH last AS (
        SELECT asset, partition, matter, phase, commit_number, position FROM assetflow.notifications WHERE env = ?
        QUALIFY row_number() OVER (
            PARTITION BY asset, partition, matter ORDER BY commit_number DESC, position DESC) = 1)
    SELECT a.body::VARCHAR, last.asset, last.partition, last.matter
    FROM last JOIN assetflow.actions a USING (commit_number, position) WHERE last.phase = 'failed'
    ORDER BY commit_number, position"""
