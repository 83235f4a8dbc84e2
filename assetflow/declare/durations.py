"""Owns durations as users write them: seconds, text with a unit, ``timedelta``; and what a wrong one probably meant.

Knows nothing of what lasts so long.
"""

from __future__ import annotations

import re
from datetime import timedelta

_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST = 36_525 * 86_400
_IN_WORDS = re.compile(r"\s*(\d+)?\s*([a-z]+?)s?\s*", re.IGNORECASE)
_WORDS = {
    "second": (1, "s"), "sec": (1, "s"), "minute": (1, "m"), "min": (1, "m"), "hour": (1, "h"), "hr": (1, "h"),
    "hourly": (1, "h"), "day": (1, "d"), "daily": (1, "d"), "week": (7, "d"), "weekly": (7, "d"), "w": (7, "d"),
}  # fmt: skip


def seconds_of(duration: object) -> float:
    """Return the seconds that ``duration`` (a number, text with a unit, a ``timedelta``) says.

    Raises:
        ValueError: it says none, or one that no calendar holds.
    """
    number = duration.total_seconds() if isinstance(duration, timedelta) else duration
    match = _DURATION.fullmatch(duration) if isinstance(duration, str) else None
    if match is not None:
        number = float(match[1]) * _SECONDS[match[2]]
    if not isinstance(number, int | float) or isinstance(number, bool) or not 0 <= number < float("inf"):
        raise ValueError(f"{duration!r} is not a duration: {_way_out(duration)}")
    if number > _LONGEST:
        raise ValueError(f"{duration!r} is not a duration: it is longer than a hundred years")
    return float(number)


def _way_out(duration: object) -> str:
    """Say what was probably meant, or what can be written."""
    match = _IN_WORDS.fullmatch(duration) if isinstance(duration, str) else None
    if match is not None and match[2].lower() in _WORDS:
        times, unit = _WORDS[match[2].lower()]
        return f"did you mean '{int(match[1] or 1) * times}{unit}'?"
    return "write seconds, or text such as '500ms', '1s', '2m', '1h', '1d'"
