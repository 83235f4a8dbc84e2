"""Owns the rule that values lie between two bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from assetflow.checks.finding import Finding, finding_of_rows, unfit
from assetflow.checks.rows import Rows, failing_where
from assetflow.checks.rules.comparison import comparable
from assetflow.checks.rules.grid import grid_of
from assetflow.checks.rules.rule import labelled

if TYPE_CHECKING:
    import pyarrow as pa

Inclusive = Literal["both", "neither", "left", "right"]


@dataclass(frozen=True)
class Range:
    """A row fails when its cell is neither null nor between ``min`` and ``max``. NaN is between nothing.

    ``inclusive``: which of the bounds are allowed values themselves ("left" is ``min``).
    """

    column: str
    min: Any
    max: Any
    inclusive: Inclusive
    others: ClassVar[tuple[str, ...]] = ()

    @property
    def label(self) -> str:
        """Return the check's name."""
        inclusive = None if self.inclusive == "both" else self.inclusive
        return labelled("range", self.column, min=self.min, max=self.max, inclusive=inclusive)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the column that it judges."""
        return (self.column,)

    @property
    def arguments(self) -> dict[str, object]:
        """Return what decides what it finds."""
        return {"column": self.column, "min": self.min, "max": self.max, "inclusive": self.inclusive}

    def judge(self, rows: Rows, others: Mapping[str, Rows]) -> Finding:
        """Find the rows outside."""
        del others
        try:
            failing = failing_where(
                rows, self.columns, lambda piece: self._outside(comparable(piece[self.column]))
            )
        except ValueError as error:
            type_ = rows.schema.field(self.column).type
            return unfit(self.label, self.column, f"column {self.column} is {type_}: {error}")
        what = f"{self.column} is {self._wanted()}"
        return finding_of_rows(self.label, self.column, rows, failing, what)

    def _outside(self, cells: pa.ChunkedArray) -> pa.ChunkedArray:
        import pyarrow as pa
        import pyarrow.compute as pc

        grid = grid_of(cells.type)
        masks = [pc.is_nan(cells)] if pa.types.is_floating(cells.type) else []
        if self.min is not None:
            masks.append(grid.below(cells, self.min, allowed=self.inclusive in ("both", "left")))
        if self.max is not None:
            masks.append(grid.above(cells, self.max, allowed=self.inclusive in ("both", "right")))
        return reduce(pc.or_, masks)

    def _wanted(self) -> str:
        low = "below" if self.inclusive in ("both", "left") else "not above"
        high = "above" if self.inclusive in ("both", "right") else "not below"
        sides = ((low, self.min), (high, self.max))
        return " or ".join(f"{side} {bound}" for side, bound in sides if bound is not None)
