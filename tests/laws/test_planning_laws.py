"""Laws of planning (design: Laws): skipping gives what recomputing gives, and nothing runs without a reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from cells import declared_in
from hypothesis import given, settings
from hypothesis import strategies as st
from noted import NOTES as RAN
from noted import note

import assetflow as af

# Each example runs whole projects, several times over.
whole_projects = settings(max_examples=8)


@dataclass(frozen=True)
class Step:
    """One asset of a random graph: what it reads, and the numbers in its text."""

    key: str
    inputs: tuple[str, ...]
    number: int
    modulus: int
    comment: int = 0

    def text(self) -> str:
        """The asset as a person writes it."""
        total = " + ".join([str(self.number), *self.inputs])
        return (
            f"@af.asset\ndef {self.key}({', '.join(f'{name}: int' for name in self.inputs)}) -> int:\n"
            f"    # {self.comment}\n    ran('{self.key}')\n    return ({total}) % {self.modulus}\n"
        )

    def value(self, values: dict[str, int]) -> int:
        """What it gives."""
        return (self.number + sum(values[name] for name in self.inputs)) % self.modulus


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Step, ...]:
    steps: list[Step] = []
    for index in range(draw(st.integers(2, 7))):
        above = [step.key for step in steps]
        inputs = draw(st.lists(st.sampled_from(above), unique=True, max_size=3)) if above else []
        steps.append(Step(f"a{index}", tuple(inputs), draw(st.integers(0, 5)), draw(st.integers(1, 4))))
    return tuple(steps)


@st.composite
def edits(draw: st.DrawFn, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    index = draw(st.integers(0, len(steps) - 1))
    step = steps[index]
    kind = draw(st.sampled_from(["number", "modulus", "comment"]))
    value = draw(st.integers(1, 5))
    changed = replace(step, **{kind: value})
    return (*steps[:index], changed, *steps[index + 1 :])


def opened(steps: tuple[Step, ...], first: af.Project | None = None) -> af.Project:
    """Open a project with these steps, on a store of its own or on that of ``first``."""
    text = "\n".join(step.text() for step in steps)
    store = first.store if first else "memory://"
    project = af.Project(declared_in(text, af=af, ran=note), store=store, executor="inline")
    if first:
        project._workspace.ledger = first._workspace.ledger  # to save time: it is what the log says
    return project


def expected(steps: tuple[Step, ...]) -> dict[str, int]:
    values: dict[str, int] = {}
    for step in steps:
        values[step.key] = step.value(values)
    return values


def published(project: af.Project) -> dict[str, Any]:
    with project.snapshot() as snapshot:
        return {key: snapshot.load(key) for key in snapshot.keys}


@whole_projects
@given(st.data())
def test_skipping_publishes_what_recomputing_everything_would(data: st.DataObject) -> None:
    steps = data.draw(graphs())
    first = opened(steps)
    seen: set[tuple[Step, ...]] = set()
    project = first
    for _ in range(data.draw(st.integers(1, 4))):
        RAN.clear()
        run = project.materialize()
        assert run.status == "succeeded", [item.message for item in run]
        assert published(project) == expected(steps)
        if steps in seen:
            assert RAN == []
        assert not project.plan()
        seen.add(steps)
        steps = data.draw(edits(steps))
        project = opened(steps, first)


@whole_projects
@given(st.data())
def test_an_edit_and_its_undoing_run_nothing(data: st.DataObject) -> None:
    steps = data.draw(graphs())
    first = opened(steps)
    first.materialize()
    opened(data.draw(edits(steps)), first).materialize()
    RAN.clear()
    again = opened(steps, first)
    again.materialize()
    assert RAN == []
    assert published(again) == expected(steps)


@whole_projects
@given(st.data())
def test_a_comment_runs_nothing_and_commits_nothing(data: st.DataObject) -> None:
    steps = data.draw(graphs())
    first = opened(steps)
    first.materialize()
    commented = tuple(replace(step, comment=step.comment + 1) for step in steps)
    project = opened(commented, first)
    assert not project.plan()
    assert not project.materialize().committed


@whole_projects
@given(st.data())
def test_planning_is_deterministic_and_changes_nothing(data: st.DataObject) -> None:
    steps = data.draw(graphs())
    first = opened(steps)
    first.materialize()
    project = opened(data.draw(edits(steps)), first)
    before = project.sync_ledger()
    one, two = project.plan(), project.plan()
    assert one.to_dict() == two.to_dict()
    assert project.sync_ledger() == before


@whole_projects
@given(st.data())
def test_what_runs_is_only_what_the_plan_named_with_a_reason(data: st.DataObject) -> None:
    steps = data.draw(graphs())
    first = opened(steps)
    first.materialize()
    project = opened(data.draw(edits(steps)), first)
    plan = project.plan()
    named = {item.key for item in plan if item.state in ("build", "maybe")}
    assert all(item.reasons for item in plan if item.key in named)
    RAN.clear()
    project.materialize()
    assert set(RAN) <= named


@whole_projects
@given(st.data())
def test_equal_output_stops_what_is_below_and_is_recorded(data: st.DataObject) -> None:
    steps = data.draw(graphs())
    first = opened(steps)
    first.materialize()
    step = steps[0]
    same = (replace(step, number=step.number + step.modulus), *steps[1:])
    project = opened(same, first)
    before = first.current(step.key)
    RAN.clear()
    run = project.materialize()
    assert [step.key] == RAN
    assert run.counts == {"built": 1, **({"fresh": len(steps) - 1} if len(steps) > 1 else {})}
    after = project.current(step.key)
    assert after.data_version == before.data_version
    assert after.fingerprint != before.fingerprint


@whole_projects
@given(st.data())
def test_a_record_is_never_believed_for_another_asset(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, 9))
    first = af.Project(declared_in(Step("one", (), number, 10).text(), af=af, ran=note), executor="inline")
    first.materialize()
    other = declared_in(Step("two", (), number, 10).text(), af=af, ran=note)
    project = af.Project(other, store=first.store, executor="inline")
    assert [item.state for item in project.plan()] == ["build"]
