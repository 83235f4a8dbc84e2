"""Owns what is due: the pure decision whether an asset's refresh is news, and when what failed is tried again.

Knows nothing of code or data: what is due is known before anything is planned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from assetflow.model.refresh import Probe, Refresh, Schedule
from assetflow.planning.tokens import UNASKED, tick_of, token_of, token_words

FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True)
class Standing:
    """How an asset stands in an environment.

    ``published``: the token of what is published, None where nothing is or it has none. ``made``: the token of what
    was made last, published or not. ``failures``: how often it failed in a row since; ``failed_at``: when the last
    time.
    """

    published: str | None = None
    made: str | None = None
    failures: int = 0
    failed_at: datetime | None = None


def news(refresh: Refresh, standing: Standing, now: datetime, answer: str | None = None) -> str | None:
    """Return, in words, why an asset is due by its refresh; None where it is not.

    What was made for the present token and not published (because it was rejected, or is held back) is not due again
    by itself. ``answer``: the hash of its probe's answer, None where it was not asked.
    """
    token = token_of(refresh, standing.published, now, run="", answer=answer)
    if token in (None, UNASKED, standing.published, standing.made):
        return None
    if isinstance(refresh, Probe) and standing.published is None and standing.made is None:
        return "its probe is asked for the first time"
    tick, made = tick_of(token), tick_of(standing.made)
    return None if tick is not None and made is not None and made >= tick else token_words(token)


def tried_again_at(standing: Standing, now: datetime) -> datetime | None:
    """Return until when an asset that failed is left alone; None where it may be tried now.

    A failure that lies ahead of ``now`` was recorded by a clock that has since jumped back, and holds up nothing.
    """
    if standing.failed_at is None or not standing.failures or standing.failed_at > now:
        return None
    until = standing.failed_at + pause(standing.failures)
    return until if until > now else None


def pause(failures: int) -> timedelta:
    """Return how long an asset is left alone after so many failures in a row: 5 minutes, doubling to 6 hours."""
    return min(FIRST_PAUSE * (1 << min(failures - 1, 30)), LONGEST_PAUSE)


def next_tick(refresh: Refresh, now: datetime) -> datetime | None:
    """Return when the refresh brings news next by the clock; None for what each run asks anew."""
    return refresh.clock.next(now) if isinstance(refresh, Schedule) else None
