"""Owns the time of day: the clock that is handed in wherever time matters, and how times are written.

Knows nothing of stores or commits.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits. ``assetflow.testing.fakes.FakeClock`` is one that a test moves by hand."""

    def now(self) -> datetime:
        """Return the time of day, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time of day, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def time_text(moment: datetime) -> str:
    """Write a time as every record does: ISO 8601 in UTC, all of one length, so that texts sort as times."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_time(text: str) -> datetime:
    """Read what ``time_text`` wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)
