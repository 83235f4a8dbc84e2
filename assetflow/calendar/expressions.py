"""Owns what is wrong with a cron expression, and what it probably was to say."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from assetflow.calendar.cron import Cron
from assetflow.calendar.fields import fields_of
from assetflow.errors import Problem

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
_SOME_DAY = datetime(2001, 1, 1, tzinfo=UTC)  # whether it ever comes does not depend on when that is asked


def canonical(expression: str) -> str:
    """Return the expression with single blanks and capitals."""
    return " ".join(expression.upper().split())


def expression_problem(expression: object) -> Problem | None:
    """Say what is wrong with a cron expression, and what it probably was to say; None where it makes sense."""
    if not isinstance(expression, str):
        return Problem(f"the cron expression {expression!r} is no text", hint=_HINT)
    fields = expression.split()
    what = f"the cron expression {expression!r}"
    if len(fields) != len(_FIELDS):
        return Problem(f"{what} has {len(fields)} of 5 fields", hint=_nearest(expression, fields))
    if _comes(fields):
        return None
    for number, field in enumerate(fields):
        if not _comes(["*" if place != number else field for place in range(len(fields))]):
            hint = f"{_FIELDS[number]}: {_MOST[number]}"
            return Problem(f"{what} says {field!r} of the {_FIELDS[number]}", hint=hint)
    shorter = " ".join([*fields[:2], "L", *fields[3:]])
    return Problem(f"{what} never comes", hint=f"no such month has that day: did you mean {shorter!r}?")


def _comes(fields: list[str]) -> bool:
    """Tell whether fields can be read, and what they say ever comes."""
    expression = canonical(" ".join(fields))
    return fields_of(expression) is not None and Cron(expression).next(_SOME_DAY) is not None


def _nearest(expression: str, fields: list[str]) -> str:
    meant = _WORDS.get(expression.strip().lower().lstrip("@"))
    clock = _CLOCK.fullmatch(expression.strip())
    if clock is not None:
        meant = f"{int(clock[2])} {int(clock[1])} * * *"
    elif meant is None and fields:
        padded = [*fields, "*", "*", "*", "*"][:5] if len(fields) < len(_FIELDS) else fields[-5:]
        meant = " ".join(padded) if _comes(padded) else None
    return f"did you mean {meant!r}?" if meant is not None else _HINT
