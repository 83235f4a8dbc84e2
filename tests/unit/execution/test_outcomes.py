from __future__ import annotations

from dataclasses import replace

from assetflow.execution.outcomes import Outcome, Outcomes
from assetflow.execution.run import RunItem
from assetflow.model.states import RunState

GRAPH = {"a": (), "b": ("a",), "c": ("b",), "d": ("a",), "e": ()}


def outcome(key: str) -> Outcome:
    return Outcome(RunItem(key, RunState.BUILT), None)


def keys(outcomes: list[Outcome]) -> list[str]:
    return [one.item.key for one in outcomes]


def test_what_rests_on_nothing_unwritten_is_final_at_once() -> None:
    outcomes = Outcomes(GRAPH)
    assert [keys(outcomes.note(key, outcome(key))) for key in "abc"] == [["a"], ["b"], ["c"]]
    assert list(outcomes.final) == ["a", "b", "c"]


def test_what_rests_on_something_unwritten_is_final_with_it_parents_first() -> None:
    outcomes = Outcomes(GRAPH)
    assert outcomes.note("a", outcome("a"), being_written=True) == []
    assert outcomes.note("b", outcome("b"), being_written=True) == []
    assert outcomes.note("c", outcome("c")) == []
    assert keys(outcomes.note("e", outcome("e"))) == ["e"]
    assert outcomes.note("b", outcome("b")) == []
    assert keys(outcomes.note("a", outcome("a"))) == ["a", "b", "c"]
    assert "d" not in outcomes


def test_what_was_taken_back_is_not_there_until_it_is_noted_again() -> None:
    outcomes = Outcomes(GRAPH)
    outcomes.note("a", outcome("a"), being_written=True)
    outcomes.note("b", outcome("b"), being_written=True)
    assert outcomes.below("a") == ["b", "c", "d"]
    outcomes.take_back("b")
    assert keys(outcomes.note("a", outcome("a"))) == ["a"]
    assert keys(outcomes.note("b", outcome("b"))) == ["b"]


def test_what_nobody_will_read_any_more_is_let_go() -> None:
    outcomes = Outcomes(GRAPH)
    for key in "abcd":
        outcomes.note(key, replace(outcome(key), tainted="read by those below"))
        held = {name for name in outcomes if outcomes[name].tainted}
        assert held == {"a": {"a"}, "b": {"a", "b"}, "c": {"a"}, "d": set()}[key]
    assert keys(list(outcomes.final.values())) == ["a", "b", "c", "d"]
