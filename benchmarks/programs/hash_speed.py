"""Times the hash of the large table's content against plain xxh3-128 over the very same buffers: ROWS FILE.

FILE is where the table is written as Parquet, for comparison.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash
from figures import tell
from table import table

from assetflow.hashing.tables import hash_table

_TURNS = 3

_GROUPS = {
    "fixed width": ("id", "store", "amount", "sold_at"),
    "fixed width, 10 % nulls": ("quantity", "rebate"),
    "short strings": ("category",),
}


def main(rows: int, file: Path) -> None:
    """Tell the speeds and ratios of each group of columns, and of the whole table."""
    whole = table(rows)
    figures: dict[str, float] = {}
    for name, columns in _GROUPS.items():
        figures |= _compare(name, _with_rebate(whole).select(columns))
    figures |= _compare("whole table", whole)
    begin = time.perf_counter()
    pq.write_table(whole, file)
    figures["whole table: written as Parquet s"] = time.perf_counter() - begin
    tell(figures)


def _with_rebate(whole: pa.Table) -> pa.Table:
    """Add a column of floats with the same nulls as ``quantity``, whose values lie in buffers of their own."""
    nulls = [np.asarray(chunk.is_null()) for chunk in whole["quantity"].chunks]
    values = [np.array(chunk) for chunk in whole["amount"].chunks]
    chunks = [pa.array(value, mask=null) for value, null in zip(values, nulls, strict=True)]
    return whole.append_column("rebate", pa.chunked_array(chunks))


def _compare(name: str, columns: pa.Table) -> dict[str, float]:
    buffers = [memoryview(buffer) for buffer in _buffers(columns)]
    size = sum(buffer.nbytes for buffer in buffers)
    with ThreadPoolExecutor(2) as pool:
        work: dict[str, Callable[[], object]] = {
            "xxh3": lambda: [xxhash.xxh3_128_digest(buffer) for buffer in buffers],
            "xxh3 two": lambda: list(pool.map(xxhash.xxh3_128_digest, buffers)),
            "ours": lambda: hash_table(columns, threads=1),
            "ours two": lambda: hash_table(columns, threads=2),
        }
        best = dict.fromkeys(work, float("inf"))
        for _ in range(_TURNS):
            for who, call in work.items():
                begin = time.perf_counter()
                call()
                best[who] = min(best[who], time.perf_counter() - begin)
    return {
        f"{name}: MB": size / 1e6,
        f"{name}: xxh3-128 GB/s": size / best["xxh3"] / 1e9,
        f"{name}: content hash GB/s": size / best["ours"] / 1e9,
        f"{name}: ratio": best["xxh3"] / best["ours"],
        f"{name}: two threads": best["ours"] / best["ours two"],
        f"{name}: two threads of xxh3-128": best["xxh3"] / best["xxh3 two"],
        f"{name}: s": best["ours"],
    }


def _buffers(columns: pa.Table) -> Iterator[pa.Buffer]:
    for column in columns.columns:
        for chunk in column.chunks:
            yield from (buffer for buffer in chunk.buffers() if buffer is not None)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
