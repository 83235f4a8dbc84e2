"""Which versions are kept: what is published or was lately, the last ones, pins, what is young, and what made these."""

from __future__ import annotations

from assetflow.ledger.keeping import MadeVersion, PointerMove
from assetflow.planning.retention import Moment, kept_versions, with_inputs
from assetflow.settings.settings import Keeping

DAY = 86400.0
NOW = 1000 * DAY
STRICT = Keeping(retention=10 * DAY, keep_last=1)


def made(
    version: str, days_ago: float = 500, *, asset: str = "sales", env: str | None = "dev"
) -> MadeVersion:
    return MadeVersion(asset, "", version, f"data-{version}", env, NOW - days_ago * DAY, 1)


def moved(version: str | None, days_ago: float, *, env: str = "dev", asset: str = "sales") -> PointerMove:
    return PointerMove(env, asset, "", version, NOW - days_ago * DAY)


def kept(records=(), moves=(), *, inputs=None, pins=(), keeping=STRICT, live=None) -> dict[str, str]:
    moment = Moment(NOW, DAY, None if live is None else NOW - live * DAY)
    found = kept_versions(list(records), list(moves), inputs or {}, pins, lambda _env: keeping, moment)
    last = list(records)[-1:]  # what was made last stays by itself
    return {
        version: reason for version, reason in found.items() if version not in {one.version for one in last}
    }


def test_what_an_environment_points_to_is_kept_however_old():
    assert kept(moves=[moved("v1", 900)]) == {"v1": "published in dev"}


def test_a_version_is_kept_until_its_retention_has_gone_by_since_it_was_replaced():
    moves = [moved("v1", 900), moved("v2", 50), moved("v3", 9)]

    assert kept(moves=moves) == {"v3": "published in dev", "v2": "published in dev lately"}


def test_a_pointer_that_was_removed_ends_what_it_pointed_to():
    assert kept(moves=[moved("v1", 900), moved(None, 9)]) == {"v1": "published in dev lately"}
    assert kept(moves=[moved("v1", 900), moved("v2", 800), moved(None, 90)]) == {
        "v2": "among the last of dev"
    }


def test_the_last_versions_of_each_environment_are_kept_each_counted_once():
    moves = [moved("v1", 900), moved("v2", 800), moved("v3", 700), moved("v2", 600), moved("v3", 500)]

    assert set(kept(moves=moves, keeping=Keeping(retention=0, keep_last=2))) == {"v3", "v2"}
    assert set(kept(moves=moves, keeping=Keeping(retention=0, keep_last=3))) == {"v3", "v2", "v1"}


def test_each_environment_has_its_own_retention():
    moves = [moved("v1", 30, env="prod"), moved("v1", 30), moved("v2", 20, env="prod"), moved("v3", 20)]
    keeping = {"prod": Keeping(retention=25 * DAY, keep_last=1), "dev": Keeping(retention=DAY, keep_last=1)}

    found = kept_versions([], moves, {}, (), keeping.__getitem__, Moment(NOW, DAY))

    assert found == {"v2": "published in prod", "v3": "published in dev", "v1": "published in prod lately"}


def test_the_last_that_was_made_is_kept_published_or_not():
    records = [made("v1"), made("v2"), made("v3", env="prod"), made("v4", env=None), made("x", asset="other")]

    assert kept(records, keeping=Keeping(retention=0, keep_last=1)) == {
        "v2": "among the last of dev",
        "v3": "among the last of prod",
        "v4": "among the last",
    }


def test_what_is_young_and_what_is_pinned_is_kept():
    records = [made("v1", 2), made("v2", 0.9), made("v3", 0.1)]

    assert kept(records, pins=["v0"]) == {"v0": "pinned", "v2": "young"}


def test_a_run_that_goes_on_keeps_what_was_published_and_made_since_it_planned():
    records = [made("v1", 31), made("v2", 29), made("v3", 0.1)]
    moves = [moved("p1", 900), moved("p2", 40), moved("p3", 20), moved("p4", 15)]

    assert kept(records, moves) == {"p4": "published in dev"}
    assert set(kept(records, moves, live=30)) == {"p4", "p3", "p2", "v2"}


def test_what_something_kept_was_made_from_is_kept_to_any_depth():
    inputs = {"v1": {"a1", "b1"}, "b1": {"c1"}, "old": {"d1"}}

    assert set(kept(moves=[moved("v1", 900)], inputs=inputs)) == {"v1", "a1", "b1", "c1"}
    assert with_inputs(["old", "v1"], inputs) == {"v1", "a1", "b1", "c1", "old", "d1"}


def test_times_ahead_of_the_clock_count_as_now():
    """A writer's clock was wrong: nothing goes for that."""
    moves = [moved("v1", 900), moved("v2", -400), moved("v3", -400)]

    assert set(kept([made("m1", -400), made("m2", -400)], moves)) == {"v1", "v2", "v3", "m1"}
