"""Every state of a plan, from plain values: what is on record is a fake, nothing runs."""

from __future__ import annotations

import pytest
from on_record import FakeWorld, asset, plan, states

from assetflow.model.spec import InputSpec


def test_without_a_record_all_is_built_parents_first() -> None:
    made = plan(FakeWorld(), asset("a"), asset("b", "a"))
    assert states(made) == {"a": "build", "b": "build"}
    assert made["a"].reasons == ("never built",)
    assert made["b"].reasons == ("never built", "waits for a")
    assert made


def test_what_is_published_with_this_fingerprint_is_fresh() -> None:
    world = FakeWorld()
    world.record(asset("a"), "1")
    world.record(asset("b", "a"), "2")
    made = plan(world, asset("a"), asset("b", "a"))
    assert states(made) == {"a": "fresh", "b": "fresh"}
    assert not made
    assert made.counts == {"fresh": 2}


def test_changed_code_builds_with_the_helper_named_and_what_is_below_waits() -> None:
    world = FakeWorld()
    world.record(asset("a"), "1")
    world.record(asset("b", "a"), "2")
    made = plan(world, asset("a", code="2"), asset("b", "a"))
    assert states(made) == {"a": "build", "b": "maybe"}
    assert made["a"].reasons == ("code changed (helper tidy in shop/text.py)",)
    assert made["b"].waits_for == ("a",)


def test_changed_code_below_something_to_build_is_built_for_sure() -> None:
    world = FakeWorld()
    world.record(asset("a"), "1")
    world.record(asset("b", "a"), "2")
    made = plan(world, asset("a", code="2"), asset("b", "a", code="2"))
    assert made["b"].state == "build"
    assert "waits for a" in made["b"].reasons


def test_an_old_fingerprint_on_record_is_reused() -> None:
    world = FakeWorld()
    world.record(asset("a"), "1")
    world.record(asset("a", code="2"), "2")
    made = plan(world, asset("a"))
    assert states(made) == {"a": "reuse"}
    assert made["a"].recorded is world.known[1]


def test_lost_bytes_are_built_again() -> None:
    world = FakeWorld()
    world.lost.add(world.record(asset("a"), "1").version)
    made = plan(world, asset("a"))
    assert states(made) == {"a": "build"}
    assert made["a"].reasons == ("artifact missing",)


def test_an_unjudged_version_is_checked_and_a_failed_one_rejected() -> None:
    world = FakeWorld()
    checked = asset("a", check="x")
    recorded = world.record(checked, "1")
    assert states(plan(world, checked)) == {"a": "check"}
    world.judged(checked, recorded, passed=True)
    assert states(plan(world, checked)) == {"a": "fresh"}
    world.judged(checked, recorded, passed=False)
    made = plan(world, checked)
    assert states(made) == {"a": "rejected"}
    assert "published before this check" in made["a"].reasons[0]
    assert made.fails
    assert not made


def test_below_a_rejected_version_all_is_skipped() -> None:
    world = FakeWorld()
    good = asset("a", check="x")
    world.judged(good, world.record(good, "1"), passed=True)
    world.record(asset("b", "a"), "2")
    bad = asset("a", check="x", code="2")
    world.judged(bad, world.record(bad, "3", publish=False), passed=False)
    made = plan(world, bad, asset("b", "a"), asset("c", "b"))
    assert states(made) == {"a": "rejected", "b": "skipped", "c": "skipped"}
    assert made["b"].reasons == ("a is rejected",)


def test_below_a_published_version_that_fails_a_later_check_only_the_stale_is_skipped() -> None:
    world = FakeWorld()
    later = asset("a", check="x")
    world.judged(later, world.record(later, "1"), passed=False)
    world.record(asset("b", "a"), "2")
    made = plan(world, later, asset("b", "a"), asset("c", "a"))
    assert states(made) == {"a": "rejected", "b": "fresh", "c": "skipped"}


def test_of_several_records_the_newest_that_passed_is_reused() -> None:
    world = FakeWorld()
    checked = asset("a", check="x")
    older = world.record(checked, "1", publish=False)
    newer = world.record(checked, "2", publish=False)
    world.judged(checked, older, passed=True)
    world.judged(checked, newer, passed=False)
    made = plan(world, checked)
    assert states(made) == {"a": "reuse"}
    assert made["a"].recorded is older


def test_an_input_without_version_skips_and_says_what_to_select() -> None:
    made = plan(FakeWorld(), asset("b", "a"))
    assert states(made) == {"b": "skipped"}
    assert made["b"].reasons == ("a has no version; select +b",)
    assert made.fails


def test_an_optional_input_without_version_is_built_without_it() -> None:
    assert states(plan(FakeWorld(), asset("b", "a", missing="none"))) == {"b": "build"}
    quiet = plan(FakeWorld(), asset("b", "a", missing="skip"))
    assert states(quiet) == {"b": "skipped"}
    assert not quiet.fails


