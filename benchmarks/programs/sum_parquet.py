"""Prints the sum of the column ``value`` over Parquet files: FOLDER NAME..."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

folder, *names = sys.argv[1:]
files = [Path(folder) / f"{name}.parquet" for name in names]
print(json.dumps({"total": sum(pc.sum(pq.read_table(file)["value"]).as_py() for file in files)}))
