"""Owns the schemes whose partitions tile time: their declaration, their closed keys at a moment, why a key is none.

Knows nothing of how days, hours and ticks are counted (``lines``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from assetflow.calendar.clocks import instant, local
from assetflow.calendar.zones import zone_problem
from assetflow.errors import Problem, UnknownNameError
from assetflow.partitions.lines import Line
from assetflow.partitions.ranges import Ranges
from assetflow.partitions.scheme import Growth, Keys, Moment, Scheme
from assetflow.partitions.steps import Days, Hours, Months, Step, Ticks, Weeks
from assetflow.partitions.written import Unit, Written, read

Date = str | date


def hourly(start: Date, end: Date | None = None, tz: str = "UTC") -> TimeScheme:
    """Declare a partition for each hour of local clocks. ``end``: the last, as far as the date is written."""
    return _scheme(Hours(), start, end, tz)


def daily(start: Date, end: Date | None = None, tz: str = "UTC") -> TimeScheme:
    """Declare a partition for each local date, ``2026-11-23``. ``end``: the last; ``"2026-11"`` is all November."""
    return _scheme(Days(), start, end, tz)


def weekly(start: Date, end: Date | None = None, tz: str = "UTC", first_day: str = "monday") -> TimeScheme:
    """Declare a partition for each week, named by its first day. ``end``: the last that begins by then."""
    return _scheme(Weeks(str(first_day).lower()), start, end, tz)


def monthly(start: Date, end: Date | None = None, tz: str = "UTC") -> TimeScheme:
    """Declare a partition for each month, ``2026-11``. ``end``: the last."""
    return _scheme(Months(), start, end, tz)


def cron_partitions(expression: str, start: Date, end: Date | None = None, tz: str = "UTC") -> TimeScheme:
    """Declare a partition from each tick of a cron expression to the next; ``end``: the last that begins by then."""
    return _scheme(Ticks(str(expression)), start, end, tz)


def _scheme(step: Step, start: Date, end: Date | None, tz: str) -> TimeScheme:
    return TimeScheme(step, _as_text(start), None if end is None else _as_text(end), str(tz))


def _as_text(value: object) -> str:
    """Return what was declared as text; what is no date at all is told by ``problems``."""
    return value.isoformat() if isinstance(value, date) else str(value)


@dataclass(frozen=True, eq=False)
class TimeScheme(Scheme):
    """Partitions that follow each other without gaps. A partition exists when it is closed: when its end has come."""

    step: Step
    start: str
    end: str | None
    tz: str

    @property
    def text(self) -> str:
        """Return the function that declares it, with its arguments in one way of writing."""
        parts = [*self.step.options, _plain(self.start, self.step.unit)]
        parts += [] if self.end is None else [f"end={self.end}"]
        return f"{self.step.name}({', '.join(parts)}, tz={self.tz})"

    @property
    def growth(self) -> Growth:
        """Return that its keys become more by themselves."""
        return Growth.BY_TIME

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the step, the dates and the zone."""
        zone, start = zone_problem(self.tz), read(self.start)
        found = [*self.step.problems(), *([zone] if zone else [])]
        found += _date_problems("start", self.start, start)
        if isinstance(start, Written):
            found += filter(None, [self.step.start_problem(start.clock)])
            if zone is None and start.contradicts(ZoneInfo(self.tz)):
                hint = "leave the offset out"
                found.append(Problem(f"clocks of {self.tz} never show start {self.start!r}", hint=hint))
        if self.end is not None:
            end = read(self.end)
            found += _date_problems("end", self.end, end)
            if not found and isinstance(start, Written) and isinstance(end, Written):
                found += self._order_problems(start, end)
        return tuple(self._named(problem) for problem in found)

    def at(self, moment: Moment) -> TimeKeys:
        """Return the keys of the partitions that are closed at a moment."""
        zone, start = ZoneInfo(self.tz), read(self.start)
        assert isinstance(start, Written)  # a scheme with problems is refused before
        now = instant(moment.now)
        line = self.step.line(start, zone, max(now, start.begin(zone)))
        closed = max(line.find(now), 0)
        if self.end is None:
            return TimeKeys(self, line, closed)
        end = read(self.end)
        assert isinstance(end, Written)
        limit = end.end(zone)
        total = max(line.find(limit - 1) + 1, 0)
        return TimeKeys(self, line, min(closed, total), limit, closed >= total)

    def _order_problems(self, start: Written, end: Written) -> list[Problem]:
        zone = ZoneInfo(self.tz)
        if end.end(zone) > start.begin(zone):
            return []
        hint = f"end is the last partition: {self.start!r} or later"
        return [Problem(f"end {self.end!r} lies before start {self.start!r}", hint=hint)]

    def _named(self, problem: Problem) -> Problem:
        return Problem(f"{self.step.name}: {problem.message}", hint=problem.hint)


