"""Laws of environments: what was turned away stays away, rolling back undoes a promotion exactly, nothing runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cells import declared_in
from hypothesis import given, settings
from hypothesis import strategies as st
from noted import NOTES, note

import assetflow as af
from assetflow.operate.environment_change import EnvironmentChange

whole_histories = settings(max_examples=6)  # each step builds a whole project
whole_projects = settings(max_examples=5)
KEYS = ("first", "second", "third")
TEXT = """
@af.asset
def first() -> int:
    note("first")
    return {0}

@af.asset
def second(first: int) -> int:
    note("second")
    return first * 10 + {1}

@af.asset
def third(second: int) -> int:
    note("third")
    return second * 10 + {2}
"""

codes = st.tuples(*[st.integers(0, 2)] * 3)
steps = st.one_of(
    st.tuples(st.just("build"), codes),
    st.tuples(st.just("night"), codes),
    st.tuples(st.just("promote"), codes),
    st.tuples(st.just("rollback"), st.sampled_from(["auto", "all", "changed", "none"])),
    st.tuples(st.just("accept"), st.sampled_from(KEYS)),
)


class Team:
    """One store, an environment in which a team builds, and one that a machine brings up to date every night."""

    def __init__(self) -> None:
        self.first = af.Project([], store="memory://")  # as long as it lives, so does its store
        self._machines: dict[tuple[tuple[int, ...], str], af.Project] = {}
        self.prod = self.machine((0, 0, 0), "prod")
        self.away: set[tuple[str, str]] = set()

    def machine(self, code: tuple[int, ...], env: str) -> af.Project:
        """The machine with this code deployed, working in ``env``."""
        if (code, env) not in self._machines:
            made = af.Project(
                declared_in(TEXT.format(*code), af=af, note=note),
                store=self.first.store,
                env=env,
                executor="inline",
            )
            made._workspace.ledger = self.first._workspace.ledger  # to save time: it is what the log says
            self._machines[code, env] = made
        return self._machines[code, env]

    def published(self, env: str = "prod") -> dict[str, str]:
        """The version of each asset that ``env`` publishes."""
        with self.prod._in(env).ledger.session() as session:
            return {asset: pointer.version for (asset, _), pointer in session.pointers(env).items()}

    def code_of(self, versions: Mapping[str, str]) -> dict[str, str]:
        """The code version of each of these versions."""
        with self.prod._workspace.ledger.session() as session:
            records = session.versions(set(versions.values()))
        return {key: records[version].action.code_version for key, version in versions.items()}  # type: ignore[union-attr]


@whole_histories
@given(st.lists(steps, max_size=7))
def test_what_was_turned_away_never_comes_back_by_itself(taken: list[tuple[str, Any]]) -> None:
    team = Team()
    for what, how in [("build", (0, 0, 0)), ("promote", (0, 0, 0)), *taken]:
        before = team.published()
        if what == "build":
            team.machine(how, "dev").materialize()
        elif what == "night":
            _night(team, how, before)
        elif what == "promote":
            _promote(team, how, before)
        elif what == "rollback":
            _rollback(team, how, before)
        else:
            _accept(team, how)


def _night(team: Team, code: tuple[int, ...], before: dict[str, str]) -> None:
    """A machine runs: whatever it publishes was not turned away, and what it held says so."""
    run = team.machine(code, "prod").materialize()
    after = team.published()
    moved = {key: version for key, version in after.items() if before.get(key) != version}
    assert not set(team.code_of(moved).items()) & team.away
    assert all(item.message for item in run if item.state == "held")
    assert team.machine(code, "prod").materialize().committed is False


def _promote(team: Team, code: tuple[int, ...], before: dict[str, str]) -> None:
    NOTES.clear()
    change = team.machine(code, "dev").promote("dev", "prod")
    after = team.published()
    assert NOTES == []
    if change.refused:
        assert after == before
        return
    assert after == team.published("dev")
    _away_by(team, change, {key: before[key] for key in change.keys if key in before}, after)


def _rollback(team: Team, hold: Any, before: dict[str, str]) -> None:
    NOTES.clear()
    try:
        change = team.prod.rollback(hold=hold)
    except af.UsageError:  # nothing is left to go back to
        return
    assert NOTES == []
    after = team.published()
    left = {key: before[key] for key in change.keys if key in before}
    old, new = team.code_of(left), team.code_of(after)
    differing = {key for key in left if new.get(key) != old[key]}
    held = {"none": set(), "changed": differing, "all": set(left), "auto": differing or set(left)}[hold]
    team.away -= {(key, new[key]) for key in change.keys if key in new}
    team.away |= {(key, old[key]) for key in held}


def _accept(team: Team, key: str) -> None:
    held = {pair for pair in team.away if pair[0] == key}
    if held:
        team.prod.accept(key)
        team.away -= held


def _away_by(team: Team, change: EnvironmentChange, left: dict[str, str], after: dict[str, str]) -> None:
    old, new = team.code_of(left), team.code_of(after)
    team.away -= {(key, new[key]) for key in change.keys}
    team.away |= {(key, old[key]) for key in left if old[key] != new[key]}


@whole_projects
@given(codes, codes)
def test_a_promotion_rolled_back_leaves_the_pointers_as_they_were_and_runs_nothing(
    deployed: tuple[int, ...], tried: tuple[int, ...]
) -> None:
    team = Team()
    team.machine(deployed, "prod").materialize()
    before = team.published()
    team.machine(tried, "dev").materialize()
    NOTES.clear()

    change = team.machine(tried, "dev").promote("dev", "prod")
    assert not change.refused
    assert team.published() == team.published("dev")
    if change.moves:
        team.prod.rollback()
    assert team.published() == before
    assert NOTES == []


@whole_projects
@given(codes, codes)
def test_an_environment_that_ends_changes_no_other(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    team = Team()
    team.machine(one, "dev").materialize()
    team.machine(other, "prod").materialize()
    dev = team.machine(one, "dev")
    dev.create_environment("try", "prod")
    assert team.published("try") == team.published("prod")

    kept = team.published("dev"), team.published("prod")
    dev.delete_environment("try")
    assert team.published("try") == {}
    assert (team.published("dev"), team.published("prod")) == kept
