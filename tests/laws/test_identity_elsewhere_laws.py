"""Identity is the same in every process: whatever the hash seed, the locale, the time zone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import datetime as dt
import pyarrow as pa
from assetflow.hashing.tables import canonical_table, hash_table
from assetflow.hashing.values import hash_value
table = pa.table({
    "number": pa.array([1.5, None, float("nan")]),
    "half": pa.array([1, None], pa.uint16()).view(pa.float16()).take(pa.array([0, 1, 0])),
    "text": pa.array(["\\u0131I", None, ""], pa.large_string()).dictionary_encode(),
    "nested": pa.array([[{"a": 1}], None, []], pa.list_view(pa.struct([("a", pa.int8())]))),
})
print(hash_table(canonical_table(table), threads=2).data_version)
print(hash_value({"z": {"b", "a", "c"}, "a": frozenset({(1, 2), "x", None}), "i": dt.date(2026, 1, 1), "I": 1.5}))
"""


def identities(**environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "2", "LC_ALL": "C", "TZ": "Asia/Kolkata"},
        {"PYTHONHASHSEED": "3", "LC_ALL": "C.UTF-8"},
    ],
)
def test_hash_seed_locale_and_time_zone_do_not_matter(environment):
    assert identities(**environment) == "ac5212711a1063a9be37b4b3a0ea2452\n01d05d3150054d9c7da29dce620cdd8d\n"
