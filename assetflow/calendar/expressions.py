"""Owns what is wrong with a cron expression, and what it probably was to say."""

from __future__ import annotations

import re

from assetflow.calendar.cron import Cron

_FIELDS = ("minute", "hour", "day of month", "month", "day of week")
_MOST = (
    "0 to 59",
    "0 to 23",
    "1 to 31, or L for the last",
    "1 to 12, or JAN to DEC",
    "0 to 7, or SUN to SAT",
)
_HINT = "write minute, hour, day of month, month, day of week: 0 6 * * * is each day at six"
_WORDS = {
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "midnight": "0 0 * * *",
    "weekly": "0 0 * * 0",
    "monthly": "0 0 1 * *",
    "yearly": "0 0 1 1 *",
    "annually": "0 0 1 1 *",
}
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def expression_problem(expression: object) -> tuple[str, str] | None:
    """Say what is wrong with a cron expression, and what it probably was to say; None where it makes sense."""
    if not isinstance(expression, str):
        return f"cron({expression!r}) is no text", _HINT
    fields = expression.split()
    if len(fields) != len(_FIELDS):
        return f"cron({expression!r}) has {len(fields)} of 5 fields", _nearest(expression, fields)
    if Cron(" ".join(fields)).makes_sense:
        return None
    for number, field in enumerate(fields):
        alone = " ".join("*" if place != number else field for place in range(len(fields)))
        if not Cron(alone).makes_sense:
            name = _FIELDS[number]
            return f"cron({expression!r}): its {name} is {field!r}", f"{name}: {_MOST[number]}"
    shorter = " ".join([*fields[:2], "L", *fields[3:]])
    return f"cron({expression!r}) never comes", f"no such month has that day: did you mean {shorter!r}?"


def _nearest(expression: str, fields: list[str]) -> str:
    meant = _WORDS.get(expression.strip().lower().lstrip("@"))
    clock = _CLOCK.fullmatch(expression.strip())
    if clock is not None:
        meant = f"{int(clock[2])} {int(clock[1])} * * *"
    elif meant is None and fields:
        padded = [*fields, "*", "*", "*", "*"][:5] if len(fields) < len(_FIELDS) else fields[-5:]
        meant = " ".join(padded) if expression_problem(" ".join(padded)) is None else None
    return f"did you mean {meant!r}?" if meant is not None else _HINT
