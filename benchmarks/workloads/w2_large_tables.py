"""W2: a chain of large tables. What a tool adds where the work and the data are heavy, and what it keeps of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.command import Command, Measured
from benchmarks.measuring import measure
from benchmarks.tools.assetflow import Assetflow, imports_only
from benchmarks.tools.plain import Plain
from benchmarks.tools.tool import Setup, Tool, prepare, program, stored_bytes
from benchmarks.workloads.chain import Chain
from benchmarks.workloads.w1_small_graph import faster_than_peers
from benchmarks.workloads.workload import Step, Target, Workload, WrongResultError

COLD = "cold"
NOTHING = "nothing changed"
AGAIN = "recomputed, equal output"
IMPORTS = "only the imports"
OURS = "assetflow"
PLAIN = "plain script"

_ABOUT = """\
A Parquet file of {rows:,} rows x 6 columns (int64, int32, float64, string, timestamp, int64 with a tenth null) ->
load -> filter (amount > 60) -> add a column -> aggregate by category -> join back; each of the five is kept.
Sums over the last table must be those that DuckDB finds over the source. The same pyarrow code everywhere,
float sums in a fixed order. *stored* is the size of all files that were written, without the source."""

_OURS_ABOUT = """\
The plain script hands on in memory and writes each table with `pq.write_table`, as pyarrow does it by default;
the re-reading one reads every input from its file, as tools do whose steps are processes. assetflow has the
file as a declared source with `keep=False`, because none of the others keeps a copy of it; *source kept* is the
same with the default, `keep=True`. *recomputed* is `materialize --force`: all five functions run and come to
what is there; the plain script runs once more in the same turn. *without fsync* is the setting `durable = false`:
the difference is what durability costs."""


def large_tables(chain: Chain) -> Workload:
    """Return W2 with assetflow and the plain scripts."""
    tools = (
        Plain(sys.executable),
        Assetflow(),
        Plain(sys.executable, rereads=True),
        Assetflow(keeps_source=True),
        Assetflow(durable=False),
    )
    return Workload(
        name="W2",
        title=f"large tables: {chain.rows:,} rows, five steps",
        about=f"{_ABOUT.format(rows=chain.rows)}\n{_OURS_ABOUT}",
        baseline=PLAIN,
        steps=partial(_steps, chain, tools),
        targets=_targets(),
        shows_functions=True,
    )


def beside_peers(chain: Chain, tools: Sequence[Tool]) -> Workload:
    """Return W2 with peers."""
    return Workload(
        name="W2-peers",
        title=f"large tables beside the peers: {chain.rows:,} rows, five steps",
        about=_ABOUT.format(rows=chain.rows),
        baseline=PLAIN,
        steps=partial(_steps, chain, tools),
        targets=(faster_than_peers(tools),),
        shows_functions=True,
    )


def _steps(chain: Chain, tools: Sequence[Tool], folder: Path, number: int) -> Iterator[Step]:
    make_source(chain)
    sums = json.loads(chain.source.with_suffix(".json").read_text())
    turn = number % len(tools)
    in_turn = [*tools[turn:], *tools[:turn]]
    setups = {tool.name: tool.chain(chain) for tool in in_turn}
    for name in (COLD, NOTHING, IMPORTS, AGAIN):
        for tool_name, setup in setups.items():
            if setup is None:
                continue
            home = folder / tool_name.replace(" ", "-").replace(",", "")
            command = _command(name, tool_name, setup, home)
            if command is not None:
                ready = partial(prepare, setup, home)
                yield Step(name, tool_name, command, ready, _verifier(setup, home, name, tool_name, sums))


def _command(step: str, tool: str, setup: Setup, home: Path) -> Command | None:
    if step == IMPORTS:
        return imports_only(["chain"], home) if tool == OURS else None
    if step == COLD or (step == NOTHING and setup.skips):
        return Command(setup.run, home, setup.environment)
    if step == AGAIN and setup.again:
        return Command(setup.again, home, setup.environment)
    return None


def make_source(chain: Chain) -> None:
    """Write the source file, and the sums that must come out, where they are not there yet."""
    if not chain.source.with_suffix(".json").exists():
        chain.source.parent.mkdir(parents=True, exist_ok=True)
        made = measure(
            Command(program("make_table", str(chain.rows), str(chain.source)), chain.source.parent)
        )
        if made.exit_code != 0:
            raise WrongResultError(f"the source cannot be made: {made.err[-300:]}")


def _verifier(
    setup: Setup, home: Path, step: str, tool: str, sums: Mapping[str, int]
) -> Callable[[Measured], Mapping[str, float]]:
    def verify(measured: Measured) -> Mapping[str, float]:
        if step == IMPORTS:
            return {}
        runs = 0 if step == NOTHING else 5
        if len(measured.ran) != runs and tool.startswith((OURS, PLAIN)):
            raise WrongResultError(f"{len(measured.ran)} functions ran, it must be {runs}")
        said = measure(Command(setup.outputs, home, setup.environment))
        came = json.loads(said.out) if said.exit_code == 0 else said.err[-300:]
        if came != sums:
            raise WrongResultError(f"the sums are {came}, they must be {sums}")
        return {"stored MB": round(stored_bytes(home / kept for kept in setup.kept) / 1e6, 1)}

    return verify


def _targets() -> tuple[Target, ...]:
    cold, plain = (COLD, OURS, "wall"), (COLD, PLAIN, "wall")
    again, plain_again = (AGAIN, OURS, "wall"), (AGAIN, PLAIN, "wall")
    nothing, imports = (NOTHING, OURS, "wall"), (IMPORTS, OURS, "wall")
    return (
        Target(
            "cold, as a ratio to the plain script",
            lambda samples: samples.ratio(cold, plain),
            at_most=1.0,
            unit="x",
        ),
        Target(
            "nothing changed, beyond only the imports",
            lambda samples: samples.difference(nothing, imports),
            at_most=0.3,
            unit="s",
        ),
        Target(
            "recomputed with equal output, as a ratio to the plain script",
            lambda samples: samples.ratio(again, plain_again),
            at_most=0.5,
            unit="x",
        ),
        Target(
            "peak memory of cold, beyond the plain script's",
            lambda samples: [
                number / 1e6 for number in samples.difference((COLD, OURS, "peak"), (COLD, PLAIN, "peak"))
            ],
            at_most=512,
            unit="MB",
        ),
        Target(
            "stored bytes after cold, as a ratio to the plain script's",
            lambda samples: samples.ratio((COLD, OURS, "stored MB"), (COLD, PLAIN, "stored MB")),
            at_most=1.0,
            unit="x",
        ),
    )
