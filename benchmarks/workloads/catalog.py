"""Owns the list of all workloads."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.peers.dagster import Dagster
from benchmarks.peers.dvc import Dvc
from benchmarks.peers.environment import Environment
from benchmarks.peers.hamilton import Hamilton
from benchmarks.peers.prefect import Prefect
from benchmarks.peers.redun import Redun
from benchmarks.peers.snakemake import Snakemake
from benchmarks.tools.assetflow import Assetflow
from benchmarks.tools.plain import Plain
from benchmarks.tools.tool import Tool
from benchmarks.workloads import (
    hashing,
    w1_small_graph,
    w2_large_tables,
    w3_start,
    w4_scale,
    w5_memory,
    w6_storage,
    w7_diff,
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
        w1_small_graph.small_graph(graph, plain, assetflow, Assetflow(durable=False)),
        w2_large_tables.large_tables(chain),
        w3_start.start(graph, (plain, assetflow)),
        w4_scale.scale(sizes.planned, graph, sizes.recorded_runs),
        w5_memory.memory(sizes.streamed_bytes, sizes.allowed_bytes),
        w6_storage.storage(sizes.rows, sizes.versions),
        w7_diff.diff(sizes.rows),
    ]


def peers(scratch: Path) -> dict[Environment, Tool]:
    """Return every peer by the environment that it lives in."""
    kinds = (Hamilton, Dagster, Prefect, Redun, Dvc, Snakemake)
    places = {kind: Environment(scratch / "venvs" / kind.name.lower()) for kind in kinds}
    return {place: kind(place) for kind, place in places.items()}


def peer_workloads(sizes: Sizes, scratch: Path) -> list[Workload]:
    """Return what `make bench-peers` measures.

    The whole small graph is left to those that need no process for each function; the others, and all of them,
    have a tenth of it.
    """
    ours = (Plain(sys.executable), Assetflow())
    others = tuple(peers(scratch).values())
    light = tuple(peer for peer in others if not isinstance(peer, Dvc | Snakemake))
    whole, tenth = SmallGraph(sizes.layers, sizes.width), SmallGraph(sizes.layers, sizes.peer_width)
    chain = Chain(scratch / "data" / f"sales-{sizes.rows}.parquet", sizes.rows)
    return [
        w1_small_graph.beside_peers("W1-peers", tenth, (*ours, *others)),
        w1_small_graph.beside_peers("W1-peers-whole", whole, (*ours, *light), most_rounds=1),
        w2_large_tables.beside_peers(chain, (*ours, *others)),
        w3_start.beside_peers(whole, (*ours, *others)),
    ]
