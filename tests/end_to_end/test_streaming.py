"""Outputs and inputs that stream: part of the call that makes them, the same as whole ones, in bounded memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cells import declared_in
from noted import NOTES

import assetflow as af
from assetflow.frames.pieces import HELD_BYTES

ROWS = 500_000
PIECES = HELD_BYTES // (ROWS * 16) + 4  # a little more than is held whole


def pieces(count: int = PIECES) -> Iterator[pa.Table]:
    """Tables of 8 MB each, fast to make and to store."""
    for number in range(count):
        yield pa.table(
            {"n": pa.arange(number * ROWS, (number + 1) * ROWS), "zero": pa.repeat(pa.scalar(0), ROWS)}
        )


STREAMED = """
from collections.abc import Iterator
from typing import Annotated
import duckdb
import polars as pl
import pyarrow as pa

@af.asset
def numbers() -> Iterator[pa.Table]:
    yield from pieces()

@af.asset
def by_reader(numbers: pa.RecordBatchReader) -> pa.RecordBatchReader:
    return numbers

@af.asset
def by_generator(numbers: Iterator[pl.DataFrame]):
    for frame in numbers:
        yield frame

@af.asset
def by_polars(numbers: pl.LazyFrame) -> pl.LazyFrame:
    return numbers

@af.asset
def by_duckdb(numbers: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    return numbers.select("n, zero")

@af.asset
def whole(numbers: pa.Table) -> pa.Table:
    return numbers

@af.asset(sort_by=["n"])
def backwards(whole: pa.Table):
    for start in range(len(whole) - 500_000, -1, -500_000):
        yield whole.slice(start, 500_000)

@af.asset
def zeros(numbers: Annotated[pl.LazyFrame, af.Input("numbers", columns=["zero"])]) -> int:
    assert numbers.collect_schema().names() == ["zero"]
    return numbers.select(pl.len()).collect().item()
"""


@pytest.fixture(scope="module")
def streamed(tmp_path_factory: pytest.TempPathFactory) -> tuple[af.Project, Path]:
    store = tmp_path_factory.mktemp("streamed") / "store"
    project = af.Project(declared_in(STREAMED, af=af, pieces=pieces), store=str(store))
    project.materialize().raise_for_failure()
    return project, store


def parts_in(store: Path) -> list[Path]:
    return sorted((store / "objects").rglob("*.parquet"))


def test_a_stream_in_any_form_has_the_data_version_of_the_whole_and_shares_its_parts(streamed) -> None:
    project, store = streamed
    keys = ("numbers", "by_reader", "by_generator", "by_polars", "by_duckdb", "whole", "backwards")
    rows = [pq.read_metadata(path).num_rows for path in parts_in(store)]

    assert len({project.current(key).data_version for key in keys}) == 1
    assert project.current("numbers").rows == PIECES * ROWS
    assert project.load("zeros") == PIECES * ROWS
    assert len(rows) > 5
    assert sum(rows) == PIECES * ROWS


def test_every_part_of_a_stream_opens_as_plain_parquet(streamed) -> None:
    _, store = streamed
    files = parts_in(store)

    assert pl.scan_parquet(files).select(pl.col("n").n_unique()).collect().item() == PIECES * ROWS
    counted = duckdb.read_parquet([str(path) for path in files]).aggregate("count(distinct n)")
    assert counted.fetchall() == [(PIECES * ROWS,)]


def test_a_stream_made_again_with_equal_output_writes_nothing(streamed) -> None:
    project, store = streamed
    before = [(path.name, path.stat().st_mtime_ns) for path in parts_in(store)]
    run = project.materialize("numbers by_polars", force=True)

    assert run.counts == {"built": 2}
    assert [(path.name, path.stat().st_mtime_ns) for path in parts_in(store)] == before


def test_a_stream_that_breaks_late_is_tried_again_with_all_it_needs_at_hand() -> None:
    NOTES.clear()
    text = """
@af.asset(retries=af.Retry(times=3, first="10ms", jitter=False, on=(TimeoutError,)))
def numbers(db: Annotated[list, af.Resource("db")]):
    attempt = len([one for one in db if one == "opened"])
    yield from pieces()
    assert db[-1] == "opened"
    print("the last of attempt", attempt)
    if attempt < 3:
        raise TimeoutError("the line broke")
"""
    declared = [
        af.Resource(
            "db", lambda: [NOTES.append("opened"), NOTES][1], close=lambda notes: notes.append("closed")
        ),
        *declared_in(text, af=af, pieces=pieces, Annotated=Annotated),
    ]
    project = af.Project(declared, store="memory://")
    run = project.materialize()
    run.raise_for_failure()

    assert project.current("numbers").rows == PIECES * ROWS
    assert NOTES == ["opened", "closed"] * 3
    recorded = project.sql("select attempt from materializations where asset = 'numbers'")
    assert recorded["attempt"].to_pylist() == [3]
    assert "the last of attempt 3" in project.logs("numbers")[0][1]


def test_a_streams_own_exception_is_what_the_asset_failed_with() -> None:
    text = """
@af.asset
def numbers():
    yield from pieces()
    raise ZeroDivisionError("at the end")

@af.asset
def renamed():
    for number, piece in enumerate(pieces()):
        yield piece if number < 9 else piece.rename_columns(["m", "zero"])
"""
    run = af.Project(declared_in(text, af=af, pieces=pieces), store="memory://").materialize()

    assert isinstance(run["numbers"].error, ZeroDivisionError)
    assert "asset 'renamed': item 10 of the stream has columns m, zero, not n, zero" in str(
        run["renamed"].error
    )


MEASURED = """
import resource, sys
import pyarrow as pa
import assetflow as af

ROWS = 250_000

@af.asset
def big():
    for start in range(0, int(sys.argv[1]) * ROWS, ROWS):
        yield pa.table({"n": pa.arange(start, start + ROWS), **dict.fromkeys("abc", pa.repeat(pa.scalar(0), ROWS))})

@af.asset
def again(big: pa.RecordBatchReader) -> pa.RecordBatchReader:
    return big

project = af.Project([big, again], store=sys.argv[2])
project.materialize().raise_for_failure()
assert project.current("again").rows == int(sys.argv[1]) * ROWS
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_is_a_constant_whatever_the_length(tmp_path: Path) -> None:
    """Pieces of 8 MB: 160 MB and 640 MB, made and read again, of which no more is ever held."""
    script = tmp_path / "measured.py"
    script.write_text(MEASURED)
    peaks = []
    for number in (20, 80):
        command = [sys.executable, str(script), str(number), str(tmp_path / f"store {number}")]
        environment = {**os.environ, "PYTHONPATH": str(Path(af.__file__).parents[1])}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        peaks.append(int(done.stdout) // 1024)

    assert peaks[1] - peaks[0] < 100
