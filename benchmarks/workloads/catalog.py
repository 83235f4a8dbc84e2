"""Owns the list of all workloads."""

from __future__ import annotations

import sys

from benchmarks.tools.assetflow import Assetflow
from benchmarks.tools.plain import Plain
from benchmarks.workloads import w1_small_graph
from benchmarks.workloads.sizes import Sizes
from benchmarks.workloads.small_graph import SmallGraph
from benchmarks.workloads.workload import Workload


def own_workloads(sizes: Sizes) -> list[Workload]:
    """Return what `make bench` measures: assetflow beside a plain script."""
    plain = Plain(sys.executable)
    assetflow = Assetflow()
    return [w1_small_graph.small_graph(SmallGraph(sizes.layers, sizes.width), plain, assetflow)]
