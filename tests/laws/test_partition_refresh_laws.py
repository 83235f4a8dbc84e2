"""Which partitions ticks make: of time, each by the first tick after its end and ``again`` times more; or all at each.

The decision is pure, as in ``test_time_laws``; that projects follow it is shown in ``end_to_end/test_partition_ticks``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from assetflow.calendar.cron import Cron
from assetflow.calendar.interval import Interval
from assetflow.model.refresh import Schedule
from assetflow.partitions.grid import grid
from assetflow.partitions.named import dynamic, static
from assetflow.partitions.scheme import Moment, Scheme
from assetflow.partitions.timed import daily, hourly, monthly
from assetflow.planning.partition_tokens import DuePartitions, PartitionTokens
from assetflow.planning.tokens import tick_of

START = datetime(2026, 3, 25, tzinfo=UTC)  # clocks change in Berlin on the 29th
SECOND = timedelta(seconds=1)

clocks = st.sampled_from(
    [
        Cron("0 6 * * *", "Europe/Berlin"),
        Cron("30 2 * * *", "Europe/Berlin"),  # skipped on the 29th
        Cron("15 */8 * * 1-5"),
        Interval(6 * 3600, "6h"),
        Interval(36 * 3600, "36h"),
    ]
)
schemes = st.sampled_from(
    [
        daily("2026-03-25", tz="Europe/Berlin"),
        daily("2026-03-26", end="2026-03-28"),
        hourly("2026-03-28T20", end="2026-03-29T03", tz="Europe/Berlin"),
        monthly("2026-02"),
        grid(day=daily("2026-03-25", end="2026-03-27"), region=static(["eu", "us"])),
    ]
)


@dataclass(frozen=True)
class Made:
    token: str | None


class Simulated:
    """An asset with partitions: ``fetched`` are the ticks that each was made for, by key."""

    def __init__(self, scheme: Scheme, schedule: Schedule) -> None:
        self.scheme = scheme
        self.schedule = schedule
        self.added: list[str] = []
        self.standings: dict[str, Made] = {}
        self.made: dict[str, str | None] = {}
        self.fetched: list[tuple[str, datetime | None]] = []

    def tokens(self, now: datetime) -> PartitionTokens:
        self.keys = self.scheme.at(Moment(now, {"names": tuple(self.added)}))
        return PartitionTokens(self.schedule, self.keys, self.standings, now)

    def due(self, now: datetime) -> DuePartitions:
        return self.tokens(now).due(lambda: self.made)

    def tick(self, now: datetime, *, publish: bool = True) -> int:
        """Make what is due, and return how many that were."""
        tokens, due = self.tokens(now), self.due(now)
        if due.new + due.again == 0:
            return 0
        stale = {}
        for ordinal, key in enumerate(self.keys):
            token, standing = tokens.of(ordinal), self.standings.get(key)
            if tokens.waits_until(ordinal) is None and (standing is None or standing.token != token):
                stale[key] = token
        fresh = {key: token for key, token in stale.items() if token is None or self.made.get(key) != token}
        assert len(fresh) == due.new + due.again
        self.fetched += [(key, tick_of(token)) for key, token in fresh.items()]
        self.made.update(fresh)
        if publish:
            self.standings.update({key: Made(token) for key, token in fresh.items()})
        return len(fresh)


def ticks_until(clock: Cron | Interval, end: datetime) -> list[datetime]:
    ticks = []
    tick = clock.next(START)
    while tick is not None and tick < end:
        ticks.append(tick)
        tick = clock.next(tick)
    return ticks


def looks(clock: Cron | Interval, end: datetime, again: int) -> list[datetime]:
    """Return the ticks that a partition with this end is due by, counted off one by one."""
    found = []
    tick = clock.next(end - SECOND)
    while tick is not None and len(found) <= again:
        found.append(tick)
        tick = clock.next(tick)
    return found


@given(clocks, schemes, st.integers(0, 3))
def test_under_regular_ticks_each_is_made_once_and_again_as_often_as_was_asked(
    clock: Cron | Interval, scheme: Scheme, again: int
) -> None:
    asset = Simulated(scheme, Schedule(clock, again))
    asset.tick(START)
    end = START + timedelta(days=12)
    for tick in ticks_until(clock, end):
        assert asset.tick(tick - SECOND) == 0
        asset.tick(tick + SECOND)
        assert asset.tick(tick + SECOND) == 0, "at once again"
    for ordinal, key in enumerate(asset.keys):
        bounds = asset.keys.bounds(ordinal)
        assert bounds is not None
        if bounds[1] > START:
            expected = [tick for tick in looks(clock, bounds[1].astimezone(UTC), again) if tick < end]
            assert [tick for one, tick in asset.fetched if one == key] == expected


@given(clocks, schemes, st.integers(0, 3))
def test_where_everything_slept_throughout_each_is_made_once(
    clock: Cron | Interval, scheme: Scheme, again: int
) -> None:
    asset = Simulated(scheme, Schedule(clock, again))
    later = START + timedelta(days=200)
    asset.tick(later)
    assert all(count == 1 for count in Counter(key for key, _ in asset.fetched).values())
    assert {key for key, _ in asset.fetched} >= {
        key
        for ordinal, key in enumerate(asset.keys)
        if (bounds := asset.keys.bounds(ordinal)) is not None and bounds[1] < later - timedelta(days=8)
    }
    assert asset.tick(later) == 0


@given(
    clocks,
    schemes,
    st.integers(0, 3),
    st.lists(st.tuples(st.integers(-40, 90), st.booleans()), min_size=1, max_size=12),
)
def test_whatever_the_clock_does_and_is_rejected_each_is_made_for_later_ticks_alone(
    clock: Cron | Interval, scheme: Scheme, again: int, steps: list[tuple[int, bool]]
) -> None:
    asset = Simulated(scheme, Schedule(clock, again))
    now = START
    for hours, publish in steps:
        now += timedelta(hours=hours)
        asset.tick(now, publish=publish)
        assert asset.tick(now) == 0, "what was rejected is not due again by itself"
    for key in {key for key, _ in asset.fetched}:
        made = [tick for one, tick in asset.fetched if one == key]
        assert made == sorted(set(made), key=lambda tick: tick or START)
        assert len(made) <= 1 + again


@given(clocks, schemes, st.integers(0, 3), st.sampled_from(["last", "all"]), st.integers(0, 300))
def test_the_next_time_is_when_something_is_due_and_nothing_is_before(
    clock: Cron | Interval, scheme: Scheme, again: int, partitions: str, hours: int
) -> None:
    schedule = Schedule(clock, again if partitions == "last" else 0, "all" if partitions == "all" else "last")
    asset = Simulated(scheme, schedule)
    now = START + timedelta(hours=hours)
    asset.tick(now)
    following = asset.due(now).next
    if following is None:
        assert asset.tick(now + timedelta(days=400)) == 0
        return
    assert following > now
    assert asset.tick(following - SECOND) == 0
    assert asset.tick(following) > 0


@given(clocks, clocks, schemes, st.integers(0, 3), st.integers(0, 3))
def test_another_schedule_makes_nothing_again_that_was_made_for_good(
    clock: Cron | Interval, other: Cron | Interval, scheme: Scheme, again: int, otherwise: int
) -> None:
    asset = Simulated(scheme, Schedule(clock, again))
    now = START + timedelta(days=20)
    asset.tick(now)
    unfinished = {
        key for key, made in asset.standings.items() if made.token and "+" in made.token.split(" ")[-1]
    }
    assume(asset.fetched)
    asset.schedule = Schedule(other, otherwise)
    asset.fetched.clear()
    known = set(asset.standings)
    asset.tick(now + timedelta(days=60))
    assert {key for key, _ in asset.fetched} & known <= unfinished
    if not again or not otherwise:
        assert not {key for key, _ in asset.fetched} & known


@given(clocks, st.sampled_from([static(["a", "b"]), dynamic("names"), daily("2026-03-25")]))
def test_of_all_each_tick_makes_every_one_that_is_there(clock: Cron | Interval, scheme: Scheme) -> None:
    asset = Simulated(scheme, Schedule(clock, partitions="all"))
    asset.added = ["x"]
    asset.tick(START)
    for number, tick in enumerate(ticks_until(clock, START + timedelta(days=6))):
        assert asset.tick(tick - SECOND) == 0
        assert asset.tick(tick) == sum(
            (bounds := asset.keys.bounds(ordinal)) is None or bounds[1] <= tick
            for ordinal in range(len(asset.keys))
        )
        assert asset.tick(tick) == 0
        asset.added.append(f"new {number}")
        assert asset.tick(tick) == (1 if scheme.is_dynamic else 0), "what was added is made at once"
    asset.fetched.clear()
    asset.tick(START + timedelta(days=60))
    assert max(Counter(key for key, _ in asset.fetched).values()) == 1, "what was missed is made up once"
