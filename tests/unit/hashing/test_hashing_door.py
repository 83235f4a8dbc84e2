from __future__ import annotations

import subprocess
import sys

LIGHT = ["arrays", "arrow_types", "blobs", "digest", "files", "fingerprint", "tables", "values"]
HEAVY = {"numpy", "pandas", "polars", "pyarrow", "duckdb"}


def test_nothing_heavy_is_imported_before_there_is_something_to_hash():
    imports = ", ".join(f"assetflow.hashing.{name}" for name in LIGHT)
    program = f"import sys, {imports}; assetflow.hashing.values.hash_value([1]); print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert HEAVY & set(done.stdout.split()) == set()
