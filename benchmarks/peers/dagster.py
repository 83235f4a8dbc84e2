"""Dagster: an asset for each function, a Parquet IO manager, in one process; it runs whatever is selected."""

from __future__ import annotations

from benchmarks.peers.environment import Environment
from benchmarks.peers.scripts import KEPT
from benchmarks.tools.tool import RAN, Setup, function, program
from benchmarks.workloads.chain import Chain
from benchmarks.workloads.small_graph import Node, SmallGraph

_HEAD = """\
import os

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ran import ran
"""

_END = f"""
class Parquet(dg.ConfigurableIOManager):
    def _path(self, context):
        return os.path.join("{KEPT}", context.asset_key.path[-1] + ".parquet")

    def handle_output(self, context, table):
        os.makedirs("{KEPT}", exist_ok=True)
        pq.write_table(table, self._path(context))

    def load_input(self, context):
        return pq.read_table(self._path(context))


defs = dg.Definitions(
    assets=dg.load_assets_from_current_module(),
    resources={{"io_manager": Parquet()}},
    executor=dg.in_process_executor,
)
"""


class Dagster:
    """Dagster's `asset materialize`."""

    name = "Dagster"
    packages = ("dagster==1.13.27",)

    def __init__(self, environment: Environment) -> None:
        self._dagster = environment.script("dagster")
        self.environment = {**environment.variables, "DAGSTER_HOME": str(environment.folder / "home")}
        self.starts = {
            "--help": (self._dagster, "--help"),
            "--version": (self._dagster, "--version"),
            "import": (environment.python, "-c", "import dagster"),
        }

    def small_graph(self, graph: SmallGraph) -> Setup:
        """Return W1."""
        functions = [_asset(node.name, _parameters(node), _body(graph, node)) for node in graph.nodes]
        return self._setup(functions, program("sum_parquet", KEPT, *graph.sinks))

    def chain(self, chain: Chain) -> Setup:
        """Return W2."""
        functions = [_asset(link.name, ", ".join(link.inputs), link.body) for link in chain.links]
        return self._setup(functions, program("chain_sums", f"{KEPT}/joined.parquet"))

    def _setup(self, functions: list[str], outputs: tuple[str, ...]) -> Setup:
        files = {
            "ran.py": RAN,
            "definitions.py": "\n\n".join([_HEAD, *functions, _END]),
            "home/dagster.yaml": "telemetry:\n  enabled: false\n",
        }
        listed = (self._dagster, "asset", "list", "-f", "definitions.py")
        run = (
            "/bin/sh",
            "-c",
            f'DAGSTER_HOME="$PWD/home" {self._dagster} asset materialize --select "*" -f definitions.py',
        )
        return Setup(
            files, run, outputs, (KEPT, "home"), plan=listed, edits=False, environment=self.environment
        )


def _asset(name: str, parameters: str, body: list[str]) -> str:
    return f"@dg.asset\n{function(name, parameters, body)}"


def _parameters(node: Node) -> str:
    return ", ".join(node.inputs)


def _body(graph: SmallGraph, node: Node) -> list[str]:
    given = [f"first, second = {', '.join(node.inputs)}"] if node.inputs else []
    return [*given, *graph.body(node)]
