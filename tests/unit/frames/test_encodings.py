from __future__ import annotations

import io

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assetflow.frames.table_codec import table_to_parquet


def encodings(table: pa.Table) -> dict[str, tuple[str, ...]]:
    file = pq.ParquetFile(io.BytesIO(bytes(table_to_parquet(table))))
    assert file.read().equals(table)
    group = file.metadata.row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    return {column.path_in_schema: column.encodings for column in columns}


def test_values_that_come_again_have_a_dictionary_and_numbers_that_do_not_their_differences():
    rows = 5000
    told = encodings(
        pa.table(
            {
                "id": range(rows),
                "at": pa.array(range(rows), pa.timestamp("us")),
                "day": pa.array([n // 100 for n in range(rows)], pa.date32()),
                "name": [str(n) for n in range(rows)],
                "kind": [str(n % 50) for n in range(rows)],
                "share": [n / 7 for n in range(rows)],
                "flag": [None if n % 3 else True for n in range(rows)],
                "empty": pa.nulls(rows),
            }
        )
    )

    has_dictionary = {name: any("DICTIONARY" in one for one in used) for name, used in told.items()}
    assert [name for name, has in has_dictionary.items() if has] == ["day", "kind", "empty"]
    assert [name for name, used in told.items() if "DELTA_BINARY_PACKED" in used] == ["id", "at"]


def test_nested_columns_keep_their_dictionaries():
    rows = 3000
    table = pa.table(
        {
            "id": range(rows),
            "list": [[n % 5] for n in range(rows)],
            "struct": [{"a": str(n % 5), "b": [n % 7]} for n in range(rows)],
            "map": pa.array([[("k", n % 5)] for n in range(rows)], pa.map_(pa.string(), pa.int64())),
        }
    )

    told = encodings(table)
    assert all(any("DICTIONARY" in one for one in used) for name, used in told.items() if name != "id")


@pytest.mark.parametrize("name", ["a.b", "", "a b", "ü", "list.element", "a.list.element"])
def test_odd_names_are_no_matter(name):
    table = pa.table(
        {"a": [{"b": str(n)} for n in range(3000)], name: range(3000), "x": [[n] for n in range(3000)]}
    )

    assert encodings(table)


def test_what_is_written_opens_in_duckdb_and_polars(tmp_path):
    table = pa.table(
        {"id": range(5000), "x": [n / 7 for n in range(5000)], "k": [str(n % 9) for n in range(5000)]}
    )
    (tmp_path / "part.parquet").write_bytes(table_to_parquet(table))

    assert pl.read_parquet(tmp_path / "part.parquet").to_dict(as_series=False) == table.to_pydict()
    assert duckdb.read_parquet(str(tmp_path / "part.parquet")).fetchall() == [
        tuple(row.values()) for row in table.to_pylist()
    ]
