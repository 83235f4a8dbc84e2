"""The purchases as they came: the file, and one row for each of its lines."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl

import assetflow as af

# Where each field begins in a line, and how long it is.
FIELDS = {"customer_id": (0, 6), "day": (6, 9), "cds": (15, 3), "dollars": (18, 8)}

cdnow_file = af.source(
    "cdnow_file",
    "data/CDNOW_master.txt.gz",
    format="file",
    group="retail",
    owner="data@shop.example",
    description="Every purchase of the customers who first bought in early 1997, as fixed-width text.",
)


@af.asset(
    group="retail",
    owner="data@shop.example",
    checks=[
        af.row_count(min=1),
        af.regex("customer_id", r"\d{5}"),
        af.regex("day", r"\d{8}"),
        af.regex("cds", r"\d+"),
        af.regex("dollars", r"-?\d+\.\d\d"),
    ],
)
def purchases(cdnow_file: Path) -> pl.DataFrame:
    """One row for each line of the file, cut into its fields; all of it is still text."""
    lines = gzip.decompress(cdnow_file.read_bytes()).decode("ascii").splitlines()
    fields = {name: pl.col("line").str.slice(*place).str.strip_chars() for name, place in FIELDS.items()}
    return pl.DataFrame({"line": lines[1:]}).select(**fields)
