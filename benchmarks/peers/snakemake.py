"""Snakemake: a rule and a script for each result, two cores, its own triggers."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.peers.environment import Environment
from benchmarks.peers.scripts import KEPT, path_of, script_of_link, script_of_node
from benchmarks.tools.tool import RAN, Setup, program
from benchmarks.workloads.chain import Chain
from benchmarks.workloads.small_graph import SmallGraph


class Snakemake:
    """Snakemake with `script:` rules, whose code it looks at."""

    name = "Snakemake"
    packages = ("snakemake==9.27.1",)

    def __init__(self, environment: Environment) -> None:
        self._snakemake = environment.script("snakemake")
        self.environment = environment.variables
        self.starts = {
            "--help": (self._snakemake, "--help"),
            "--version": (self._snakemake, "--version"),
            "import": (environment.python, "-c", "import snakemake.api"),
        }

    def small_graph(self, graph: SmallGraph) -> Setup:
        """Return W1."""
        scripts = {node.name: script_of_node(graph, node) for node in graph.nodes}
        inputs = {node.name: [path_of(name) for name in node.inputs] for node in graph.nodes}
        return self._setup(scripts, inputs, graph.sinks, program("sum_parquet", KEPT, *graph.sinks))

    def chain(self, chain: Chain) -> Setup:
        """Return W2."""
        scripts = {link.name: script_of_link(link) for link in chain.links}
        inputs = {
            link.name: [path_of(name) for name in link.inputs] or [str(chain.source)] for link in chain.links
        }
        return self._setup(scripts, inputs, ("joined",), program("chain_sums", path_of("joined")))

    def _setup(
        self,
        scripts: Mapping[str, str],
        inputs: Mapping[str, list[str]],
        wanted: tuple[str, ...],
        outputs: tuple[str, ...],
    ) -> Setup:
        files = {"ran.py": RAN, **{f"{name}.py": text for name, text in scripts.items()}}
        rules = [f"rule all:\n    input: {', '.join(repr(path_of(name)) for name in wanted)}\n"]
        for name, read in inputs.items():
            given = f"    input: {', '.join(map(repr, read))}\n" if read else ""
            rules.append(f"rule {name}:\n{given}    output: {path_of(name)!r}\n    script: '{name}.py'\n")
        files["Snakefile"] = "\n".join(rules)
        run = (self._snakemake, "--cores", "2", "-q")
        return Setup(
            files, run, outputs, (KEPT, ".snakemake"), plan=(*run, "-n"), environment=self.environment
        )
