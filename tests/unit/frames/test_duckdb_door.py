from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from assetflow.errors import DataError
from assetflow.frames.duckdb_door import arrow_to_relation, fresh_connection, relation_batches


def test_instants_are_in_utc_whatever_the_connection_shows():
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'Asia/Tokyo'")
    relation = connection.sql(
        "select t, [t] as l, {'a': t} as s, map {'a': t} as m, [t]::timestamptz[1] as f"
        " from (select timestamptz '2026-01-01 00:00:00+00' as t)"
    )
    (table,) = relation_batches(relation, 10)

    assert table["t"].type == pa.timestamp("us", "UTC")
    assert all("tz=UTC" in str(column.type) for column in table.columns)
    assert {str(table["t"][0]), str(table["l"][0][0]), str(table["s"][0]["a"])} == {
        "2026-01-01 00:00:00+00:00"
    }


def test_an_error_of_the_users_query_goes_through():
    with pytest.raises(duckdb.ConversionException):
        list(relation_batches(duckdb.sql("select cast(x as int) from (values ('a')) t(x)"), 10))


def test_a_relation_comes_in_batches_and_an_empty_one_as_one_empty_batch():
    batches = list(relation_batches(duckdb.sql("select * from range(10000)"), 4096))
    assert [row for batch in batches for row in batch["range"].to_pylist()] == list(range(10_000))
    assert len(batches) > 1

    (empty,) = relation_batches(duckdb.sql("select 1 as n where false"), 10)
    assert empty.schema == pa.schema([("n", pa.int32())])
    assert len(empty) == 0


@pytest.mark.parametrize(
    "bad",
    [
        pa.array([1.0], pa.float16()),
        pa.array([1], pa.decimal256(60, 1)),
        pa.array([100], pa.decimal128(5, -2)),
    ],
)
def test_a_column_that_duckdb_does_not_have_is_refused_by_name(bad):
    with pytest.raises(DataError, match="column 'bad' has type"):
        arrow_to_relation(pa.table({"good": [1], "bad": bad}), fresh_connection(), "input")
