"""DVC: a stage and a script for each result; `dvc repro`, serial by design."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.peers.environment import Environment
from benchmarks.peers.scripts import KEPT, path_of, script_of_link, script_of_node
from benchmarks.tools.tool import RAN, Setup, program
from benchmarks.workloads.chain import Chain
from benchmarks.workloads.small_graph import SmallGraph

_CONFIG = "[core]\n    no_scm = True\n    analytics = false\n    check_update = false\n"


class Dvc:
    """DVC without git."""

    name = "DVC"
    packages = ("dvc==3.67.1",)

    def __init__(self, environment: Environment) -> None:
        self._dvc = environment.script("dvc")
        self._python = environment.python
        self.environment = environment.variables
        self.starts = {
            "--help": (self._dvc, "--help"),
            "import": (environment.python, "-c", "import dvc.repo"),
        }

    def small_graph(self, graph: SmallGraph) -> Setup:
        """Return W1."""
        scripts = {node.name: script_of_node(graph, node) for node in graph.nodes}
        inputs = {node.name: [path_of(name) for name in node.inputs] for node in graph.nodes}
        return self._setup(scripts, inputs, program("sum_parquet", KEPT, *graph.sinks))

    def chain(self, chain: Chain) -> Setup:
        """Return W2."""
        scripts = {link.name: script_of_link(link) for link in chain.links}
        inputs = {
            link.name: [path_of(name) for name in link.inputs] or [str(chain.source)] for link in chain.links
        }
        return self._setup(scripts, inputs, program("chain_sums", path_of("joined")))

    def _setup(
        self, scripts: Mapping[str, str], inputs: Mapping[str, list[str]], outputs: tuple[str, ...]
    ) -> Setup:
        files = {"ran.py": RAN, **{f"{name}.py": text for name, text in scripts.items()}}
        stages = ["stages:"]
        for name, read in inputs.items():
            deps = "".join(f"\n      - {path}" for path in [f"{name}.py", *read])
            stages.append(
                f"  {name}:\n    cmd: {self._python} {name}.py\n    deps:{deps}\n    outs:\n      - {path_of(name)}"
            )
        files["dvc.yaml"] = "\n".join([*stages, ""])
        files[f"{KEPT}/.keep"] = ""
        files[".dvc/config"] = _CONFIG
        return Setup(
            files, (self._dvc, "repro", "-q"), outputs, (KEPT, ".dvc/cache"), environment=self.environment
        )
