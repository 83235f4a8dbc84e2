"""Owns which time zones there are, and what a mistyped one probably meant."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from assetflow.keys import did_you_mean

_HINT = 'write a name of the IANA database, such as tz="Europe/Berlin"'


def zone_problem(name: object) -> tuple[str, str] | None:
    """Say why ``name`` is no time zone, and which was probably meant; None where it is one."""
    if not isinstance(name, str):
        return f"tz={name!r} is no time zone", _HINT
    try:
        ZoneInfo(name)
    except (
        OSError,
        ValueError,
    ):  # zoneinfo's own error is a KeyError; what is no name at all is one of these
        return f"tz={name!r} is no time zone", _HINT
    except KeyError:
        return f"tz={name!r} is no time zone", _nearest(name) or _HINT
    return None


def _nearest(name: str) -> str | None:
    """Return what ``Berlin`` or ``Europe/Berln`` probably meant."""
    zones = available_timezones()
    city = name.rpartition("/")[2].replace(" ", "_").casefold()
    same = sorted(zone for zone in zones if zone.rpartition("/")[2].casefold() == city)
    return f"did you mean {same[0]!r}?" if same else did_you_mean(name, zones)
