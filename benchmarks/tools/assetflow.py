"""assetflow, from its command line, with its defaults."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.command import Command
from benchmarks.tools.tool import HEAD, RAN, ROOT, Setup, function, program
from benchmarks.workloads.chain import FOLLOWING, Chain
from benchmarks.workloads.chain import HEAD as HEAD_OF_CHAIN
from benchmarks.workloads.small_graph import Node, SmallGraph

COMMAND = (sys.executable, "-c", "import sys; from assetflow.cli.main import main; sys.exit(main())")
"""What the console script does, without asking for the package to be installed."""

ENVIRONMENT = {"PYTHONPATH": str(ROOT)}


_NEEDED = ("assetflow.cli.main", "typer.main", "rich.console", "pydantic", "pyarrow", "duckdb", "xxhash")
"""The command line's entry, and what it imports of other packages to find that there is nothing to do."""


def imports_only(modules: Sequence[str], folder: Path) -> Command:
    """Return a process that imports the project's modules and what the command line needs, and ends."""
    code = f"import sys; sys.path.insert(0, '.'); import {', '.join((*_NEEDED, *modules))}"
    return Command((sys.executable, "-c", code), folder, ENVIRONMENT)


class Assetflow:
    """assetflow as it comes.

    ``keeps_source`` says whether W2's source file is kept in the store beside what is made of it; without
    ``durable`` nothing is synced to disk, and the work is done once only.
    """

    packages: tuple[str, ...] = ()

    def __init__(self, *, keeps_source: bool = False, durable: bool = True) -> None:
        self.name = "assetflow"
        self.environment = dict(ENVIRONMENT)
        if keeps_source:
            self.name += ", source kept"
        if not durable:
            self.name += ", without fsync"
            self.environment["ASSETFLOW_DURABLE"] = "false"
        self._keeps_source = keeps_source
        self._durable = durable
        self.starts = {
            "--help": (*COMMAND, "--help"),
            "--version": (*COMMAND, "--version"),
            "import": (sys.executable, "-c", "import assetflow"),
        }

    def small_graph(self, graph: SmallGraph) -> Setup:
        """Return W1: a module for each layer."""
        files = {"ran.py": RAN}
        for layer in range(graph.layers):
            functions = [_decorated(graph, node) for node in graph.nodes if node.layer == layer]
            files[f"layer_{layer}.py"] = "\n\n".join(["import assetflow as af", HEAD, *functions])
        modules = ", ".join(f'"layer_{layer}"' for layer in range(graph.layers))
        files["assetflow.toml"] = f'name = "small"\nmodules = [{modules}]\n'
        outputs = program("sum_assets", *graph.sinks)
        return Setup(
            files,
            (*COMMAND, "materialize"),
            outputs,
            (".assetflow",),
            plan=(*COMMAND, "plan"),
            skips=self._durable,
            environment=self.environment,
        )

    def chain(self, chain: Chain) -> Setup:
        """Return W2: the file is a declared source, so that a change of its content is seen."""
        source = f'raw = af.source("raw", {str(chain.source)!r}, keep={self._keeps_source})\n'
        functions = ['@af.asset\ndef loaded(raw: pa.Table) -> pa.Table:\n    ran("loaded")\n    return raw\n']
        for link in FOLLOWING:
            parameters = ", ".join(f"{name}: pa.Table" for name in link.inputs)
            functions.append(f"@af.asset\n{function(link.name, parameters, link.body)}")
        files = {
            "ran.py": RAN,
            "chain.py": "\n\n".join(["import assetflow as af", HEAD_OF_CHAIN, source, *functions]),
            "assetflow.toml": 'name = "chain"\nmodules = ["chain"]\n',
        }
        run = (*COMMAND, "materialize")
        outputs = program("chain_sums", "asset", "joined")
        again = (*run, "--force") if self._durable else ()
        return Setup(
            files, run, outputs, (".assetflow",), again, skips=self._durable, environment=self.environment
        )


def _decorated(graph: SmallGraph, node: Node) -> str:
    parameters = "first: pa.Table, second: pa.Table" if node.inputs else ""
    named = zip(("first", "second"), node.inputs, strict=False)
    inputs = ", ".join(f'"{name}": "{key}"' for name, key in named)
    decorator = f"@af.asset(inputs={{{inputs}}})" if node.inputs else "@af.asset"
    return f"{decorator}\n{function(node.name, parameters, graph.body(node))}"
