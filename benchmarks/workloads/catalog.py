"""Owns the list of all workloads."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.tools.assetflow import Assetflow
from benchmarks.tools.plain import Plain
from benchmarks.workloads import (
    hashing,
    w1_small_graph,
    w2_large_tables,
    w3_start,
    w4_scale,
    w5_memory,
    w6_storage,
)
from benchmarks.workloads.chain import Chain
from benchmarks.workloads.sizes import Sizes
from benchmarks.workloads.small_graph import SmallGraph
from benchmarks.workloads.workload import Workload


def own_workloads(sizes: Sizes, scratch: Path) -> list[Workload]:
    """Return what `make bench` measures: assetflow beside a plain script."""
    plain = Plain(sys.executable)
    assetflow = Assetflow()
    graph = SmallGraph(sizes.layers, sizes.width)
    chain = Chain(scratch / "data" / f"sales-{sizes.rows}.parquet", sizes.rows)
    return [
        hashing.hashing(sizes.hashed_rows),
        w1_small_graph.small_graph(graph, plain, assetflow),
        w2_large_tables.large_tables(chain),
        w3_start.start(graph, (plain, assetflow)),
        w4_scale.scale(sizes.planned, graph, sizes.recorded_runs),
        w5_memory.memory(sizes.streamed_bytes, sizes.allowed_bytes),
        w6_storage.storage(sizes.rows, sizes.versions),
    ]
