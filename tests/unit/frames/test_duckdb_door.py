from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from assetflow.errors import DataError
from assetflow.frames.duckdb_door import arrow_to_relation, fresh_connection, relation_to_arrow


def test_instants_are_in_utc_whatever_the_connection_shows():
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'Asia/Tokyo'")
    table = relation_to_arrow(
        connection.sql(
            "select t, [t] as l, {'a': t} as s, map {'a': t} as m, [t]::timestamptz[1] as f"
            " from (select timestamptz '2026-01-01 00:00:00+00' as t)"
        )
    )

    assert table["t"].type == pa.timestamp("us", "UTC")
    assert all("tz=UTC" in str(column.type) for column in table.columns)
    assert {str(table["t"][0]), str(table["l"][0][0]), str(table["s"][0]["a"])} == {
        "2026-01-01 00:00:00+00:00"
    }


def test_an_error_of_the_users_query_goes_through():
    with pytest.raises(duckdb.ConversionException):
        relation_to_arrow(duckdb.sql("select cast(x as int) from (values ('a')) t(x)"))


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
