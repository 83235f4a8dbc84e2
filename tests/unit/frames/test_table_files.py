from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from parted import in_parts

from assetflow.errors import DataError
from assetflow.frames.parted import PartedTable
from assetflow.frames.table_files import TABLE_SUFFIXES, write_table

NAN = float("nan")
TABLE = pa.table(
    {
        "flat": [1.0, NAN, float("-inf")],
        'a "list"': [[NAN, 1.0], [], None],
        "struct": [{"x": NAN, "y d": [{"z": NAN}]}, None, {"x": 1.5, "y d": None}],
        "map": pa.array([[("k", NAN)], [], None], pa.map_(pa.string(), pa.float32())),
        "fixed": pa.array([[1.0, NAN], None, [2.0, 3.0]], pa.list_(pa.float64(), 2)),
        "deep": [[[NAN]], [[2.0], None], []],
    }
)
PLAIN = [
    {
        "flat": 1.0,
        'a "list"': [None, 1.0],
        "struct": {"x": None, "y d": [{"z": None}]},
        "map": {"k": None},
        "fixed": [1.0, None],
        "deep": [[None]],
    },
    {"flat": None, 'a "list"': [], "struct": None, "map": {}, "fixed": None, "deep": [[2.0], None]},
    {
        "flat": None,
        'a "list"': None,
        "struct": {"x": 1.5, "y d": None},
        "map": None,
        "fixed": [2.0, 3.0],
        "deep": [],
    },
]


def written(table: pa.Table | PartedTable, suffix: str) -> bytes:
    file = io.BytesIO()
    write_table(table, suffix, file)
    return file.getvalue()


def strict(text: bytes) -> Any:
    def refuse(constant: str) -> NoReturn:
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


def test_json_has_null_for_what_it_does_not_know_at_any_depth() -> None:
    assert strict(written(TABLE, ".json")) == PLAIN
    assert [strict(line) for line in written(TABLE, ".jsonl").splitlines()] == PLAIN


def test_columns_that_differ_in_case_alone_keep_their_own_values() -> None:
    table = pa.table({"a": [1.0], "A": [2.0]})
    assert list(strict(written(table, ".json"))[0].values()) == [1.0, 2.0]


@pytest.mark.parametrize("suffix", TABLE_SUFFIXES)
def test_a_folder_for_temporary_files_may_have_any_name(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "it's"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    assert written(pa.table({"a": [1]}), suffix)


def test_a_column_that_a_format_cannot_hold_is_told() -> None:
    table = pa.table({"e": pa.array([{}], pa.struct([]))})
    with pytest.raises(DataError, match=r"cannot be written as \.parquet"):
        written(table, ".parquet")


def test_parquet_keeps_nan() -> None:
    column = pq.read_table(io.BytesIO(written(TABLE, ".parquet")))["flat"].to_pylist()
    assert column[1] != column[1]


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl"])
@pytest.mark.parametrize("cuts", [(), (1,), (1, 2)])
def test_a_table_in_parts_is_written_as_the_whole_one(suffix: str, cuts: tuple[int, ...]) -> None:
    assert written(in_parts(TABLE, cuts), suffix) == written(TABLE, suffix)


@pytest.mark.parametrize("cuts", [(), (1,), (1, 2)])
def test_files_of_arrow_and_parquet_hold_the_rows_of_all_parts(cuts: tuple[int, ...]) -> None:
    table = pa.table({"n": [1, 2, 3], "s": ["a", None, "c"]})
    parts = in_parts(table, cuts)
    assert pq.read_table(io.BytesIO(written(parts, ".parquet"))).equals(table)
    assert pa.ipc.open_file(written(parts, ".arrow")).read_all().equals(table)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".json", ".arrow"])
def test_a_table_without_rows_keeps_its_columns(suffix: str) -> None:
    assert written(in_parts(pa.table({"n": pa.array([], pa.int64())})), suffix)


def test_rows_of_many_parts_stay_in_order() -> None:
    table = pa.table({"n": range(50_000)})
    text = written(in_parts(table, range(0, 50_000, 1000)), ".csv")
    assert [int(line) for line in text.split()[1:]] == list(range(50_000))
