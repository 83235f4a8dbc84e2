"""Owns the rule that every value is found in a column of another asset."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetflow.checks.buckets import ROW, buckets_for, key_columns, keyed, spread
from assetflow.checks.finding import Finding, finding_of_rows, unfit
from assetflow.checks.rows import Failing, Rows
from assetflow.checks.rules.comparison import absent, comparable
from assetflow.checks.rules.rule import labelled
from assetflow.keys import did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

    _Conversion = Callable[[pa.ChunkedArray], pa.ChunkedArray]


@dataclass(frozen=True)
class Relationships:
    """A row fails when its cell is neither null nor a value of ``column_there`` in the asset ``to``."""

    column: str
    to: str
    column_there: str

    @property
    def label(self) -> str:
        """Return the check's name."""
        return labelled("relationships", self.column, f"{self.to}.{self.column_there}")

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the column that it judges."""
        return (self.column,)

    @property
    def others(self) -> tuple[str, ...]:
        """Return the asset that it looks into."""
        return (self.to,)

    @property
    def arguments(self) -> dict[str, object]:
        """Return what decides what it finds."""
        return {"column": self.column, "to": self.to, "column_there": self.column_there}

    def judge(self, rows: Rows, others: Mapping[str, Rows]) -> Finding:
        """Find the rows whose value the other asset does not have."""
        there = others[self.to]
        if self.column_there not in there.schema.names:
            near = did_you_mean(self.column_there, there.schema.names)
            message = f"{self.to} has no column {self.column_there}" + (f": {near}" if near else "")
            return unfit(self.label, self.column, message)
        types = rows.schema.field(self.column).type, there.schema.field(self.column_there).type
        try:
            failing = self._absent(rows, there, _alike(*types))
        except (ValueError, TypeError, NotImplementedError):
            message = (
                f"{self.column} is {types[0]}, {self.to}.{self.column_there} is {types[1]}: not comparable"
            )
            return unfit(self.label, self.column, message)
        what = f"{self.column} is not in {self.to}.{self.column_there}"
        return finding_of_rows(self.label, self.column, rows, failing, what)

    def _absent(self, rows: Rows, there: Rows, alike: _Conversion) -> Failing:
        (key,) = key_columns(1)
        cells, values = keyed(rows, [self.column], alike), keyed(there, [self.column_there], alike)
        count = buckets_for(there.select([self.column_there]).nbytes)
        failing = Failing()
        with spread(cells, [key], count) as here, spread(values, [key], count) as known:
            for bucket, looked_in in zip(here, known, strict=True):
                found = _values(looked_in(), key)
                for piece in bucket():
                    failing = failing.and_rows(piece[ROW].filter(absent(piece[key], found)).combine_chunks())
        return failing


def _values(pieces: Iterator[pa.Table], key: str) -> pa.ChunkedArray:
    """Return the values there are; of more than one piece each just once, for they may be much the same."""
    import pyarrow as pa

    first = next(pieces)[key]
    more = [piece[key].unique() for piece in pieces]
    return pa.chunked_array([first.unique(), *more]) if more else first


def _alike(here: pa.DataType, there: pa.DataType) -> _Conversion:
    """Return what makes columns of both types comparable, in one type that holds the values of either."""
    import pyarrow as pa

    one, other = (comparable(pa.chunked_array([], type_)) for type_ in (here, there))
    if one.type.equals(other.type):
        return comparable
    wide = any(pa.types.is_uint64(column.type) or pa.types.is_decimal(column.type) for column in (one, other))
    widen: _Conversion = _widened if wide else lambda column: column
    schemas = [pa.schema([("cell", widen(column).type)]) for column in (one, other)]
    common = pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    return lambda column: widen(comparable(column)).cast(common)


def _widened(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return integers as decimals: the types that Arrow finds for them and others are too narrow for some."""
    import pyarrow as pa

    return column.cast(pa.decimal128(20)) if pa.types.is_integer(column.type) else column
