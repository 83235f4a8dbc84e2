"""Owns how small things are put into words: times, durations, sizes, counts, versions, foreign text.

Pure: the present moment comes as an argument.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from assetflow.keys import split_name

SHORT_VERSION = 12
_MINUTE, _HOUR = 60, 3600


def plain(text: object) -> str:
    """Return ``text`` without the power to move a terminal's cursor or colour it: control characters as escapes."""
    return "".join(char if char in "\n\t" or _is_visible(char) else _escape(char) for char in str(text))


def one_line(text: object) -> str:
    """Return ``text`` on one line, line breaks and tabs as escapes too."""
    return "".join(char if _is_visible(char) else _escape(char) for char in str(text))


def first_line(text: object) -> str:
    """Return the first line of ``text``, for where the whole of it has no room."""
    return one_line(str(text).strip().partition("\n")[0])


def short(version: str | None) -> str:
    """Return the first digits of a version, as people are shown it."""
    return "" if version is None else version[:SHORT_VERSION]


def number(count: int | None) -> str:
    """Return a count with thousands separated; nothing for None."""
    return "" if count is None else f"{count:,}"


def counted(count: int, noun: str) -> str:
    """Return ``1 row``, ``2 rows``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def size(count: int | None) -> str:
    """Return a number of bytes to three digits, in units of 1,000."""
    if count is None:
        return ""
    amount, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < 999.5:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 99.95 else f"{amount:.1f} {unit}"


def duration(seconds: float | None) -> str:
    """Return a duration in the one or two units that matter."""
    if seconds is None:
        return ""
    if seconds < 0.0005:
        return "<1 ms"
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02} min"


def when(moment: str | None, now: datetime) -> str:
    """Return a moment (ISO 8601) as one says it: how long ago within a day, else its local date and time."""
    if moment is None:
        return ""
    then = datetime.fromisoformat(moment)
    ago = (now - then).total_seconds()
    if 0 <= ago < _MINUTE:
        return "just now" if ago < 10 else f"{ago:.0f} s ago"
    if 0 <= ago < _HOUR:
        return f"{ago // _MINUTE:.0f} min ago"
    local, today = then.astimezone(now.tzinfo), now.date()
    if local.date() == today and ago > 0:
        return f"today {local:%H:%M}"
    if local.date() == today - timedelta(days=1):
        return f"yesterday {local:%H:%M}"
    return f"{local:%Y-%m-%d %H:%M}"


def instant(moment: str) -> str:
    """Return a moment to the second, in UTC."""
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def counts_text(counts: Mapping[str, int]) -> str:
    """Return counts by state in the order of the states: ``12 built, 3 reused``."""
    return ", ".join(f"{count:,} {state}" for state, count in counts.items())


def listed(words: list[str], most: int = 4) -> str:
    """Return the first of some words, and how many more there are."""
    shown = ", ".join(words[:most])
    return shown if len(words) <= most else f"{shown} and {len(words) - most} more"


def origins(pairs: Sequence[tuple[str, str]]) -> str:
    """Return from which columns of which assets one comes: ``from sales.amount, sales.day``."""
    return f"from {', '.join(f'{asset}.{column}' for asset, column in pairs)}" if pairs else ""


def _is_visible(char: str) -> bool:
    return char.isprintable()  # no controls, no marks that turn the direction of writing, no lone surrogates


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()


def shown(name: str) -> str:
    """Return the name of an asset or partition as people see it: ``sales``, ``sales 2026-11-23``."""
    return " ".join(filter(None, split_name(name)))