def test_what_is_forced_is_built_whatever_is_on_record() -> None:
    world = FakeWorld()
    world.record(asset("a"), "1")
    made = plan(world, asset("a"), forced={"a"})
    assert states(made) == {"a": "build"}
    assert made["a"].reasons == ("forced",)


def test_an_effect_that_may_have_run_is_run_again_and_says_so() -> None:
    world = FakeWorld(interrupted={"a": "run7"})
    told = ("may have run in run7, which was interrupted",)
    assert plan(world, asset("a", kind="effect"))["a"].reasons == told
    world.record(asset("a", kind="effect"), "1")
    assert plan(world, asset("a", kind="effect"))["a"].reasons == told


def test_an_effect_is_fresh_only_if_its_last_run_was_of_what_is_published() -> None:
    world = FakeWorld()
    mail = asset("mail", "a", kind="effect")
    world.record(asset("a"), "1")
    done = world.record(mail, "x")
    world.effects = {"mail": done.fingerprint}
    assert states(plan(world, asset("a"), mail)) == {"a": "fresh", "mail": "fresh"}
    world.effects = {"mail": "of the version that failed half way"}
    made = plan(world, asset("a"), mail)
    assert states(made) == {"a": "fresh", "mail": "build"}
    assert made["mail"].reasons == ("its last run was of other code or data",)


def test_an_effect_that_must_run_again_does_so_whatever_its_inputs_come_to() -> None:
    world = FakeWorld()
    mail = asset("mail", "a", kind="effect")
    world.record(asset("a"), "1")
    world.record(mail, "x")
    assert states(plan(world, asset("a", code="2"), mail)) == {"a": "build", "mail": "maybe"}
    world.effects = {"mail": "other"}
    made = plan(world, asset("a", code="2"), mail)
    assert states(made) == {"a": "build", "mail": "build"}
    assert made["mail"].reasons == ("its last run was of other code or data", "waits for a")


def test_a_plan_has_one_json_shape() -> None:
    told = plan(FakeWorld(), asset("a")).to_dict()
    assert told["counts"] == {"build": 1}
    assert told["items"][0]["state"] == "build"


def test_an_item_is_found_by_its_key_and_a_mistyped_one_is_told() -> None:
    made = plan(FakeWorld(), asset("sales"))
    assert made["sales"].key == "sales"
    with pytest.raises(KeyError, match="did you mean 'sales'"):
        made["slaes"]


def test_what_is_surely_stale_below_a_rejected_version_is_skipped_even_if_it_waits_for_others() -> None:
    world = FakeWorld()
    later = asset("a", check="x")
    world.judged(later, world.record(later, "1"), passed=False)
    world.record(asset("x"), "5")
    world.record(asset("b", "a", "x"), "2")
    changed = asset("x", code="2")
    made = plan(world, later, changed, asset("b", "a", "x", code="2"), asset("c", "b"))
    assert states(made) == {"a": "rejected", "x": "build", "b": "skipped", "c": "skipped"}
    assert made["b"].reasons == ("a is rejected",)
    assert states(plan(world, later, changed, asset("b", "a", "x")))["b"] == "maybe"


def test_an_input_that_reads_what_another_reads_may_come_out_the_same() -> None:
    world = FakeWorld()
    world.record(asset("a"), "1", columns={"x": "hx", "y": "hy"})
    twice = asset("b", InputSpec("left", "a", columns=("x",)), InputSpec("right", "a", columns=("y",)))
    world.record(twice, "2")
    made = plan(world, asset("a", code="2"), twice)
    assert states(made) == {"a": "build", "b": "maybe"}
    assert made["b"].reasons == ("waits for a",)


def test_other_columns_of_an_input_to_be_built_are_certain() -> None:
    world = FakeWorld()
    world.record(asset("a"), "1", columns={"x": "hx", "y": "hy"})
    world.record(asset("b", InputSpec("a", "a", columns=("x",))), "2")
    made = plan(world, asset("a", code="2"), asset("b", InputSpec("a", "a", columns=("x", "y"))))
    assert states(made) == {"a": "build", "b": "build"}
    assert made["b"].reasons == ("now reads column y of a", "waits for a")


def test_a_changed_dep_to_be_built_may_come_out_the_same() -> None:
    world = FakeWorld()
    world.record(asset("a"), "1")
    world.record(asset("b", deps=("a",)), "2")
    made = plan(world, asset("a", code="2"), asset("b", deps=("a",)))
    assert states(made) == {"a": "build", "b": "maybe"}


def test_what_an_input_saw_by_its_old_key_may_come_out_the_same() -> None:
    world = FakeWorld()
    world.record(asset("old"), "1")
    world.record(asset("b", InputSpec("x", "old")), "2")
    assert states(plan(world, asset("new"), asset("b", InputSpec("x", "new")))) == {
        "new": "build",
        "b": "maybe",
    }