@dataclass(frozen=True)
class TimeKeys(Keys):
    """The closed partitions of a time scheme.

    ``limit``: the instant at which the scheme ends, where it does; ``is_complete``: there will never be more keys.
    """

    scheme: TimeScheme
    line: Line
    count: int
    limit: int | None = None
    is_complete: bool = False

    def __len__(self) -> int:
        return self.count

    def key(self, ordinal: int) -> str:
        """Return the local date, or below a day the local time with its offset."""
        self.check(ordinal)
        return self.line.key(ordinal)

    def index(self, key: str) -> int:
        """Return the ordinal of a key, which must be written exactly as ``key`` writes it."""
        written = read(key)
        if isinstance(written, str):
            raise self._unknown(key, written, f"keys are written as in {self.scheme.step.example!r}")
        ordinal = self.line.named(written)
        for place in (ordinal, ordinal + 1):  # of 00:06:32, the key says no seconds
            if 0 <= place < self.count and self.line.key(place) == key:
                return place
        raise self._missing(key, written)

    def bounds(self, ordinal: int) -> tuple[datetime, datetime]:
        """Return the beginning and the end in the scheme's zone."""
        self.check(ordinal)
        zone = self.line.zone
        return local(self.line.begin(ordinal), zone), local(self.line.begin(ordinal + 1), zone)

    def end(self, ordinal: int) -> datetime:
        """Return when a partition ended."""
        return datetime.fromtimestamp(self.line.begin(ordinal + 1), UTC)

    @property
    def next_end(self) -> datetime | None:
        """Return when the partition behind the closed ones ends."""
        return None if self.is_complete else datetime.fromtimestamp(self.line.begin(self.count + 1), UTC)

    def begin(self, ordinal: int) -> int:
        """Return the instant at which a partition begins; that of ``len`` is where the last ends."""
        return self.line.begin(ordinal)

    @property
    def begin_of_all(self) -> int:
        """Return the instant at which the first partition begins, closed or not."""
        return self.line.begin(0)

    @property
    def end_of_all(self) -> int:
        """Return the instant at which the last closed partition ends, or where the first begins."""
        return self.line.begin(self.count)

    def closed_by(self, when: int) -> int:
        """Return how many partitions had ended at an instant, at most ``len``."""
        return min(max(self.line.find(when), 0), self.count)

    def from_on(self, when: int) -> int:
        """Return the ordinal of the first partition that begins at an instant or later, at most ``len``."""
        place = self.line.find(when)
        if place < 0:
            return 0
        return min(place if self.line.begin(place) >= when else place + 1, self.count)

    def that_begin(self, written: Written) -> Ranges:
        """Return the partitions that begin within what was written."""
        zone = self.line.zone
        return Ranges.of_span(self.from_on(written.begin(zone)), self.from_on(written.end(zone)))

    def why_none(self, text: str, written: Written) -> UnknownNameError:
        """Return the error for a date, right in itself, that is none of these keys."""
        return self._missing(text, written)

    def _missing(self, text: str, written: Written) -> UnknownNameError:
        zone = self.line.zone
        begin, end = written.begin(zone), written.end(zone)
        if begin >= end or written.contradicts(zone):
            return self._unknown(text, f"it never comes in {zone.key}", self._span())
        if self.limit is not None and begin >= self.limit:
            return self._unknown(text, f"the partitions end with {self.scheme.end}", self._span())
        place = self.line.find(begin)
        if place < 0:
            return self._unknown(text, f"the partitions start with {self.scheme.start}", self._span())
        if place < self.count:
            return self._unknown(text, "no partition has this key", f"did you mean {self.line.key(place)!r}?")
        return self._unknown(text, self._not_closed(place), self._span())

    def _not_closed(self, place: int) -> str:
        try:
            end = local(self.line.begin(place + 1), self.line.zone)
        except (
            IndexError,
            OverflowError,
            ValueError,
        ):  # beyond the ticks that were looked for, or of all dates
            return "it is not closed yet"
        return f"it is not closed before {end.isoformat(timespec='minutes')}"

    def _span(self) -> str:
        if not self.count:
            return "no partition is closed yet"
        return f"there are {self.line.key(0)}..{self.line.key(self.count - 1)}"

    def _unknown(self, text: str, why: str, hint: str) -> UnknownNameError:
        return UnknownNameError(f"there is no partition {text!r}: {why}", hint=hint)


def _plain(text: str, unit: Unit) -> str:
    """Return a start in the one way in which keys of the unit are written, for those that mean the same."""
    written = read(text)
    if isinstance(written, str) or written.offset is not None:
        return text
    clock = written.clock.isoformat(timespec="minutes")
    return {Unit.MONTH: clock[:7], Unit.DAY: clock[:10]}.get(unit, clock)


def _date_problems(name: str, text: str, found: Written | str) -> list[Problem]:
    return [Problem(f"{name} {text!r} is no date", hint=found)] if isinstance(found, str) else []
