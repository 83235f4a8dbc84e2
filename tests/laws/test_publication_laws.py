"""Laws of `publish = "run"` (design: Publishing): readers see what hangs together change at once, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from cells import declared_in
from hypothesis import given, settings
from hypothesis import strategies as st

import assetflow as af
from assetflow.model.commit import parse_commit
from assetflow.model.runs import Published

# Each example runs whole projects, several times over, at a third of a second apiece.
whole_projects = settings(max_examples=5)

Graph = tuple["Step", ...]


@dataclass(frozen=True)
class Step:
    """One asset of a random graph. ``breaks``: what goes wrong with it."""

    key: str
    inputs: tuple[str, ...]
    number: int
    breaks: str = ""

    def text(self) -> str:
        """The asset as a person writes it."""
        total = " + ".join([str(self.number), *self.inputs])
        lines = [
            "@af.asset",
            f"def {self.key}({', '.join(f'{name}: int' for name in self.inputs)}) -> int:",
            f"    return ({total}) % {0 if self.breaks == 'function' else 5}",
        ]
        if self.breaks == "check":
            lines += [
                f"@af.check({self.key})",
                f"def c{self.key}({self.key}: int) -> bool:",
                "    return False",
            ]
        return "\n".join(lines) + "\n"


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    steps: list[Step] = []
    for index in range(draw(st.integers(2, 7))):
        above = [step.key for step in steps]
        inputs = draw(st.lists(st.sampled_from(above), unique=True, max_size=2)) if above else []
        steps.append(Step(f"a{index}", tuple(inputs), draw(st.integers(0, 4))))
    return tuple(steps)


@st.composite
def edits(draw: st.DrawFn, steps: Graph) -> Graph:
    """Change some numbers, and break some assets."""
    edited = list(steps)
    for index in draw(st.sets(st.integers(0, len(steps) - 1), min_size=1, max_size=3)):
        broken = draw(st.sampled_from(["", "", "function", "check"]))
        edited[index] = replace(edited[index], number=draw(st.integers(0, 4)), breaks=broken)
    return tuple(edited)


def opened(steps: Graph, store: str, executor: str = "inline") -> af.Project:
    text = "\n".join(step.text() for step in steps)
    return af.Project(declared_in(text, af=af), store=store, executor=executor, publish="run")


def pointers(project: af.Project) -> dict[str, str]:
    with project._workspace.ledger.session() as session:
        return {pointer.asset: pointer.version for pointer in session.pointers(project.env).values()}


def values(project: af.Project) -> dict[str, int]:
    with project.snapshot() as snapshot:
        return {key: snapshot.load(key) for key in snapshot.keys}


def expected(steps: Graph) -> dict[str, int]:
    found: dict[str, int] = {}
    for step in steps:
        found[step.key] = (step.number + sum(found[name] for name in step.inputs)) % 5
    return found


def commits_of(project: af.Project, run: str) -> list[list[Any]]:
    """Return what each commit of ``run`` published."""
    log = project._workspace.store.log
    commits = [parse_commit(bytes(body), number) for number, body in log.read_since(0)]
    found = [[a for a in c.actions if isinstance(a, Published)] for c in commits if c.run == run]
    return [actions for actions in found if actions]


def connected(steps: Graph, start: str, among: set[str]) -> set[str]:
    """Return what hangs together with ``start`` within ``among``, step by step."""
    edges = {(step.key, name) for step in steps for name in step.inputs}
    reached = {start}
    while True:
        more = {
            other
            for one, two in edges
            for here, other in ((one, two), (two, one))
            if here in reached and other in among
        }
        if more <= reached:
            return reached
        reached |= more


@whole_projects
@given(st.data())
def test_what_is_published_hangs_together_with_no_failure_and_all_else_is_published_at_once(
    data: st.DataObject,
) -> None:
    steps = data.draw(graphs())
    first = opened(steps, "memory://")
    first.materialize()
    for _ in range(data.draw(st.integers(1, 2))):
        before = pointers(first)
        steps = data.draw(edits(steps))
        executor = data.draw(st.sampled_from(["inline", "threads"]))
        run = opened(steps, first.store, executor).materialize()
        commits = commits_of(first, run.id)
        assert len(commits) <= 1
        published = {action.asset for actions in commits for action in actions}
        bad = {item.key for item in run if item.fails}
        changed = {
            item.key
            for item in run
            if item.state in ("built", "reused", "checked") and item.version != before.get(item.key)
        }
        good = {key for key in changed if not connected(steps, key, changed | bad) & bad}
        assert published == good
        assert {item.key for item in run if item.held_back} == changed - good
        after = pointers(first)
        assert {key: after[key] for key in before if key not in good} == {
            key: version for key, version in before.items() if key not in good
        }


@whole_projects
@given(st.data())
def test_once_all_is_mended_all_is_published_as_if_nothing_had_ever_failed(data: st.DataObject) -> None:
    steps = data.draw(graphs())
    first = opened(data.draw(edits(steps)), "memory://")
    first.materialize()
    opened(data.draw(edits(steps)), first.store).materialize()
    mended = opened(steps, first.store)
    assert mended.materialize().status == "succeeded"
    assert values(mended) == expected(steps)
    assert not mended.plan()
