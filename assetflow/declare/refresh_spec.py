"""Owns how ``refresh=`` becomes what the spec holds, and what is wrong with it, with the nearest that makes sense."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, get_args

from assetflow.calendar.cron import Cron
from assetflow.calendar.expressions import canonical, expression_problem
from assetflow.calendar.interval import Interval
from assetflow.calendar.zones import zone_problem
from assetflow.declare.durations import seconds_of
from assetflow.declare.problems import Problems
from assetflow.declare.refresh import AlwaysRefresh, Arrived, CronRefresh, EveryRefresh, ProbeRefresh
from assetflow.keys import did_you_mean
from assetflow.model.refresh import Always, Arrival, Probe, Refresh, Schedule, Touched

_HINT = 'write af.cron("0 6 * * *"), af.every("15m"), af.probe(function) or af.always'
MOST_AGAIN = 1000
"""How often a partition can be made again by ticks: who wants more wants all of them at each."""

_BY_CALENDAR = {"m": 'af.cron("0 0 1 * *")', "y": 'af.cron("0 0 1 1 *")'}
_UNITS = {"s": "s", "m": "m", "h": "h", "d": "d"}


def read_refresh(value: object, problems: Problems) -> Refresh | None:
    """Read ``refresh=``."""
    match value:
        case None:
            return None
        case AlwaysRefresh():
            return Always()
        case CronRefresh():
            return _schedule("cron", _cron(value, problems), value, problems)
        case EveryRefresh():
            return _schedule("every", _interval(value.interval, problems), value, problems)
        case ProbeRefresh():
            return _probe(value, problems)
    problems.add(f"refresh={_named(value)} says nothing of when it is stale", _nearest(value))
    return None


def _schedule(
    name: str, clock: Cron | Interval | None, value: CronRefresh | EveryRefresh, problems: Problems
) -> Schedule | None:
    again, partitions = value.again, value.partitions
    makes_sense = isinstance(again, int) and not isinstance(again, bool) and 0 <= again <= MOST_AGAIN
    if not makes_sense:
        problems.add(
            f"{name}(again={again!r}) is no number of ticks from 0 to {MOST_AGAIN}", _nearest_again(again)
        )
    if partitions not in get_args(Touched):
        near = did_you_mean(partitions, get_args(Touched)) if isinstance(partitions, str) else None
        hint = near or 'write partitions="last" or partitions="all"'
        problems.add(f"{name}(partitions={partitions!r}) names no partitions that a tick makes due", hint)
        return None
    return Schedule(clock, again, partitions) if clock is not None and makes_sense else None


def _nearest_again(again: object) -> str:
    """Return what ``"2"``, ``2.0`` or ``-2`` probably meant."""
    try:
        number = abs(int(again)) if isinstance(again, str | float | int) else 0
    except (ValueError, OverflowError):
        number = 0
    if 0 < number <= MOST_AGAIN and not isinstance(again, bool):
        return f"did you mean again={number}?"
    if number > MOST_AGAIN:
        return 'write partitions="all" to have each tick make all of them'
    return "write again=2 for two later looks, or leave it out"


def _cron(value: CronRefresh, problems: Problems) -> Cron | None:
    wrong = [expression_problem(value.expression), zone_problem(value.tz)]
    for problem in filter(None, wrong):
        problems.add(problem.message, problem.hint)
    return None if any(wrong) else Cron(canonical(value.expression), value.tz)


def _interval(interval: object, problems: Problems) -> Interval | None:
    seconds = _seconds(f"every({interval!r})", interval, problems)
    if seconds is None:
        return None
    if seconds < 1 or seconds != int(seconds):
        problems.add(f"every({interval!r}) is no number of whole seconds", 'the shortest is af.every("1s")')
        return None
    return Interval(int(seconds), interval if isinstance(interval, str) else f"{int(seconds)}s")


def _probe(value: ProbeRefresh, problems: Problems) -> Probe | None:
    asked = value.function
    seconds = _seconds(f"probe(timeout={value.timeout!r})", value.timeout, problems)
    if seconds is not None and seconds <= 0:
        problems.add(f"probe(timeout={value.timeout!r}) leaves it no time", 'write timeout="30s"')
        return None
    if isinstance(asked, Arrived):
        if not isinstance(asked.url, str) or not asked.url.strip():
            problems.add(f"arrived({asked.url!r}) is no path and no URL", 'write af.arrived("in/*.csv")')
            return None
        return None if seconds is None else Probe(Arrival(asked.url, asked.options), seconds)
    wrong = _function_problem(asked)
    if wrong is not None:
        problems.add(*wrong)
        return None
    return None if seconds is None else Probe(asked, seconds)


def _function_problem(asked: object) -> tuple[str, str] | None:
    """Say why ``asked`` is no question, and how to mend that."""
    if not callable(asked):
        return f"probe({_named(asked)}) is no function", "hand over the function itself, without calling it"
    if inspect.iscoroutinefunction(asked) or inspect.isgeneratorfunction(asked):
        return f"probe({_named(asked)}) is asynchronous, or a generator", "write a plain function"
    needed = _needed(asked)
    if needed:
        return f"probe({_named(asked)}) needs {', '.join(needed)}", "a probe is called without arguments"
    return None


def _needed(function: Callable[..., Any]) -> list[str]:
    """Return the parameters without which ``function`` cannot be called."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some of C's functions tell nothing of their parameters
        return []
    starred = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [item.name for item in parameters if item.default is item.empty and item.kind not in starred]


def _seconds(what: str, duration: object, problems: Problems) -> float | None:
    try:
        return seconds_of(duration)
    except (ValueError, TypeError):
        problems.add(
            f"{what}: {duration!r} is not a duration",
            _nearest_duration(duration) or 'write seconds, or text such as "90s", "15m", "6h", "1d"',
        )
        return None


def _nearest_duration(duration: object) -> str | None:
    """Return what ``15 minutes``, ``2 hrs`` or ``1w`` probably meant."""
    match = re.fullmatch(r"\s*(\d+)\s*([A-Za-z]+)\.?\s*", duration) if isinstance(duration, str) else None
    if match is None:
        return None
    number, unit = int(match[1]), match[2].lower()
    if unit.startswith(("mo", "y")):
        return f"a {unit.rstrip('s')} is no fixed time; write a cron expression: {_BY_CALENDAR[unit[0]]}"
    if unit.startswith("w"):
        return f"did you mean {f'{number * 7}d'!r}?"
    return f"did you mean {f'{number}{_UNITS[unit[0]]}'!r}?" if unit[0] in _UNITS else None


def _nearest(value: object) -> str:
    """Return how ``value`` is written, where it is what belongs into ``cron``, ``every`` or ``probe``."""
    if isinstance(value, str):
        if expression_problem(value) is None:
            return f"did you mean af.cron({value!r})?"
        if value == "always":
            return "did you mean af.always?"
        if re.fullmatch(r"\s*\d+\s*[smhd]\s*", value):
            return f"did you mean af.every({value!r})?"
    if isinstance(value, Arrived) or (callable(value) and _function_problem(value) is None):
        return f"did you mean af.probe({_named(value)})?"
    return _HINT


def _named(value: object) -> str:
    name = getattr(value, "__name__", None)
    if isinstance(value, Arrived):
        return f"af.arrived({value.url!r})"
    return name if isinstance(name, str) else repr(value)
