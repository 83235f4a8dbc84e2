"""Owns the rule that a column holds nothing but listed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from assetflow.checks.finding import Finding, finding_of_rows, row_numbers, unfit
from assetflow.checks.rules.comparison import comparable, values_of_type
from assetflow.checks.rules.rule import labelled, listed

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class AcceptedValues:
    """A row fails when its cell is neither null nor one of ``values``. NaN passes only where it is listed."""

    column: str
    values: tuple[Any, ...]
    others: ClassVar[tuple[str, ...]] = ()

    @property
    def label(self) -> str:
        """Return the check's name."""
        return labelled("accepted_values", self.column, listed(self.values))

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the column that it judges."""
        return (self.column,)

    @property
    def arguments(self) -> dict[str, object]:
        """Return what decides what it finds."""
        return {"column": self.column, "values": list(self.values)}

    def judge(self, table: pa.Table, others: Mapping[str, pa.Table]) -> Finding:
        """Find the rows whose cell is not listed."""
        import pyarrow as pa
        import pyarrow.compute as pc

        del others
        try:
            accepted = values_of_type(self.values, table.schema.field(self.column).type)
            cells = comparable(table[self.column])
            known = pc.is_in(cells, value_set=comparable(pa.chunked_array([accepted])))
        except (ValueError, NotImplementedError) as error:
            return unfit(self.label, self.column, str(error))
        failing = pc.and_(pc.is_valid(cells), pc.invert(known))
        what = f"{self.column} is none of {listed(self.values)}"
        return finding_of_rows(self.label, self.column, table, row_numbers(failing), what)
