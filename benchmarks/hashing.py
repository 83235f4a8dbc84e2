"""Compares hashing a table with plain xxh3-128 over the same buffers, in one run on one machine.

A ratio of 1 would mean that the hash of the logical content costs no more than reading the bytes once.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import xxhash

from assetflow.hashing.tables import hash_table

ROWS = 4_000_000
REPEATS = 5


def main() -> None:
    random = np.random.default_rng(7)
    print(f"{'column':<24}{'MB':>8}{'xxh3-128 GB/s':>16}{'hash_table GB/s':>18}{'ratio':>8}")
    for name, column in _columns(random).items():
        _compare(name, pa.table({name: column}))


def _columns(random: np.random.Generator) -> dict[str, pa.Array]:
    numbers = random.normal(size=ROWS)
    words = pa.array([f"customer {n}" for n in range(1000)]).take(pa.array(random.integers(0, 1000, ROWS)))
    return {
        "int64": pa.array(random.integers(0, 1 << 40, ROWS)),
        "double": pa.array(numbers),
        "double, 10% null": pa.array(numbers, mask=random.random(ROWS) < 0.1),
        "string": words,
    }


def _compare(name: str, table: pa.Table) -> None:
    buffers = [buffer for chunk in table.column(0).chunks for buffer in chunk.buffers() if buffer is not None]
    size = sum(buffer.size for buffer in buffers)
    plain = _best(lambda: [xxhash.xxh3_128_digest(buffer) for buffer in buffers])
    ours = _best(lambda: hash_table(table))
    speeds = f"{size / plain / 1e9:>16.1f}{size / ours / 1e9:>18.1f}"
    print(f"{name:<24}{size / 1e6:>8.0f}{speeds}{ours / plain:>8.1f}")


def _best(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


if __name__ == "__main__":
    main()
