"""Ticks of cron expressions: known days, and both directions beside a walk through the whole year."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetflow.calendar.cron import Cron
from assetflow.calendar.interval import EPOCH, Interval

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Casablanca",
)
EXPRESSIONS = (
    "0 6 * * *",
    "30 2 * * *",
    "30 1 * * *",
    "0 2,3 * * *",
    "*/15 * * * *",
    "30 * * * *",
    "* 2 * * *",
    "0 0 29 2 *",
    "0 0 L * *",
    "15 1,2 * * SUN",
    "5-10 1 * * *",
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def walked(cron: Cron, start: datetime, end: datetime) -> list[datetime]:
    """Return the ticks from ``start`` on, one after the other."""
    ticks = [start]
    while ticks[-1] < end:
        following = cron.next(ticks[-1])
        assert following is not None
        assert following > ticks[-1]
        ticks.append(following)
    return ticks[1:]


@pytest.mark.parametrize(
    ("expression", "day", "ticks"),
    [
        ("30 2 * * *", "2026-03-29", ["03:00+02:00"]),  # half past two does not exist
        ("30 2 * * *", "2026-10-25", ["02:30+02:00"]),  # and comes twice
        (
            "0 * * * *",
            "2026-10-25",
            [f"{hour:02}:00+02:00" for hour in range(3)] + ["02:00+01:00", "03:00+01:00"],
        ),
        ("*/30 1-3 * * *", "2026-03-29", ["01:00+01:00", "01:30+01:00", "03:00+02:00", "03:30+02:00"]),
    ],
)
def test_on_days_when_clocks_change_cron_ticks_as_debians(
    expression: str, day: str, ticks: list[str]
) -> None:
    start = at(f"{day}T00:00:00+01:00") if day.startswith("2026-03") else at(f"{day}T00:00:00+02:00")
    found = walked(
        Cron(expression, "Europe/Berlin"), start - timedelta(seconds=1), start + timedelta(hours=5)
    )
    assert found[: len(ticks)] == [at(f"{day}T{tick}") for tick in ticks]


def test_leap_day_comes_every_four_years() -> None:
    leap = Cron("0 12 29 2 *", "UTC")
    assert leap.next(at("2026-01-01T00:00:00Z")) == at("2028-02-29T12:00:00Z")
    assert leap.last(at("2026-01-01T00:00:00Z")) == at("2024-02-29T12:00:00Z")
    assert leap.last(at("2028-02-29T12:00:00Z")) == at("2028-02-29T12:00:00Z")


@given(st.sampled_from(ZONES), st.sampled_from(EXPRESSIONS), st.data())
def test_the_last_tick_and_the_next_are_neighbours(zone: str, expression: str, data: st.DataObject) -> None:
    cron = Cron(expression, zone)
    near = st.sampled_from(
        ["2026-03-08T07", "2026-03-29T01", "2026-04-04T15", "2026-10-03T15", "2026-10-25T01"]
    )
    begin = data.draw(
        st.one_of(near.map(lambda hour: at(f"{hour}:00:00Z")), st.just(at("2028-02-28T22:00:00Z")))
    )
    moment = begin + timedelta(seconds=data.draw(st.integers(-90_000, 90_000)))
    last, following = cron.last(moment), cron.next(moment)
    assert last is not None
    assert following is not None
    assert last <= moment < following
    assert cron.next(last) == following
    assert cron.last(following) == following
    assert cron.last(following - timedelta(microseconds=1)) == last


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe"])
@pytest.mark.parametrize("expression", ["0 2,3 * * *", "17 */5 * * *"])
def test_each_moment_of_a_year_has_the_last_tick_of_a_walk_through_it(zone: str, expression: str) -> None:
    cron = Cron(expression, zone)
    ticks = walked(cron, at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"))
    for number in range(400):
        moment = ticks[0] + timedelta(seconds=number * 78_839)
        assert cron.last(moment) == ticks[bisect_right(ticks, moment) - 1]


@given(
    st.integers(1, 10_000_000),
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
)
def test_an_interval_ticks_at_its_multiples_since_the_epoch(seconds: int, moment: datetime) -> None:
    interval = Interval(seconds, "")
    last = interval.last(moment)
    assert last <= moment < interval.next(moment)
    assert (last - EPOCH).total_seconds() % seconds == 0
    assert interval.next(moment) - last == timedelta(seconds=seconds)
