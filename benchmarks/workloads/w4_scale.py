"""W4: many assets, and a long log."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.command import Command, Measured
from benchmarks.measuring import measure
from benchmarks.samples import Samples
from benchmarks.tools.assetflow import COMMAND, ENVIRONMENT, Assetflow
from benchmarks.tools.tool import prepare, program
from benchmarks.workloads.small_graph import SmallGraph
from benchmarks.workloads.workload import Step, Target, Workload, WrongResultError

OURS = "assetflow"
PLAN = "plan s"
SYNC = "long log: sync of its last run"
REBUILD = "long log: rebuild of the ledger"
HISTORY = "long log: history of an asset"
PLAN_LONG = "long log: plan, nothing to do"
PLAN_SHORT = "log of one run: plan, nothing to do"
PLAN_EMPTY = "empty log: plan, all to build"

_ABOUT = """\
*plan of n assets*: one factory makes them, in layers of 100, each reading two of the layer above; a fresh
process declares them and plans on an empty store; *plan s* is the time in `project.plan()`, *declaring s* what
comes before. *long log*: W1's project of {assets:,} assets, whose log is made longer, by {runs:,} runs that
each made every asset, to {recorded:,} recorded materializations; the last run is a real one (`materialize
--force`). The commands are `assetflow ledger sync`, `ledger rebuild`, `plan`; *history of all* is the time in
`project.history(key)`, which has {versions:,} entries, once the ledger is in sync. The same project with a log
of one run, and with none, for comparison."""


def scale(planned: Sequence[int], graph: SmallGraph, runs: int) -> Workload:
    """Return W4."""
    assets = len(graph.nodes)
    said = {"assets": assets, "runs": runs, "recorded": assets * (runs + 1), "versions": runs + 1}
    return Workload(
        name="W4",
        title=f"scale: {planned[-1]:,} assets, {assets * (runs + 1):,} materializations",
        about=_ABOUT.format(**said),
        baseline="",
        steps=partial(_steps, planned, graph, runs),
        targets=_targets(planned),
    )


def _steps(planned: Sequence[int], graph: SmallGraph, runs: int, folder: Path, number: int) -> Iterator[Step]:
    for count in planned:
        command = Command(
            program("plan_factory", str(count), str(folder / f"store-{count}")), folder, ENVIRONMENT
        )
        yield Step(_plan_of(count), OURS, command, verify=partial(_planned, count))
    projects = folder.parent / "projects"
    if number == 0:
        _make_projects(graph, runs, projects)
    yield from _on_logs(graph, runs, projects)


def _on_logs(graph: SmallGraph, runs: int, projects: Path) -> Iterator[Step]:
    def step(name: str, log: str, *argv: str, **more: Callable[..., object]) -> Step:
        return Step(name, OURS, Command(argv, projects / log, ENVIRONMENT), **more)

    plan = (*COMMAND, "plan", "--json")
    yield step(PLAN_EMPTY, "empty", *plan, verify=_states({"build", "maybe"}))
    yield step(PLAN_SHORT, "short", *plan, verify=_states({"fresh"}))
    yield step(SYNC, "long", *COMMAND, "ledger", "sync", prepare=partial(_older_ledger, projects / "long"))
    yield step(REBUILD, "long", *COMMAND, "ledger", "rebuild")
    yield step(PLAN_LONG, "long", *plan, verify=_states({"fresh"}))
    yield step(HISTORY, "long", *program("time_history", graph.sinks[0], str(runs + 1)))


def _make_projects(graph: SmallGraph, runs: int, projects: Path) -> None:
    """Make the same project three times: with no log, a log of one run, a long one."""
    shutil.rmtree(projects, ignore_errors=True)
    setup = Assetflow().small_graph(graph)
    prepare(setup, projects / "empty")
    prepare(setup, projects / "short")
    _must(setup.run, projects / "short")
    shutil.copytree(projects / "short", projects / "long")
    _must((sys.executable, "-m", "benchmarks.programs.lengthen_log", str(runs - 1)), projects / "long")
    _must((*setup.run, "--force"), projects / "long")


def _must(argv: Sequence[str], folder: Path) -> None:
    done = measure(Command(tuple(argv), folder, ENVIRONMENT))
    if done.exit_code != 0:
        raise WrongResultError(f"the log cannot be made: {done.err[-300:]}")


def _older_ledger(project: Path) -> None:
    """Give the project the ledger that does not know the last run."""
    ledger = next(project.joinpath(".assetflow").rglob("*.duckdb"))
    shutil.copy(project / "ledger-before", ledger)


def _planned(count: int, measured: Measured) -> Mapping[str, float]:
    if measured.figures["planned"] != count:
        raise WrongResultError(f"{measured.figures['planned']} were planned, it must be {count}")
    return {}


def _states(allowed: set[str]) -> Callable[[Measured], Mapping[str, float]]:
    def verify(measured: Measured) -> Mapping[str, float]:
        states = {item["state"] for item in json.loads(measured.out)["items"]}
        if not states or states - allowed:
            raise WrongResultError(f"the plan's states are {sorted(states)}, they must be {sorted(allowed)}")
        return {}

    return verify


def _plan_of(count: int) -> str:
    return f"plan of {count:,} assets"


def _targets(planned: Sequence[int]) -> tuple[Target, ...]:
    most, less = _plan_of(planned[-1]), _plan_of(planned[-2])

    def more(samples: Samples) -> list[float]:
        return samples.difference((PLAN_LONG, OURS, "wall"), (PLAN_EMPTY, OURS, "wall"))

    return (
        Target(most, lambda samples: samples.numbers(most, OURS, PLAN), at_most=6, unit="s"),
        Target(
            f"{most}, as a ratio to {planned[-2]:,}",
            lambda samples: samples.ratio((most, OURS, PLAN), (less, OURS, PLAN)),
            at_most=12,
            unit="x",
        ),
        Target(
            "rebuild of the ledger",
            lambda samples: samples.numbers(REBUILD, OURS, "wall"),
            at_most=60,
            unit="s",
        ),
        Target(
            "history of an asset",
            lambda samples: samples.numbers(HISTORY, OURS, "history of all s"),
            at_most=0.1,
            unit="s",
        ),
        Target("a plan with nothing to do, beyond one on an empty log", more, at_most=0.3, unit="s"),
    )
