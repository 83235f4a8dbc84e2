"""A query's result for other programs."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import duckdb
import pyarrow as pa

from assetflow.cli.json_text import json_text
from assetflow.cli.table_text import distinct, table_csv, table_document


def test_the_document_has_columns_and_rows_by_name():
    table = pa.table({"month": ["1997-01"], "revenue": pa.array([Decimal("299060.17")])})
    assert json.loads(json_text(table_document(table))) == {
        "columns": [{"name": "month", "type": "string"}, {"name": "revenue", "type": "decimal128(8, 2)"}],
        "rows": [{"month": "1997-01", "revenue": 299060.17}],
    }


def test_columns_of_one_name_are_told_apart():
    assert distinct(["a", "a", "b", "a", "a_2"]) == ["a", "a_2", "b", "a_3", "a_2_2"]
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["n", "n"])
    assert table_document(table)["rows"] == [{"n": 1, "n_2": 2}]


def test_csv_holds_every_type():
    table = duckdb.sql(
        "select 1 as n, 1.50::decimal(5, 2) as d, 'a\"b' as t, null as missing, [1, 2] as l, {'x': 1} as s,"
        " date '2026-01-02' as day, interval 1 day as i, true as b, '\\xAA'::blob as raw, time '10:00' as time"
    ).to_arrow_table()
    (row,) = csv.DictReader(io.StringIO(table_csv(table).decode()))
    assert row == {
        "n": "1",
        "d": "1.50",
        "t": 'a"b',
        "missing": "",
        "l": "[1, 2]",
        "s": '{"x": 1}',
        "day": "2026-01-02",
        "i": "[0, 1, 0]",
        "b": "true",
        "raw": "0xaa",
        "time": "10:00:00",
    }
