"""redun: a task for each function, sqlite, two threads."""

from __future__ import annotations

from benchmarks.peers.environment import Environment
from benchmarks.peers.scripts import KEPT, path_of
from benchmarks.tools.tool import RAN, Setup, function, program
from benchmarks.workloads.chain import Chain
from benchmarks.workloads.small_graph import SmallGraph

_HEAD = """\
import json
import os

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from redun import File, task

from ran import ran

redun_namespace = "bench"
"""

_TOTAL = """\
@task()
def write_total(tables):
    total = sum(sum(table["value"].to_pylist()) for table in tables)
    open("total.json", "w").write(json.dumps({"total": total}))
    return total


@task()
def main():
"""

_SETTINGS = """\
[backend]
db_uri = sqlite:///redun.db

[executors.default]
type = local
max_workers = 2
"""


class Redun:
    """redun's own command."""

    name = "redun"
    packages = ("redun==0.44.1",)

    def __init__(self, environment: Environment) -> None:
        self._redun = environment.script("redun")
        self.environment = environment.variables
        self.starts = {
            "--help": (self._redun, "--help"),
            "--version": (self._redun, "--version"),
            "import": (environment.python, "-c", "import redun"),
        }

    def small_graph(self, graph: SmallGraph) -> Setup:
        """Return W1: tables are handed on, and pickled."""
        functions, calls = [], []
        for node in graph.nodes:
            functions.append(
                f"@task()\n{function(node.name, 'first, second' if node.inputs else '', graph.body(node))}"
            )
            calls.append(f"    {node.name}_ = {node.name}({', '.join(f'{name}_' for name in node.inputs)})")
        sinks = ", ".join(f"{name}_" for name in graph.sinks)
        calls.append(f"    return write_total([{sinks}])")
        return self._setup([*functions, _TOTAL + "\n".join(calls) + "\n"], ("/bin/cat", "total.json"), ())

    def chain(self, chain: Chain) -> Setup:
        """Return W2: tasks hand on Parquet files, for tables would be pickled into the database."""
        functions, calls = [], []
        for link in chain.links:
            read = [f"{name} = pq.read_table({name}.path)" for name in link.inputs]
            *work, last = link.body
            write = [
                last.replace("return ", "made = ", 1),
                f'os.makedirs("{KEPT}", exist_ok=True)',
                f'pq.write_table(made, "{path_of(link.name)}")',
                f'return File("{path_of(link.name)}")',
            ]
            functions.append(
                f"@task()\n{function(link.name, ', '.join(link.inputs), [*read, *work, *write])}"
            )
            calls.append(f"    {link.name}_ = {link.name}({', '.join(f'{name}_' for name in link.inputs)})")
        main = "\n".join(["@task()", "def main():", *calls, "    return joined_", ""])
        return self._setup([*functions, main], program("chain_sums", path_of("joined")), (KEPT,))

    def _setup(self, functions: list[str], outputs: tuple[str, ...], kept: tuple[str, ...]) -> Setup:
        files = {
            "ran.py": RAN,
            "workflow.py": "\n\n".join([_HEAD, *functions]),
            ".redun/redun.ini": _SETTINGS,
        }
        run = (self._redun, "run", "workflow.py", "main")
        return Setup(files, run, outputs, (*kept, ".redun"), environment=self.environment)
