"""The plain script: no orchestrator; calls the functions in order, hands on in memory, writes each result."""

from __future__ import annotations

from benchmarks.tools.tool import HEAD, RAN, Setup, function, program
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
    """A plain Python script."""

    name = "plain script"
    packages: tuple[str, ...] = ()

    def __init__(self, python: str) -> None:
        self._python = python

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
