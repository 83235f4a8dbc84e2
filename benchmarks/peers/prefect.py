"""Prefect: a task for each function, cached by inputs and source, results kept; two threads, its own server.

Its server does not start with the newest fastapi, whose functions lost parameters that it gives; hence the bound.
"""

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
from prefect import flow, task
from prefect.cache_policies import INPUTS, TASK_SOURCE
from prefect.task_runners import ThreadPoolTaskRunner

from ran import ran

kept = task(cache_policy=INPUTS + TASK_SOURCE, persist_result=True)
"""

_FLOW = """\
@flow(task_runner=ThreadPoolTaskRunner(max_workers=2))
def everything():
"""


class Prefect:
    """Prefect with the server that it starts by itself."""

    name = "Prefect"
    packages = ("prefect>=3.6,<=3.9.1", "fastapi<0.130")

    def __init__(self, environment: Environment) -> None:
        self._python = environment.python
        self.environment = {
            **environment.variables,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        }
        prefect = environment.script("prefect")
        self.starts = {
            "--help": (prefect, "--help"),
            "--version": (prefect, "--version"),
            "import": (environment.python, "-c", "import prefect"),
        }

    def small_graph(self, graph: SmallGraph) -> Setup:
        """Return W1: tables are handed on, and pickled."""
        functions, calls = [], []
        for node in graph.nodes:
            functions.append(
                f"@kept\n{function(node.name, 'first, second' if node.inputs else '', graph.body(node))}"
            )
            calls.append(
                f"    {node.name}_ = {node.name}.submit({', '.join(f'{name}_' for name in node.inputs)})"
            )
        sinks = ", ".join(f"{name}_" for name in graph.sinks)
        calls.append(f"    total = sum(sum(made.result()['value'].to_pylist()) for made in [{sinks}])")
        calls.append('    open("total.json", "w").write(json.dumps({"total": total}))')
        return self._setup(functions, calls, ("/bin/cat", "total.json"), ())

    def chain(self, chain: Chain) -> Setup:
        """Return W2: tasks hand on the paths of Parquet files, for tables would be pickled."""
        functions, calls = [], []
        for link in chain.links:
            read = [f"{name} = pq.read_table({name})" for name in link.inputs]
            *work, last = link.body
            write = [
                last.replace("return ", "made = ", 1),
                f'os.makedirs("{KEPT}", exist_ok=True)',
                f'pq.write_table(made, "{path_of(link.name)}")',
                f'return "{path_of(link.name)}"',
            ]
            functions.append(f"@kept\n{function(link.name, ', '.join(link.inputs), [*read, *work, *write])}")
            calls.append(
                f"    {link.name}_ = {link.name}.submit({', '.join(f'{name}_' for name in link.inputs)})"
            )
        calls.append("    joined_.result()")
        return self._setup(functions, calls, program("chain_sums", path_of("joined")), (KEPT,))

    def _setup(
        self, functions: list[str], calls: list[str], outputs: tuple[str, ...], kept: tuple[str, ...]
    ) -> Setup:
        flow = "\n".join([_FLOW + "\n".join(calls), "", "", "everything()", ""])
        files = {"ran.py": RAN, "run.py": "\n\n".join([_HEAD, *functions, flow])}
        files["home/.prefect/.keep"] = ""
        run = (
            "/bin/sh",
            "-c",
            f'HOME="$PWD/home" {self._python} run.py',
        )  # all that it keeps lies below there
        return Setup(files, run, outputs, (*kept, "home"), environment=self.environment)
