"""Scans two versions of the large table with DuckDB: each column of each row is read. FILE lists the parts of both."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

_SCAN = """
    SELECT sum(id), sum(store), sum(amount), sum(strlen(category)), sum(epoch_us(sold_at)), sum(quantity)
    FROM read_parquet(?)"""


def main(listed: Path) -> None:
    """Print the sums of both."""
    for files in json.loads(listed.read_text()):
        print(duckdb.execute(_SCAN, [files]).fetchall())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
