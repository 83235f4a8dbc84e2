"""Writes the large table as Parquet, and beside it what the chain over it must come to: ROWS FILE."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from chain_sums import SUMS
from table import SCHEMA, pieces

_CHAIN = """
with priced as (select *, amount * 1.19 as gross from read_parquet('{file}') where amount > 60),
aggregated as (select category, sum(gross) as gross_sum, count(gross) as gross_count from priced group by category),
joined as (select * from priced join aggregated using (category))
"""


def main(rows: int, file: Path) -> None:
    """Write both, the sums last, so that who sees them sees the whole table."""
    with pq.ParquetWriter(file, SCHEMA) as writer:
        for piece in pieces(rows):
            writer.write_table(pa.Table.from_batches([piece]))
    relation = duckdb.sql(_CHAIN.format(file=file) + SUMS.format(joined="joined"))
    file.with_suffix(".json").write_text(json.dumps(relation.to_arrow_table().to_pylist()[0]))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
