"""Owns the rule that a table has neither too few nor too many rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assetflow.checks.finding import Finding
from assetflow.checks.rows import Rows
from assetflow.checks.rules.rule import labelled


@dataclass(frozen=True)
class RowCount:
    """The table fails as a whole; both bounds are allowed numbers of rows."""

    min: int | None
    max: int | None
    columns: ClassVar[tuple[str, ...]] = ()
    others: ClassVar[tuple[str, ...]] = ()

    @property
    def label(self) -> str:
        """Return the check's name."""
        return labelled("row_count", **self.arguments)

    @property
    def arguments(self) -> dict[str, object]:
        """Return what decides what it finds."""
        return {"min": self.min, "max": self.max}

    def judge(self, rows: Rows, others: Mapping[str, Rows]) -> Finding:
        """Find whether the number of rows is allowed."""
        del others
        message = ""
        if self.min is not None and rows.num_rows < self.min:
            message = f"{rows.num_rows:,} rows, at least {self.min:,} expected"
        elif self.max is not None and rows.num_rows > self.max:
            message = f"{rows.num_rows:,} rows, at most {self.max:,} expected"
        return Finding(self.label, passed_by_itself=not message, message=message)
