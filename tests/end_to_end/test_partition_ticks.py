"""Which partitions a project's ticks make: looked at again, rejected, rolled back, promoted, failed; or all at each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cells import declared_in
from noted import NOTES, note

import assetflow as af
from assetflow.testing.fakes import FakeClock

TODAY = datetime.now(UTC).date()
LATE = """
@af.asset(partitions=af.daily(start), refresh=af.cron("0 6 * * *", again=2))
def late(context: af.Context) -> int:
    return fetch(context.partition.key)

@af.asset(partitions=af.daily(start))
def below(late: int) -> int:
    note("below")
    return late
"""
ALL = """
@af.asset(partitions=af.dynamic("shops"), refresh=af.cron("0 6 * * *", partitions="all"))
def prices(context: af.Context) -> int:
    return fetch(context.partition.key)
"""
MONTHLY = """
@af.asset(partitions=af.monthly("2020-01"), refresh=af.cron("0 6 * * *"))
def month() -> int:
    return 1
"""


def day(number: int) -> str:
    """Return the key of the day so many days from today."""
    return str(TODAY + timedelta(days=number))


class World:
    """What assets find outside."""

    number = 0
    broken = False


WORLD = [World()]
"""The one world; each test gets a new one."""


def fetch(key: str) -> int:
    note(key)
    if WORLD[0].broken:
        raise OSError("down")
    return WORLD[0].number


def declared(text: str) -> list[Any]:
    return declared_in(text, af=af, fetch=fetch, note=note, start=day(-3))


class Ticking:
    """A project whose clock is moved by hand."""

    def __init__(self, text: str) -> None:
        self.world = WORLD[0] = World()
        self.assets = declared(text)
        self.project = self.opened()
        self.clock = FakeClock(datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC))
        self.project._workspace.store.clock = self.clock

    def opened(self, **options: Any) -> af.Project:
        return af.Project(self.assets, executor="inline", **options)

    def tick(self, project: af.Project | None = None) -> list[str]:
        """Tick, and return what was called, each in its order."""
        NOTES.clear()
        self.last = (project or self.project).tick()
        return sorted(map(str, NOTES))

    def mornings(self, count: int) -> list[list[str]]:
        """Tick on the next mornings, and return what was called on each."""
        found = []
        for _ in range(count):
            self.clock.advance(days=1)
            found.append(self.tick())
            assert self.tick() == []
            assert self.last.run is None
        return found

    @property
    def due(self) -> dict[str, str]:
        return {one.key: one.due for one in self.project.timings() if one.due}

    @property
    def next(self) -> dict[str, str | None]:
        return {one.key: one.next for one in self.project.timings()}


def test_a_day_is_fetched_on_three_mornings_and_what_has_not_changed_ends_there() -> None:
    shop = Ticking(LATE)
    assert shop.tick() == [day(-3), day(-2), day(-1), "below", "below", "below"]
    assert shop.mornings(2) == [
        [day(-2), day(-1), day(0), "below"],
        [day(-1), day(0), day(1), "below"],
    ]
    shop.world.number = 1
    assert shop.mornings(1) == [[day(0), day(1), day(2), "below", "below", "below"]]
    shop.clock.advance(days=1)
    assert shop.due == {"late": "1 partition never made, 2 partitions to be made again"}
    assert shop.project.plan("late").counts["build"] == 3
    shop.clock.advance(days=10)
    assert len(shop.tick()) == len([day(1), day(2)]) + 2 * 11, "asleep for days: what was missed, once"
    assert shop.tick() == []


def test_no_other_number_of_looks_fetches_years_again() -> None:
    shop = Ticking(LATE.replace(", again=2", ""))
    shop.tick()
    more = Ticking(LATE)
    more.project = af.Project(more.assets, store=shop.project.store, executor="inline")
    more.project._workspace.store.clock = more.clock
    assert more.tick() == []
    assert more.project.plan().counts == {"fresh": 6}
    assert more.mornings(2) == [[day(0), "below"], [day(0), day(1), "below"]]


def test_what_was_rejected_is_made_again_by_its_next_look_and_not_before() -> None:
    text = LATE + "\n@af.check(late)\ndef small(late: int) -> bool:\n    return late < 1\n"
    shop = Ticking(text)
    shop.tick()
    shop.world.number = 1
    assert shop.mornings(1) == [[day(-2), day(-1), day(0)]]
    assert not shop.due
    shop.world.number = 0
    assert shop.mornings(1) == [[day(-1), day(0), day(1), "below", "below"]]


def test_after_a_rollback_no_tick_brings_back_what_was_turned_away() -> None:
    shop = Ticking(LATE)
    shop.tick()
    shop.world.number = 1
    shop.mornings(1)
    assert shop.project.load("late", partition=day(-1)) == 1
    shop.project.rollback(selection="late below")
    assert shop.tick() == []
    assert shop.last.run is None
    for morning in range(4):
        shop.clock.advance(days=1)
        shop.tick()
        assert shop.project.load("late", partition=day(-1)) == 0, morning
        assert shop.project.load("below", partition=day(-1)) == 0


def test_after_a_promotion_ticks_of_older_code_do_not_undo_it() -> None:
    shop = Ticking(LATE)
    store = shop.project.store
    newer = declared(LATE.replace("fetch(context.partition.key)", "fetch(context.partition.key) + 100"))
    new = af.Project(newer, store=store, env="dev", executor="inline")
    prod = shop.opened(store=store, env="prod")
    for project in (new, prod):
        project._workspace.store.clock = shop.clock
    shop.tick(prod)
    new.materialize()
    new.promote("dev", "prod")
    for _ in range(3):
        shop.clock.advance(days=1)
        shop.tick(prod)
        assert [prod.load("late", partition=day(number)) for number in (-3, -2, -1)] == [100] * 3


def test_a_look_that_fails_is_tried_again_after_its_pause() -> None:
    shop = Ticking(LATE)
    shop.tick()
    shop.clock.advance(days=1)
    shop.world.broken = True
    assert shop.tick() == [day(-2), day(-1), day(0)]
    assert shop.tick() == []
    shop.world.broken = False
    shop.clock.advance(minutes=5)
    assert shop.tick() == [day(-2), day(-1), day(0), "below"]


def test_of_all_each_tick_makes_every_key_and_one_that_is_added_at_once() -> None:
    shop = Ticking(ALL)
    assert shop.tick() == []
    assert shop.next == {"prices": None}
    shop.project.add_partitions("shops", ["a", "b"])
    assert shop.tick() == ["a", "b"]
    assert shop.mornings(1) == [["a", "b"]]
    shop.project.add_partitions("shops", ["c"])
    assert shop.due == {"prices": "1 partition never made"}
    assert shop.tick() == ["c"]
    shop.clock.advance(days=7)
    assert shop.due == {"prices": "3 partitions to be made again"}
    assert shop.project.plan("prices").counts == {"build": 3}
    assert shop.tick() == ["a", "b", "c"]
    assert shop.next["prices"] == f"{TODAY + timedelta(days=9)}T06:00:00.000000Z"


def test_of_all_what_was_rolled_back_stays() -> None:
    shop = Ticking(ALL)
    shop.project.add_partitions("shops", ["a", "b"])
    shop.tick()
    shop.world.number = 1
    shop.mornings(1)
    shop.project.rollback(selection="prices")
    for _ in range(2):
        shop.clock.advance(days=1)
        shop.tick()
        assert shop.project.load("prices", dict) == {"a": 0, "b": 0}


def test_the_next_time_is_that_of_the_next_partition_that_ends() -> None:
    shop = Ticking(MONTHLY)
    shop.tick()
    first = TODAY.replace(day=1) + timedelta(days=32)
    assert shop.next == {"month": f"{first.replace(day=1)}T06:00:00.000000Z"}
    ended = Ticking(MONTHLY.replace('"2020-01"', '"2020-01", end="2020-03"'))
    ended.tick()
    assert ended.next == {"month": None}
