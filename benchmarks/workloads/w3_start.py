"""W3: how long a tool takes to begin."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.command import Command, Measured
from benchmarks.samples import Samples
from benchmarks.tools.tool import Tool, prepare
from benchmarks.workloads.small_graph import SmallGraph
from benchmarks.workloads.workload import Step, Target, Workload, WrongResultError

PLAN = "plan of the small graph"
FIRST = "a project of one function"
TO_FIRST = "to the first function s"
OURS = "assetflow"
PLAIN = "plain script"

_ABOUT = """\
*--help*, *--version* and *import* as they come; *plan of the small graph* says what would run of W1's
{assets:,} assets, none of them built; *a project of one function* runs a function of W1's kind, and *to the
first function* is the time from the start of the process to the moment in which that function runs. The plain
script imports the same packages and calls it."""

_ONE = SmallGraph(layers=1, width=1)


def start(graph: SmallGraph, tools: Sequence[Tool]) -> Workload:
    """Return W3 with assetflow and the plain script."""
    return Workload(
        name="W3",
        title="start",
        about=_ABOUT.format(assets=len(graph.nodes)),
        baseline=PLAIN,
        steps=partial(_steps, graph, tools),
        targets=_targets(),
    )


def beside_peers(graph: SmallGraph, tools: Sequence[Tool]) -> Workload:
    """Return W3 with peers."""
    return Workload(
        name="W3-peers",
        title="start beside the peers",
        about=_ABOUT.format(assets=len(graph.nodes)),
        baseline=PLAIN,
        steps=partial(_steps, graph, tools),
    )


def _steps(graph: SmallGraph, tools: Sequence[Tool], folder: Path, number: int) -> Iterator[Step]:
    turn = number % len(tools)
    in_turn = [*tools[turn:], *tools[:turn]]
    for name in dict.fromkeys(name for tool in in_turn for name in tool.starts):
        for tool in in_turn:
            if name in tool.starts:
                yield Step(name, tool.name, Command(tool.starts[name], folder, tool.environment))
    for tool in in_turn:
        setup = tool.small_graph(graph)
        home = folder / f"{tool.name}-graph".replace(" ", "-")
        if setup is not None and setup.plan:
            command = Command(setup.plan, home, setup.environment)
            yield Step(PLAN, tool.name, command, partial(prepare, setup, home), _ran(0))
    for tool in in_turn:
        setup = tool.small_graph(_ONE)
        home = folder / f"{tool.name}-one".replace(" ", "-")
        if setup is not None:
            command = Command(setup.run, home, setup.environment)
            yield Step(FIRST, tool.name, command, partial(prepare, setup, home), _ran(1))


def _ran(count: int) -> Callable[[Measured], Mapping[str, float]]:
    def verify(measured: Measured) -> Mapping[str, float]:
        if len(measured.ran) != count:
            raise WrongResultError(f"{len(measured.ran)} functions ran, it must be {count}")
        return {} if measured.first is None else {TO_FIRST: measured.first}

    return verify


def _targets() -> tuple[Target, ...]:
    def first(samples: Samples) -> list[float]:
        return samples.difference((FIRST, OURS, TO_FIRST), (FIRST, PLAIN, TO_FIRST))

    def helped(samples: Samples) -> list[float]:
        return samples.numbers("--help", OURS, "wall")

    return (
        Target("--help", helped, at_most=0.2, unit="s"),
        Target("to the first function, beyond the plain script", first, at_most=0.5, unit="s"),
    )
