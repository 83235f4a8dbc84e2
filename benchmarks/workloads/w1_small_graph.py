"""W1: many small assets. What a tool costs where the work itself costs nothing, and what it runs again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.command import Command, Measured
from benchmarks.measuring import measure
from benchmarks.samples import Samples
from benchmarks.tools.assetflow import imports_only
from benchmarks.tools.tool import Setup, Tool, prepare
from benchmarks.workloads.small_graph import Edit, SmallGraph
from benchmarks.workloads.workload import Step, Target, Workload, WrongResultError

COLD = "cold"
NOTHING = "nothing changed"
COMMENT = "comment added"
SAME = "one function rewritten, equal output"
OTHER = "one function with other output"
UNDONE = "undone"
OURS = "assetflow"
PLAIN = "plain script"
IMPORTS = "only the imports"

_STEPS = (
    (COLD, Edit.NONE),
    (NOTHING, Edit.NONE),
    (COMMENT, Edit.COMMENT),
    (SAME, Edit.SAME_OUTPUT),
    (OTHER, Edit.OTHER_OUTPUT),
    (UNDONE, Edit.NONE),
)

_ABOUT = """\
{layers} layers x {width} functions; each but the first layer's takes two tables of the layer above and returns
their sum and a number of its own, {rows} rows; each result is kept. Edits are made to one function in the middle,
with {below} functions below it, one after the other in the same project. *ran* counts the user functions that were
really called: each appends a line to a file. After every step the sum over all rows of the last layer must be right.
The plain script is a loop over the same functions that hands on in memory and writes each result with
`pq.write_table`; it has nothing to skip with, so it is run cold only."""

_IMPORTS_ABOUT = """\
*only the imports* is a process that imports the project's modules, the command line's entry, and what it needs of other
packages (typer, rich, pydantic, pyarrow, duckdb, xxhash). *without fsync* is the setting `durable = false`."""


def small_graph(graph: SmallGraph, plain: Tool, assetflow: Tool, undurable: Tool) -> Workload:
    """Return W1 with assetflow and the plain script."""
    return Workload(
        name="W1",
        title=f"small graph: {len(graph.nodes):,} assets",
        about=f"{about(graph)}\n{_IMPORTS_ABOUT}",
        baseline=plain.name,
        steps=partial(_with_imports, graph, (plain, assetflow, undurable)),
        targets=_targets(graph),
        shows_functions=True,
    )


def beside_peers(
    name: str, graph: SmallGraph, tools: Sequence[Tool], *, most_rounds: int | None = None
) -> Workload:
    """Return W1 with peers."""
    return Workload(
        name=name,
        title=f"small graph beside the peers: {len(graph.nodes):,} assets",
        about=about(graph),
        baseline=tools[0].name,
        steps=partial(_steps, graph, tools, strict=(PLAIN, OURS)),
        most_rounds=most_rounds,
        targets=(faster_than_peers(tools),),
        shows_functions=True,
    )


def faster_than_peers(tools: Sequence[Tool]) -> Target:
    """Return the promise that finding nothing to do takes less time than any peer needs for it."""
    peers = [tool.name for tool in tools if tool.name not in (OURS, PLAIN)]

    def against_the_fastest(samples: Samples) -> list[float]:
        ours = (NOTHING, OURS, "wall")
        ratios = [samples.ratio(ours, (NOTHING, peer, "wall")) for peer in peers]
        return [max(of_round) for of_round in zip(*filter(None, ratios), strict=False)]

    return Target(
        "nothing changed, as a ratio to the fastest peer", against_the_fastest, at_most=1.0, unit="x"
    )


def about(graph: SmallGraph) -> str:
    """Say what the graph is."""
    return _ABOUT.format(layers=graph.layers, width=graph.width, rows=10, below=graph.below_edited)


def _with_imports(graph: SmallGraph, tools: Sequence[Tool], folder: Path, number: int) -> Iterator[Step]:
    for step in _steps(graph, tools, folder, number, strict=tuple(tool.name for tool in tools)):
        yield step
        if step.name == NOTHING:
            command = imports_only([f"layer_{layer}" for layer in range(graph.layers)], step.command.folder)
            yield Step(IMPORTS, step.subject, command)


def _steps(
    graph: SmallGraph, tools: Sequence[Tool], folder: Path, number: int, *, strict: Sequence[str]
) -> Iterator[Step]:
    """Yield each step for each tool in turn; who begins changes from round to round."""
    turn = number % len(tools)
    for name, edit in _STEPS:
        for tool in [*tools[turn:], *tools[:turn]]:
            edited = graph.after(edit)
            setup = tool.small_graph(edited)
            if setup is None or not _is_worth(name, setup):
                continue
            home = folder / tool.name.replace(" ", "-")
            yield Step(
                name,
                tool.name,
                Command(setup.run, home, setup.environment),
                prepare=partial(prepare, setup, home),
                verify=_verifier(setup, home, edited, expected(graph, name) if tool.name in strict else None),
            )


def _is_worth(step: str, setup: Setup) -> bool:
    return step == COLD or (setup.skips and (step == NOTHING or setup.edits))


def expected(graph: SmallGraph, step: str) -> int:
    """Return how many functions must run in a step when nothing needless does."""
    return {COLD: len(graph.nodes), SAME: 1, OTHER: 1 + graph.below_edited}.get(step, 0)


def _verifier(
    setup: Setup, home: Path, graph: SmallGraph, runs: int | None
) -> Callable[[Measured], Mapping[str, float]]:
    def verify(measured: Measured) -> Mapping[str, float]:
        if runs is not None and len(measured.ran) != runs:
            raise WrongResultError(f"{len(measured.ran)} functions ran, it must be {runs}")
        said = measure(Command(setup.outputs, home, setup.environment))
        total = json.loads(said.out)["total"] if said.exit_code == 0 else said.err[-300:]
        if total != graph.total:
            raise WrongResultError(f"the sum of all rows is {total}, it must be {graph.total}")
        return {}

    return verify


def _targets(graph: SmallGraph) -> tuple[Target, ...]:
    def ran(step: str) -> Callable[[Samples], list[float]]:
        return lambda samples: samples.numbers(step, OURS, "ran")

    counted = [
        Target(f"{step}: functions that run", ran(step), expected(graph, step), expected(graph, step))
        for step in (NOTHING, COMMENT, SAME, OTHER, UNDONE)
    ]
    cold = Target(
        "cold, as a ratio to the plain script",
        lambda samples: samples.ratio((COLD, OURS, "wall"), (COLD, PLAIN, "wall")),
        at_most=1.6,
        unit="x",
    )
    nothing = Target(
        "nothing changed, beyond only the imports",
        lambda samples: samples.difference((NOTHING, OURS, "wall"), (IMPORTS, OURS, "wall")),
        at_most=0.3,
        unit="s",
    )
    return (cold, nothing, *counted)
