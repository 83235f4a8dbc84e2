"""Owns which time zones there are, and what a mistyped one probably meant."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from assetflow.errors import Problem
from assetflow.keys import did_you_mean

_HINT = 'write a name of the IANA database, such as tz="Europe/Berlin", or tz="UTC"'


def zone_problem(name: object) -> Problem | None:
    """Say why ``name`` is no time zone, and which was probably meant; None where it is one."""
    if not isinstance(name, str):
        return Problem(f"tz={name!r} is no time zone", hint=_HINT)
    try:
        ZoneInfo(name)
    except (LookupError, OSError, ValueError):  # each for another way of being no name at all
        return Problem(f"tz={name!r} is no time zone", hint=_nearest(name) or _HINT)
    return None


def _nearest(name: str) -> str | None:
    """Return what ``Berlin`` or ``Europe/Berln`` probably meant."""
    zones = available_timezones()
    city = name.rpartition("/")[2].replace(" ", "_").casefold()
    same = sorted(zone for zone in zones if zone.rpartition("/")[2].casefold() == city)
    if same:
        return "did you mean " + " or ".join(repr(zone) for zone in same[:3]) + "?"
    return did_you_mean(name, zones)
