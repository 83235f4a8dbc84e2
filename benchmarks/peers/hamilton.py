"""Apache Hamilton with its cache: a node for each function, results pickled, sequential."""

from __future__ import annotations

from benchmarks.peers.environment import Environment
from benchmarks.tools.tool import HEAD, RAN, Setup, function, program
from benchmarks.workloads.chain import HEAD as HEAD_OF_CHAIN
from benchmarks.workloads.chain import Chain
from benchmarks.workloads.small_graph import Node, SmallGraph

_RUN = """\
import json
import sys

from hamilton import driver
{imports}

dr = driver.Builder().with_modules({modules}).with_cache(path="cache").build()
if sys.argv[1:] != ["build"]:
    made = dr.execute({wanted!r})
    {then}
"""


class Hamilton:
    """Apache Hamilton, from Python, as it has to be."""

    name = "Hamilton"
    packages = ("sf-hamilton==1.90.0",)

    def __init__(self, environment: Environment) -> None:
        self._python = environment.python
        self.environment = {**environment.variables, "HAMILTON_TELEMETRY_ENABLED": "false"}
        self.starts = {"import": (environment.python, "-c", "import hamilton.driver")}

    def small_graph(self, graph: SmallGraph) -> Setup:
        """Return W1: a module for each layer."""
        files = {"ran.py": RAN}
        for layer in range(graph.layers):
            functions = [_node(graph, node) for node in graph.nodes if node.layer == layer]
            files[f"layer_{layer}.py"] = "\n\n".join([HEAD, *functions])
        modules = [f"layer_{layer}" for layer in range(graph.layers)]
        total = "sum(sum(table['value'].to_pylist()) for table in made.values())"
        then = f'open("total.json", "w").write(json.dumps({{"total": {total}}}))'
        return self._setup(files, modules, list(graph.sinks), then, ("/bin/cat", "total.json"))

    def chain(self, chain: Chain) -> Setup:
        """Return W2; without `combine_chunks` each chunk would be pickled with the buffers of its neighbours."""
        functions = []
        for link in chain.links:
            parameters = ", ".join(f"{name}: pa.Table" for name in link.inputs)
            body = link.body
            if link.name == "loaded":
                body[-1] += ".combine_chunks()"
            functions.append(function(link.name, parameters, body, "pa.Table"))
        files = {"ran.py": RAN, "chain.py": "\n\n".join([HEAD_OF_CHAIN, *functions])}
        then = (
            'if sys.argv[1:] == ["outputs"]: '
            'import pyarrow.parquet as pq; pq.write_table(made["joined"], "joined.parquet")'
        )
        sums = " ".join(program("chain_sums", "joined.parquet"))
        outputs = ("/bin/sh", "-c", f"{self._python} run.py outputs && {sums} && rm joined.parquet")
        return self._setup(files, ["chain"], ["joined"], then, outputs)

    def _setup(
        self,
        files: dict[str, str],
        modules: list[str],
        wanted: list[str],
        then: str,
        outputs: tuple[str, ...],
    ) -> Setup:
        imports = "\n".join(f"import {module}" for module in modules)
        files["run.py"] = _RUN.format(imports=imports, modules=", ".join(modules), wanted=wanted, then=then)
        run = (self._python, "run.py")
        return Setup(files, run, outputs, ("cache",), plan=(*run, "build"), environment=self.environment)


def _node(graph: SmallGraph, node: Node) -> str:
    parameters = ", ".join(f"{name}: pa.Table" for name in node.inputs)
    given = [f"first, second = {', '.join(node.inputs)}"] if node.inputs else []
    return function(node.name, parameters, [*given, *graph.body(node)], "pa.Table")
