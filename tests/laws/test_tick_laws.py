"""Laws of cron ticks: they are those of cronsim, and all of a span, the last and the next tell of the same ones."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from eventful_zones import ST_JOHNS, ZONES
from hypothesis import assume, given
from hypothesis import strategies as st

from assetflow.calendar.clocks import DAY, instant
from assetflow.calendar.cron import Cron

AT_FIXED_TIMES = [
    "30 2 * * *",
    "0 0 * * MON",
    "0 0 L * *",
    "0 12 LW * FRI",
    "59 23 * * 5",
    "0 0 * * *",
    "30 1-3 * * TUE#2",
]
AT_EVERY_SO_MANY = ["*/30 * * * *", "* 2 1-7 * *", "15 */6 1,15 * *", "5-55/10 * 1-7 * 7"]
EXPRESSIONS = [*AT_FIXED_TIMES, *AT_EVERY_SO_MANY]
FAR = ["0 0 29 2 *", "59 23 31 12 *", "0 6 29 2 */7", "0 0 * 2 MON#5"]

zones = st.sampled_from(ZONES)
days = st.dates(date(1985, 1, 1), date(2030, 12, 31)) | st.sampled_from(
    [
        date(2026, 3, 27),
        date(2026, 10, 23),
        date(2011, 12, 27),
        date(2026, 4, 3),
        date(2026, 10, 2),
        date(2000, 10, 6),
        date(1999, 12, 30),
    ]
)


def in_utc(moment: int) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def some_days(day: date) -> tuple[int, int]:
    first = instant(datetime(day.year, day.month, day.day, 5, tzinfo=UTC))
    return first, first + 4 * DAY


def ticks_until(end: int, ticks: Iterable[int]) -> list[int]:
    return list(itertools.takewhile(lambda tick: tick < end, ticks))


@pytest.mark.parametrize("expression", AT_FIXED_TIMES)
@given(zone=zones, day=days)
def test_at_fixed_times_ticks_are_those_of_cronsim(expression: str, zone: str, day: date) -> None:
    assume(zone != ST_JOHNS)  # cronsim 2.8 loops for ever there
    first, end = some_days(day)
    walked = CronSim(expression, datetime.fromtimestamp(first - 1, ZoneInfo(zone)))

    assert ticks_until(end, Cron(expression, zone).ticks(first, end)) == ticks_until(
        end, map(instant, walked)
    )


@pytest.mark.parametrize("expression", AT_EVERY_SO_MANY)
@given(zone=zones, day=days)
def test_at_every_so_many_minutes_ticks_are_all_at_which_clocks_show_them(
    expression: str, zone: str, day: date
) -> None:
    """cronsim 2.8 itself leaves out what clocks show for the first time after they were set back by half an hour."""
    first, end = some_days(day)
    shown = set(ticks_until(end + DAY, map(instant, CronSim(expression, in_utc(first - DAY)))))
    zone_info = ZoneInfo(zone)
    expected = [
        moment
        for moment in range(first, end, 60)
        if instant(datetime.fromtimestamp(moment, zone_info).replace(tzinfo=UTC)) in shown
    ]

    assert ticks_until(end, Cron(expression, zone).ticks(first, end)) == expected


@pytest.mark.parametrize("expression", EXPRESSIONS)
@given(zone=zones, day=days, seconds=st.integers(0, 4 * DAY))
def test_the_last_and_the_next_are_neighbours_among_all(
    expression: str, zone: str, day: date, seconds: int
) -> None:
    cron = Cron(expression, zone)
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds)
    found = cron.ticks(instant(moment) - 40 * DAY, instant(moment))
    place = bisect_right(found, instant(moment))

    assert cron.last(moment) == datetime.fromtimestamp(found[place - 1], UTC)
    assert cron.next(moment) == datetime.fromtimestamp(found[place], UTC)


@pytest.mark.parametrize("expression", FAR)
@given(zone=zones, day=days)
def test_what_comes_once_in_many_years_is_found_both_ways(expression: str, zone: str, day: date) -> None:
    cron = Cron(expression, zone)
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    last, following = cron.last(moment), cron.next(moment)

    assert last is not None
    assert following is not None
    assert last <= moment < following
    assert cron.next(last) == following
    assert cron.last(following) == following
    if zone != ST_JOHNS:
        walked = CronSim(expression, moment.astimezone(ZoneInfo(zone)))
        # in UTC: what clocks show twice equals nothing in another zone (PEP 495)
        assert next(tick for tick in (one.astimezone(UTC) for one in walked) if tick > moment) == following


@given(zone=zones, day=days, expression=st.sampled_from(EXPRESSIONS), count=st.integers(0, 3))
def test_of_a_span_there_are_two_ticks_beyond_its_end(
    zone: str, day: date, expression: str, count: int
) -> None:
    first = instant(datetime(day.year, day.month, day.day, tzinfo=UTC))
    until = first + count * DAY
    found = Cron(expression, zone).ticks(first, until)

    assert found[0] >= first
    assert found[-2] > until
    assert list(found) == sorted(set(found))
