"""Owns the rule that no cell is null."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, ClassVar

from assetflow.checks.finding import Finding, finding_of_rows
from assetflow.checks.rows import Rows, failing_where
from assetflow.checks.rules.rule import labelled

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class NotNull:
    """A row fails when any of the columns is null in it. NaN is no null."""

    columns: tuple[str, ...]
    others: ClassVar[tuple[str, ...]] = ()

    @property
    def label(self) -> str:
        """Return the check's name."""
        return labelled("not_null", *self.columns)

    @property
    def arguments(self) -> dict[str, object]:
        """Return what decides what it finds."""
        return {"columns": list(self.columns)}

    def judge(self, rows: Rows, others: Mapping[str, Rows]) -> Finding:
        """Find the rows with a null."""
        import pyarrow.compute as pc

        del others
        nulls = Counter[str]()

        def fails(piece: pa.Table) -> pa.ChunkedArray:
            nulls.update({name: piece[name].null_count for name in self.columns})
            return reduce(pc.or_, [pc.is_null(piece[name]) for name in self.columns])

        failing = failing_where(rows, self.columns, fails)
        what = "; ".join(f"{name} is null in {count:,}" for name, count in nulls.items() if count)
        column = None
        if len(self.columns) == 1:
            column, what = self.columns[0], f"{self.columns[0]} is null"
        return finding_of_rows(self.label, column, rows, failing, what)
