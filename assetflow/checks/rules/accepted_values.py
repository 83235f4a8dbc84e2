"""Owns the rule that a column holds nothing but listed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from assetflow.checks.finding import Finding, finding_of_rows, unfit
from assetflow.checks.rows import Rows, failing_where
from assetflow.checks.rules.comparison import absent, comparable, values_of_type
from assetflow.checks.rules.rule import labelled, listed


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

    def judge(self, rows: Rows, others: Mapping[str, Rows]) -> Finding:
        """Find the rows whose cell is not listed."""
        import pyarrow as pa

        del others
        try:
            accepted = values_of_type(self.values, rows.schema.field(self.column).type)
            known = comparable(pa.chunked_array([accepted]))
            failing = failing_where(
                rows, self.columns, lambda piece: absent(comparable(piece[self.column]), known)
            )
        except (ValueError, NotImplementedError) as error:
            return unfit(self.label, self.column, str(error))
        what = f"{self.column} is none of {listed(self.values)}"
        return finding_of_rows(self.label, self.column, rows, failing, what)
