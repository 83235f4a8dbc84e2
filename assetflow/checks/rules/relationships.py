"""Owns the rule that every value is found in a column of another asset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetflow.checks.finding import Finding, finding_of_rows, row_numbers, unfit
from assetflow.checks.rules.comparison import comparable
from assetflow.checks.rules.rule import labelled
from assetflow.keys import did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa


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

    def judge(self, table: pa.Table, others: Mapping[str, pa.Table]) -> Finding:
        """Find the rows whose value the other asset does not have."""
        import pyarrow.compute as pc

        there = others[self.to]
        if self.column_there not in there.column_names:
            near = did_you_mean(self.column_there, there.column_names)
            message = f"{self.to} has no column {self.column_there}" + (f": {near}" if near else "")
            return unfit(self.label, self.column, message)
        try:
            cells, known = _alike(table[self.column], there[self.column_there])
            found = pc.is_in(cells, value_set=known)
        except (ValueError, TypeError, NotImplementedError):
            types = table[self.column].type, there[self.column_there].type
            message = (
                f"{self.column} is {types[0]}, {self.to}.{self.column_there} is {types[1]}: not comparable"
            )
            return unfit(self.label, self.column, message)
        failing = pc.and_(pc.is_valid(cells), pc.invert(found))
        what = f"{self.column} is not in {self.to}.{self.column_there}"
        return finding_of_rows(self.label, self.column, table, row_numbers(failing), what)


def _alike(one: pa.ChunkedArray, other: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Return both columns in one type that holds the values of either."""
    import pyarrow as pa

    one, other = comparable(one), comparable(other)
    if one.type.equals(other.type):
        return one, other
    if any(pa.types.is_uint64(type_) or pa.types.is_decimal(type_) for type_ in (one.type, other.type)):
        one, other = _widened(one), _widened(other)
    schemas = [pa.schema([("cell", column.type)]) for column in (one, other)]
    common = pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    return one.cast(common), other.cast(common)


def _widened(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return integers as decimals: the types that Arrow finds for them and others are too narrow for some."""
    import pyarrow as pa

    return column.cast(pa.decimal128(20)) if pa.types.is_integer(column.type) else column
