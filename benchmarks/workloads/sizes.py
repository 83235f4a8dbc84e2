"""Owns how large the workloads are: as promised, or so small that a test can run them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Sizes of all workloads."""

    layers: int = 10
    width: int = 100
    peer_width: int = 10
    rows: int = 20_000_000
    hashed_rows: int = 20_000_000
    planned: tuple[int, ...] = (1_000, 10_000, 100_000)
    recorded_runs: int = 1_000
    streamed_bytes: int = 5 * 10**9
    allowed_bytes: int = 5 * 10**8
    versions: int = 100


FULL = Sizes()
QUICK = Sizes(
    layers=4,
    width=6,
    peer_width=4,
    rows=200_000,
    hashed_rows=400_000,
    planned=(50, 100, 200),
    recorded_runs=20,
    streamed_bytes=4 * 10**7,
    versions=3,
)
