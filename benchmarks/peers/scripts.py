"""Owns the scripts of tools whose steps are processes that exchange files: each reads Parquet and writes Parquet."""

from __future__ import annotations

from benchmarks.tools.tool import HEAD, function
from benchmarks.workloads.chain import HEAD as HEAD_OF_CHAIN
from benchmarks.workloads.chain import Link
from benchmarks.workloads.small_graph import Node, SmallGraph

KEPT = "out"


def path_of(name: str) -> str:
    """Return where the result of a step lies."""
    return f"{KEPT}/{name}.parquet"


def script_of_node(graph: SmallGraph, node: Node) -> str:
    """Return the script of one function of the small graph."""
    parameters = "first, second" if node.inputs else ""
    head = HEAD + "import pyarrow.parquet as pq\n"
    return _script(head, node.name, parameters, graph.body(node), node.inputs)


def script_of_link(link: Link) -> str:
    """Return the script of one link of the chain."""
    return _script(HEAD_OF_CHAIN, link.name, ", ".join(link.inputs), link.body, link.inputs)


def _script(head: str, name: str, parameters: str, body: list[str], inputs: tuple[str, ...]) -> str:
    read = ", ".join(f'pq.read_table("{path_of(key)}")' for key in inputs)
    end = f'pq.write_table({name}({read}), "{path_of(name)}")\n'
    # A tool may put its own lines before a script, and then Python would not look beside it for modules.
    return "\n".join(["import sys", 'sys.path.insert(0, ".")', head, function(name, parameters, body), end])
