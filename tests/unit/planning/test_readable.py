"""What an asset reads of an upstream that cannot be used: by its inputs, by its checks alone, skipped in silence."""

from __future__ import annotations

import pytest
from on_record import FakeWorld, asset, plan, states

from assetflow.model.spec import InputSpec
from assetflow.planning.fingerprints import Seen
from assetflow.planning.resolve import Resolved
from assetflow.planning.views import Blocked, Pending, View, readable


def read(reader: Resolved, key: str, view: View, world: FakeWorld) -> View:
    return readable(reader, {key: view}, world)[key]


def test_a_check_reads_another_asset_as_it_stays_published_when_that_one_is_rejected() -> None:
    world = FakeWorld()
    good = asset("other", check="x")
    world.judged(good, world.record(good, "1"), passed=True)
    sales = asset("sales", check="c", check_reads=("other",))
    world.judged(sales, world.record(sales, "2"), passed=True, reading=["other"])
    bad = asset("other", check="x", code="2")
    world.judged(bad, world.record(bad, "3", publish=False), passed=False)
    assert states(plan(world, bad, sales)) == {"other": "rejected", "sales": "fresh"}


@pytest.mark.parametrize("fails", [True, False])
def test_what_only_a_check_reads_is_what_is_published_or_nothing(fails: bool) -> None:
    world = FakeWorld()
    sales = asset("sales", "raw", check="c", check_reads=("other",))
    blocked = Blocked("other failed", fails=fails)
    assert read(sales, "other", blocked, world) is None
    world.record(asset("other"), "1")
    assert read(sales, "other", blocked, world) == world.seen("other")


def test_what_failed_blocks_those_that_it_feeds_whatever_is_published() -> None:
    world = FakeWorld()
    world.record(asset("raw"), "1")
    blocked = Blocked("raw failed")
    read_by_both = asset("sales", "raw", check="c", check_reads=("raw",))
    assert read(read_by_both, "raw", blocked, world) is blocked
    assert read(asset("sales", "raw", missing="none"), "raw", blocked, world) is blocked
    assert read(asset("sales", deps=("raw",)), "raw", blocked, world) is blocked


@pytest.mark.parametrize("view", [Seen("v", "d"), Pending(), None])
def test_an_upstream_that_can_be_used_is_read_as_it_is(view: View) -> None:
    assert read(asset("sales", "raw"), "raw", view, FakeWorld()) is view


@pytest.mark.parametrize(("missing", "state"), [("skip", "skipped"), ("fail", "skipped"), ("none", "build")])
def test_below_what_is_skipped_in_silence_nothing_fails(missing: str, state: str) -> None:
    made = plan(FakeWorld(), asset("b", "a", missing="skip"), asset("c", "b", missing=missing))
    assert states(made) == {"b": "skipped", "c": state}
    assert not made.fails


def test_what_waits_for_what_is_skipped_in_silence_is_skipped_in_silence() -> None:
    made = plan(FakeWorld(), asset("b", "a", missing="skip"), asset("c", deps=("b",)), asset("d", "c"))
    assert states(made) == {"b": "skipped", "c": "skipped", "d": "skipped"}
    assert made["d"].reasons == ("c is skipped",)
    assert not made.fails


@pytest.mark.parametrize("missing", ["skip", "fail", "none"])
def test_what_is_skipped_in_silence_counts_as_it_is_published(missing: str) -> None:
    world = FakeWorld()
    world.record(asset("b"), "1")
    reader = asset("c", "b", missing=missing)
    world.record(reader, "2")
    made = plan(world, asset("b", "a", missing="skip"), reader)
    assert states(made) == {"b": "skipped", "c": "fresh"}
    assert not made.fails


def test_an_asset_read_twice_is_needed_where_one_parameter_needs_it() -> None:
    optional, needed = InputSpec("x", "b", missing="none"), InputSpec("y", "b")
    made = plan(FakeWorld(), asset("b", "a", missing="skip"), asset("c", optional, needed))
    assert states(made) == {"b": "skipped", "c": "skipped"}


def test_of_several_reasons_to_skip_the_one_that_fails_is_told() -> None:
    made = plan(FakeWorld(), asset("b", "a", missing="skip"), asset("c", "b", "unknown"))
    assert made["c"].reasons == ("unknown has no version; select +c",)
    assert made["c"].fails
