"""Time and probes make an asset stale when they bring news: never twice for one tick, never by a clock set back.

The decision is pure, so a year of it takes a moment; that projects follow it is shown in ``end_to_end/test_ticks.py``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetflow.calendar.cron import Cron
from assetflow.calendar.interval import Interval
from assetflow.model.refresh import Always, Probe, Refresh, Schedule
from assetflow.planning.due import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    Standing,
    news,
    next_tick,
    pause,
    tried_again_at,
)
from assetflow.planning.tokens import tick_of, token_of

NEW_YEAR = datetime(2028, 1, 1, tzinfo=UTC)  # a leap year
YEAR = timedelta(days=366)
AROUND = [timedelta(seconds=seconds) for seconds in (-60, -1, 0, 1, 60)]
ASKS = Probe(lambda: None, 1.0)

SCHEDULES: list[Cron | Interval] = [
    Cron("0 6 * * *", "Europe/Berlin"),
    Cron("30 2 * * *", "America/New_York"),  # skipped, and comes twice, when clocks are changed
    Cron("15 1,2 * * *", "Australia/Lord_Howe"),  # where they are changed by half an hour
    Cron("0 12 29 2 *", "Asia/Tokyo"),
    Interval(6 * 3600, "6h"),
]
"""Those of every minute are of the week in which clocks change, below."""


NOTHING = Standing()


class Simulated:
    """An asset and its environment: what a tick publishes, and when."""

    def __init__(self, refresh: Refresh, standing: Standing = NOTHING) -> None:
        self.refresh = refresh
        self.standing = standing
        self.built: list[str] = []

    def tick(self, now: datetime, answer: str | None = None) -> bool:
        """Build and publish when due; return whether it was."""
        if news(self.refresh, self.standing, now, answer) is None:
            return False
        run = str(len(self.built))
        token = token_of(self.refresh, self.standing.published, now, run=run, answer=answer)
        assert token is not None
        self.built.append(token)
        self.standing = replace(self.standing, published=token, made=token)
        return True


def ticks_of(schedule: Cron | Interval, start: datetime, end: datetime) -> list[datetime]:
    ticks = [start]
    while (following := schedule.next(ticks[-1])) is not None and following < end:
        ticks.append(following)
    return ticks[1:]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
def test_around_every_tick_of_a_year_each_is_made_once(schedule: Cron | Interval) -> None:
    ticks = ticks_of(schedule, NEW_YEAR, NEW_YEAR + YEAR)
    asset = Simulated(Schedule(schedule), Standing(token_of(Schedule(schedule), None, NEW_YEAR)))
    for moment in sorted({tick + shift for tick in ticks for shift in AROUND}):
        is_due = moment in ticks
        assert asset.tick(moment) == is_due, moment
        assert not asset.tick(moment), "at once again"
    assert [tick_of(token) for token in asset.built] == ticks


@pytest.mark.parametrize("change", ["2028-03-26", "2028-10-29"])
@pytest.mark.parametrize("expression", ["*/20 * * * *", "*/30 1-3 * * *", "30 2 * * *", "0 2,3 * * *"])
def test_called_each_minute_of_a_day_when_clocks_change_each_tick_is_made_once(
    change: str, expression: str
) -> None:
    cron = Cron(expression, "Europe/Berlin")
    start = datetime.fromisoformat(f"{change}T00:00:00+00:00") - timedelta(hours=2)
    asset = Simulated(Schedule(cron), Standing(token_of(Schedule(cron), None, start)))
    for minute in range(1, 8 * 60):
        asset.tick(start + timedelta(minutes=minute))
    assert [tick_of(token) for token in asset.built] == ticks_of(cron, start, start + timedelta(hours=8))


@pytest.mark.parametrize("schedule", [*SCHEDULES[:3], Cron("* * * * *", "UTC"), Interval(1, "1s")], ids=str)
def test_a_machine_asleep_for_a_week_makes_up_for_it_once(schedule: Cron | Interval) -> None:
    asset = Simulated(Schedule(schedule))
    assert asset.tick(NEW_YEAR), "never built"
    later = NEW_YEAR + timedelta(days=7, minutes=3)
    assert asset.tick(later)
    assert tick_of(asset.built[-1]) == schedule.last(later)
    assert not asset.tick(later)
    assert len(asset.built) == 2


@given(
    st.sampled_from([*SCHEDULES[:3], Interval(900, "15m")]),
    st.lists(st.integers(-10 * 86_400, 10 * 86_400), max_size=15),
)
def test_whatever_the_clock_does_ticks_only_go_forward_and_come_once(
    schedule: Cron | Interval, jumps: list[int]
) -> None:
    asset = Simulated(Schedule(schedule))
    moment, latest = NEW_YEAR, None
    for jump in [0, *jumps]:
        moment += timedelta(seconds=jump)
        tick = schedule.last(moment)
        assert tick is not None
        assert asset.tick(moment) == (latest is None or tick > latest)
        latest = tick if latest is None else max(latest, tick)
    ticks = [tick_of(token) for token in asset.built]
    assert ticks == sorted(set(ticks), key=lambda tick: tick or NEW_YEAR)
    assert max(Counter(asset.built).values()) == 1


@given(st.lists(st.sampled_from("ABC"), min_size=1, max_size=12))
def test_each_answer_unlike_the_one_before_is_news_even_one_that_comes_back(answers: list[str]) -> None:
    asset = Simulated(ASKS)
    changes = 1 + sum(before != after for before, after in pairwise(answers))
    for answer in answers:
        asset.tick(NEW_YEAR, answer)
        assert not asset.tick(NEW_YEAR, answer)
        assert not asset.tick(NEW_YEAR, None), "not asked"
    assert len(asset.built) == len(set(asset.built)) == changes


def test_a_first_answer_is_not_told_as_another_one() -> None:
    asset = Simulated(ASKS)
    assert news(ASKS, asset.standing, NEW_YEAR, "A") == "its probe is asked for the first time"
    asset.tick(NEW_YEAR, "A")
    assert news(ASKS, asset.standing, NEW_YEAR, "B") == "probe answered differently"


def test_a_probe_that_answers_a_b_a_has_two_rebuilds() -> None:
    asset = Simulated(ASKS)
    assert [asset.tick(NEW_YEAR, answer) for answer in "AABBAA"] == [True, False, True, False, True, False]


@given(st.lists(st.sampled_from("ABC"), min_size=2, max_size=8), st.data())
def test_what_a_promotion_or_a_rollback_publishes_is_judged_by_its_own_answer(
    answers: list[str], data: st.DataObject
) -> None:
    asset = Simulated(ASKS)
    for answer in answers:
        asset.tick(NEW_YEAR, answer)
    elsewhere = data.draw(st.sampled_from(asset.built))
    asset.standing = replace(asset.standing, published=elsewhere, made=None)
    told_by_it = elsewhere.split(" ")[1]
    for answer in "ABC":
        assert (news(ASKS, asset.standing, NEW_YEAR, answer) is None) == (answer == told_by_it)


def test_always_is_due_each_time() -> None:
    asset = Simulated(Always())
    assert [asset.tick(NEW_YEAR) for _ in range(3)] == [True] * 3
    assert len(set(asset.built)) == 3


def test_what_was_made_for_a_tick_and_not_published_is_not_due_again_by_it() -> None:
    daily = Schedule(Cron("0 6 * * *"))
    token = token_of(daily, None, NEW_YEAR)
    rejected = Standing(published=None, made=token)
    assert news(daily, rejected, NEW_YEAR) is None
    assert news(daily, rejected, NEW_YEAR + timedelta(days=1)) is not None


@given(st.integers(1, 200))
def test_pauses_double_from_five_minutes_to_six_hours(failures: int) -> None:
    assert FIRST_PAUSE <= pause(failures) <= pause(failures + 1) <= LONGEST_PAUSE
    assert pause(failures + 1) in (pause(failures) * 2, LONGEST_PAUSE)


@given(st.integers(1, 20), st.integers(-86_400 * 9, 86_400 * 9))
def test_what_failed_is_left_alone_for_its_pause_and_never_longer(failures: int, seconds: int) -> None:
    standing = Standing(failures=failures, failed_at=NEW_YEAR)
    now = NEW_YEAR + timedelta(seconds=seconds)
    until = tried_again_at(standing, now)
    assert (until is None) == (seconds < 0 or timedelta(seconds=seconds) >= pause(failures))
    assert until is None or until - now <= LONGEST_PAUSE


def test_when_the_next_is_is_known_of_what_goes_by_the_clock_alone() -> None:
    assert next_tick(Schedule(Cron("0 6 * * *", "Europe/Berlin")), NEW_YEAR) == NEW_YEAR + timedelta(hours=5)
    assert next_tick(ASKS, NEW_YEAR) is next_tick(Always(), NEW_YEAR) is None
