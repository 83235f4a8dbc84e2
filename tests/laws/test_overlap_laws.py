"""Laws of handing on what is not written yet (design: Running): it leaves what doing one thing after the other does."""

from __future__ import annotations

import errno
import random
import time
from dataclasses import dataclass, replace
from typing import Any

from cells import declared_in
from hypothesis import given, settings
from hypothesis import strategies as st

import assetflow as af
from assetflow.execution.shelf import Shelf
from assetflow.model.actions import Action
from assetflow.model.manifest import Manifest
from assetflow.model.runs import Failed, Published, Skipped
from assetflow.model.versions import Materialized
from assetflow.storage.objects import Objects

ROWS = 1500  # more than fits a commit

# Each example runs whole projects, twice.
whole_projects = settings(max_examples=8)


@dataclass(frozen=True)
class Step:
    """One asset of a random graph. ``breaks``: what goes wrong with it; ``kind``: what it gives."""

    key: str
    inputs: tuple[str, ...]
    kind: str = "table"
    breaks: str = ""
    number: int = 0

    def text(self) -> str:
        """The asset as a person writes it."""
        checks = "(checks=[af.row_count(max=1)])" if self.breaks == "check" else ""
        returns = "None" if self.kind == "effect" else "pa.Table"
        lines = [
            f"@af.asset{checks}",
            f"def {self.key}({', '.join(f'{name}: pa.Table' for name in self.inputs)}) -> {returns}:",
        ]
        lines += [
            f"    total = {self.number} + "
            + " + ".join(["0", *(f"{name}['n'][1].as_py()" for name in self.inputs)])
        ]
        if self.breaks == "function":
            lines.append("    raise ValueError('no')")
        if self.kind == "effect":
            lines.append("    return None")
        else:
            rows = ROWS if self.kind == "table" else 3
            column = "full" if self.breaks == "disk" else "m"
            lines.append(f"    n = [total % 5, total % 7, *range({rows})]")
            lines.append(f"    return pa.table({{'n': n, '{column}': n}})")
        return "\n".join(lines) + "\n"


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Step, ...]:
    steps: list[Step] = []
    for index in range(draw(st.integers(2, 8))):
        above = [step.key for step in steps if step.kind != "effect"]
        inputs = draw(st.lists(st.sampled_from(above), unique=True, max_size=3)) if above else []
        kind = draw(st.sampled_from(["table", "table", "table", "small", "effect"]))
        broken = draw(st.sampled_from(["", "", "", "", "function", "disk", "check"]))
        if kind == "effect" and broken != "function":
            broken = ""
        if kind == "small" and broken == "disk":
            broken = ""
        steps.append(Step(f"a{index}", tuple(inputs), kind, broken, draw(st.integers(0, 3))))
    return tuple(steps)


class Troubled:
    """A store's folder that is slow by chance, and full for some tables, which it knows by a column's name."""

    def __init__(self, folder: Any, chance: random.Random) -> None:
        self._folder = folder
        self._chance = chance
        self.names: set[str] = set()
        self.dangling: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._folder, name)

    def ensure(self, path: str, data: Any) -> None:
        time.sleep(self._chance.choice([0, 0, 0.002, 0.02]))
        if path.endswith(".parquet") and b"full" in bytes(data):
            raise OSError(errno.ENOSPC, "No space left on device")
        self._folder.ensure(path, data)
        self.names.add(path)

    def create(self, path: str, data: bytes) -> bool:
        """Commit, after a look at whether all that the commit names is stored."""
        from assetflow.model.commit import parse_commit

        for action in parse_commit(data, 1).actions:
            manifest = getattr(action, "manifest", None)
            named = manifest.objects if isinstance(manifest, Manifest) else ()
            self.dangling += [name for name in named if f"objects/{name[:2]}/{name}" not in self.names]
        return bool(self._folder.create(path, data))


def opened(
    steps: tuple[Step, ...], executor: str, chance: random.Random, room: int, publish: str = "asset"
) -> tuple[af.Project, Troubled]:
    import pyarrow as pa

    text = "\n".join(step.text() for step in steps)
    project = af.Project(
        declared_in(text, af=af, pa=pa), store="memory://", executor=executor, publish=publish
    )
    workspace = project._workspace
    folder = Troubled(workspace.store.objects._folder, chance)
    workspace.store.objects = Objects(folder)
    workspace.store.log._folder = folder
    workspace.shelf = Shelf(room)
    return project, folder


def without_url(message: str) -> str:
    return message.partition(" in memory:")[0]


def told(run: af.Run) -> dict[str, tuple[str, str, bool]]:
    return {item.key: (item.state, without_url(item.message), item.fails) for item in run}


def published(project: af.Project) -> dict[str, Any]:
    with project.snapshot() as snapshot:
        return {key: project.current(key).version for key in snapshot.keys}


def recorded(project: af.Project) -> set[tuple[str, ...]]:
    """Return what the log says, but for times, runs and the order of what does not depend on one another."""
    log = project._workspace.store.log
    from assetflow.model.commit import parse_commit

    actions = [
        action for number, body in log.read_since(0) for action in parse_commit(bytes(body), number).actions
    ]
    assert_in_order(actions)
    return {fact for fact in map(fact_of, actions) if fact}


def fact_of(action: Action) -> tuple[str, ...]:
    match action:
        case Materialized():
            manifest = action.manifest
            parts = manifest.objects if isinstance(manifest, Manifest) else ()
            return ("materialized", action.version, str(action.rows), str(action.bytes), *parts)
        case Published():
            return ("published", action.asset, action.version)
        case Failed():
            return (
                "failed",
                action.asset,
                without_url(action.attempts[-1].message or ""),
                *(v for _, v in action.inputs),
            )
        case Skipped():
            return ("skipped", action.asset, action.reason, action.because or "")
        case _:
            return ()


def assert_in_order(actions: list[Action]) -> None:
    """What an asset read is on record before it."""
    known: set[str] = set()
    for action in actions:
        if isinstance(action, Materialized):
            assert all(item.version in known for item in action.recipe.inputs), action.asset
            known.add(action.version)


@whole_projects
@given(st.data())
def test_handing_on_before_writing_leaves_what_writing_first_leaves(data: st.DataObject) -> None:
    steps = data.draw(graphs())
    chance = random.Random(data.draw(st.integers(0, 1000)))
    room = data.draw(st.sampled_from([1 << 30, 1]))
    publish = data.draw(st.sampled_from(["asset", "run"]))
    plain, plain_folder = opened(steps, "inline", chance, 1 << 30, publish)
    overlapping, folder = opened(steps, "threads", chance, room, publish)
    for number in range(data.draw(st.integers(1, 2))):
        expected, run = plain.materialize(), overlapping.materialize(jobs=data.draw(st.integers(1, 3)))
        assert told(run) == told(expected), number
        assert published(overlapping) == published(plain)
        assert recorded(overlapping) == recorded(plain)
        assert folder.dangling == plain_folder.dangling == []
        assert overlapping._workspace.shelf._held == {}


@whole_projects
@given(st.data())
def test_what_is_mended_goes_on_from_there(data: st.DataObject) -> None:
    steps = data.draw(graphs())
    project, _ = opened(steps, "threads", random.Random(1), 1 << 30)
    project.materialize()
    mended = tuple(replace(step, breaks="") for step in steps)
    sound, _ = opened(mended, "threads", random.Random(2), 1 << 30)
    assert sound.materialize().status == "succeeded"
    assert not sound.plan()
