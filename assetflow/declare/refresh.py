"""Owns ``cron``, ``every``, ``probe``, ``arrived`` and ``always``: how a user says what else makes an asset stale.

To write one never raises: what is wrong with it is told with all other problems of the declarations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class CronRefresh:
    """A cron expression, as written."""

    expression: Any
    tz: Any = "UTC"
    again: Any = 0
    partitions: Any = "last"


@dataclass(frozen=True)
class EveryRefresh:
    """An interval, as written."""

    interval: Any
    again: Any = 0
    partitions: Any = "last"


@dataclass(frozen=True)
class ProbeRefresh:
    """A probe, as written."""

    function: Any
    timeout: Any = "30s"


@dataclass(frozen=True)
class AlwaysRefresh:
    """Each run."""


@dataclass(frozen=True)
class Arrived:
    """Files that are looked for, as written. ``options``: of the file system, by name."""

    url: Any
    options: tuple[tuple[str, Any], ...] = ()


Refresh = CronRefresh | EveryRefresh | ProbeRefresh | AlwaysRefresh

always = AlwaysRefresh()
"""Stale in each run: ``@af.asset(refresh=af.always)``."""


def cron(
    expression: str, tz: str = "UTC", *, again: int = 0, partitions: Literal["last", "all"] = "last"
) -> CronRefresh:
    """Make an asset stale at the ticks of a cron expression: ``refresh=af.cron("0 6 * * *", tz="Europe/Berlin")``.

    Args:
        expression: minute, hour, day of month, month, day of week; as Debian's cron reads them, and ``L`` for the last
            day of a month.
        tz: the zone of the IANA database whose clocks it is read by. On days when they are changed, a job at a fixed
            time runs once.
        again: of an asset with partitions of time, at how many further ticks each is made again, for data that come
            late; then it stays.
        partitions: which of them a tick makes due: of time, ``"last"``, those that have ended since the tick before; or
            ``"all"``.
    """
    return CronRefresh(expression, tz, again, partitions)


def every(
    interval: str | float, *, again: int = 0, partitions: Literal["last", "all"] = "last"
) -> EveryRefresh:
    """Make an asset stale at the multiples of an interval since the epoch, in UTC: ``refresh=af.every("15m")``.

    Args:
        interval: seconds, or text such as ``"90s"``, ``"15m"``, ``"6h"``, ``"1d"``.
        again: as of ``cron``.
        partitions: as of ``cron``.
    """
    return EveryRefresh(interval, again, partitions)


def probe(function: Callable[[], Any] | Arrived, timeout: str | float = "30s") -> ProbeRefresh:
    """Make an asset stale when a question to the world outside is answered otherwise: ``refresh=af.probe(last_etag)``.

    The answer decides, not the function: its code is no part of the asset's. It is asked once in each run and tick.

    Args:
        function: takes no arguments and returns what can be told apart: text, numbers, times, lists and dicts of such.
        timeout: how long it may take; the asset fails when it takes longer.
    """
    return ProbeRefresh(function, timeout)


def arrived(url: str, **options: Any) -> Arrived:
    """Return a probe's question: which files are there? ``refresh=af.probe(af.arrived("s3://bucket/in/*.csv"))``.

    Its answer is their names, sizes, and etags or times of change; none where there are no files.

    Args:
        url: a file, a glob or a folder: a path relative to the project, or any fsspec URL.
        options: of the file system, as ``storage_options`` of a store.
    """
    return Arrived(url, tuple(sorted(options.items())))
