"""Owns the rule that text matches a pattern."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from assetflow.checks.finding import Finding, finding_of_rows, row_numbers, unfit
from assetflow.checks.rules.rule import labelled
from assetflow.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Regex:
    r"""A row fails when its text does not match ``pattern``: as a whole when ``full``, else anywhere in it.

    The dialect is RE2's (https://github.com/google/re2/wiki/Syntax): linear in time, without lookaround and
    backreferences; ``\d``, ``\w`` and ``\s`` are ASCII.
    """

    column: str
    pattern: str
    full: bool
    others: ClassVar[tuple[str, ...]] = ()

    @property
    def label(self) -> str:
        """Return the check's name."""
        return labelled("regex", self.column, self.pattern, full=None if self.full else False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the column that it judges."""
        return (self.column,)

    @property
    def arguments(self) -> dict[str, object]:
        """Return what decides what it finds."""
        return {"column": self.column, "pattern": self.pattern, "full": self.full}

    def judge(self, table: pa.Table, others: Mapping[str, pa.Table]) -> Finding:
        """Find the rows whose text does not match; raise DataError for a pattern that RE2 has not."""
        import pyarrow as pa
        import pyarrow.compute as pc

        del others
        cells = table[self.column]
        if not pa.types.is_string(cells.type):
            return unfit(self.label, self.column, f"column {self.column} is {cells.type}, not text")
        pattern = rf"\A(?:{self.pattern})\z" if self.full else self.pattern
        try:
            matches = pc.match_substring_regex(cells, pattern)
        except pa.ArrowInvalid as error:
            raise DataError(
                f"the pattern {self.pattern!r} is not in RE2's dialect: {error}",
                hint="lookaround and backreferences need a check of your own (@af.check)",
            ) from error
        what = f"{self.column} does not match {self.pattern}"
        return finding_of_rows(self.label, self.column, table, row_numbers(pc.invert(matches)), what)
