"""The plain script: no orchestrator; calls the functions in order, hands on in memory, writes each result."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.tools.tool import HEAD, RAN, Setup, function, program
from benchmarks.workloads.chain import HEAD as HEAD_OF_CHAIN
from benchmarks.workloads.chain import Chain
from benchmarks.workloads.small_graph import SmallGraph

_RUN = """\
import os

import pyarrow.parquet as pq
from graph import GRAPH

os.makedirs("out", exist_ok=True)
made = {}
for make, inputs in GRAPH:
    made[make.__name__] = make(*(made[name] for name in inputs))
    pq.write_table(made[make.__name__], f"out/{make.__name__}.parquet")
"""


class Plain:
    """A plain Python script.

    ``rereads`` makes W2 read each input from its file again, as tools do whose steps are processes.
    """

    packages: tuple[str, ...] = ()

    def __init__(self, python: str, *, rereads: bool = False) -> None:
        self.name = "plain script, re-reading" if rereads else "plain script"
        self._python = python
        self._rereads = rereads
        self.starts = {
            "bare Python": (python, "-c", "pass"),
            "import": (python, "-c", "import pyarrow.compute, pyarrow.parquet"),
        }
        self.environment: Mapping[str, str] = {}

    def small_graph(self, graph: SmallGraph) -> Setup:
        """Return W1: a module for each layer, and a loop."""
        files = {"ran.py": RAN, "run.py": _RUN}
        names = []
        for layer in range(graph.layers):
            nodes = [node for node in graph.nodes if node.layer == layer]
            functions = [
                function(node.name, "first, second" if node.inputs else "", graph.body(node))
                for node in nodes
            ]
            files[f"layer_{layer}.py"] = "\n\n".join([HEAD, *functions])
            names += [f"    (layer_{layer}.{node.name}, {node.inputs!r})," for node in nodes]
        imports = "\n".join(f"import layer_{layer}" for layer in range(graph.layers))
        files["graph.py"] = "\n".join([imports, "", "GRAPH = [", *names, "]", ""])
        outputs = program("sum_parquet", "out", *graph.sinks, python=self._python)
        return Setup(files, (self._python, "run.py"), outputs, ("out",), skips=False)

    def chain(self, chain: Chain) -> Setup:
        """Return W2: one script, a function for each step."""
        functions = [function(link.name, ", ".join(link.inputs), link.body) for link in chain.links]
        lines = ["import os", 'os.makedirs("out", exist_ok=True)']
        for link in chain.links:
            given = [
                f'pq.read_table("out/{name}.parquet")' if self._rereads else f"{name}_"
                for name in link.inputs
            ]
            lines.append(f"{link.name}_ = {link.name}({', '.join(given)})")
            lines.append(f'pq.write_table({link.name}_, "out/{link.name}.parquet")')
            if self._rereads:
                lines.append(f"del {link.name}_")
        files = {"ran.py": RAN, "run.py": "\n\n".join([HEAD_OF_CHAIN, *functions, "\n".join(lines), ""])}
        outputs = program("chain_sums", "out/joined.parquet")
        run = (self._python, "run.py")
        again = () if self._rereads else run
        return Setup(files, run, outputs, ("out",), again, skips=False)
