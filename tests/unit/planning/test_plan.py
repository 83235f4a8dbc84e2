"""Every state of a plan, from plain values: what is on record is a fake, nothing runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from assetflow.frames.forms import ANY
from assetflow.hashing.code import CodeVersion, Reached
from assetflow.hashing.fingerprint import version_id
from assetflow.ledger.records import Recorded
from assetflow.model.actions import CheckEvaluated, Materialized, Verdict
from assetflow.model.recipe import Recipe
from assetflow.model.spec import AssetSpec, CheckSpec, InputSpec
from assetflow.planning.fingerprints import Seen, check_fingerprint_of, fingerprint_of, recipe_of
from assetflow.planning.plan import Plan, make_plan
from assetflow.planning.resolve import Resolved, ResolvedCheck, ResolvedInput


@dataclass
class FakeWorld:
    """What is on record, by hand."""

    published: dict[str, Recorded] = field(default_factory=dict)
    known: list[Recorded] = field(default_factory=list)
    verdicts: dict[tuple[str, str, str], CheckEvaluated] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    interrupted: Mapping[str, str] = field(default_factory=dict)
    env: str = "dev"
    head: int = 7

    def records(self, asset: str, fingerprint: str) -> list[Recorded]:
        return [r for r in self.known if (r.asset, r.fingerprint) == (asset, fingerprint)]

    def version(self, asset: str, version: str) -> Recorded | None:
        return next((r for r in self.known if (r.asset, r.version) == (asset, version)), None)

    def verdict(self, asset: str, data_version: str, fingerprint: str) -> CheckEvaluated | None:
        return self.verdicts.get((asset, data_version, fingerprint))

    def unsound(self, records: Collection[Recorded]) -> frozenset[str]:
        return frozenset(r.version for r in records if r.version in self.lost)

    def record(self, asset: Resolved, data: str, *, publish: bool = True) -> Recorded:
        """Put on record that ``asset``, reading what is published, gave ``data``."""
        seen = {key: self.seen(key) for key in asset.spec.upstream}
        recipe = recipe_of(asset, seen)
        fingerprint = fingerprint_of(asset.key, recipe)
        recorded = Recorded(materialized(asset.key, fingerprint, data, recipe), 1, len(self.known), "", "dev")
        self.known.insert(0, recorded)
        if publish:
            self.published[asset.key] = recorded
        return recorded

    def judged(self, asset: Resolved, recorded: Recorded, *, passed: bool) -> None:
        """Put on record what the first check of ``asset`` said."""
        fingerprint = check_fingerprint_of(asset.checks[0], recorded.data_version, {})
        verdict = Verdict(name="positive", severity="error", passed=passed)
        self.verdicts[(asset.key, recorded.data_version, fingerprint)] = CheckEvaluated(
            run="r",
            asset=asset.key,
            version=recorded.version,
            data_version=recorded.data_version,
            check="positive",
            fingerprint=fingerprint,
            code_version="",
            verdicts=(verdict,),
            started_at="",
            seconds=0,
        )

    def seen(self, key: str) -> Seen | None:
        published = self.published.get(key)
        return Seen(published.version, published.data_version) if published else None


def materialized(asset: str, fingerprint: str, data: str, recipe: Recipe) -> Materialized:
    return Materialized(
        run="r",
        asset=asset,
        kind="python",
        version=version_id(asset, "", fingerprint, data),
        data_version=data,
        fingerprint=fingerprint,
        code_version=recipe.code_version,
        recipe=recipe,
        manifest=None,
        started_at="",
        seconds=0,
        bytes=0,
        executor="inline",
    )


def asset(
    key: str, *inputs: str, code: str = "1", check: str | None = None, missing: str = "fail"
) -> Resolved:
    parts = (
        Reached(f"shop:{key}", "same", "shop.py", 1, "function"),
        Reached("shop.text:tidy", code, "shop/text.py", 5, "function"),
    )
    specs = tuple(InputSpec(name, name, missing=missing) for name in inputs)  # type: ignore[arg-type]
    checks = ()
    if check is not None:
        spec = CheckSpec("positive", key)
        checks = (ResolvedCheck(spec, CodeVersion(check, (), ()), "", (), ANY),)
    return Resolved(
        AssetSpec(key, "python", "", "", "", inputs=specs),
        CodeVersion(code, parts, ()),
        inputs=tuple(ResolvedInput(spec, ANY, "any", None) for spec in specs),
        checks=checks,
    )


def plan(world: FakeWorld, *assets: Resolved, forced: Collection[str] = ()) -> Plan:
    return make_plan(assets, world, {}, selection="", forced=forced)


def states(made: Plan) -> dict[str, str]:
    return {item.key: item.state.value for item in made}


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
    assert plan(world, asset("a"))["a"].reasons == ("may have run in run7, which was interrupted",)


def test_a_plan_has_one_json_shape() -> None:
    told = plan(FakeWorld(), asset("a")).to_dict()
    assert told["counts"] == {"build": 1}
    assert told["items"][0]["state"] == "build"
