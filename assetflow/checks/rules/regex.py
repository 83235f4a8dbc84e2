"""Owns the rule that text matches a pattern."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assetflow.checks.finding import Finding, finding_of_rows, unfit
from assetflow.checks.rows import Rows, failing_where
from assetflow.checks.rules.rule import labelled
from assetflow.errors import DataError


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

    def judge(self, rows: Rows, others: Mapping[str, Rows]) -> Finding:
        """Find the rows whose text does not match; raise DataError for a pattern that RE2 has not."""
        import pyarrow as pa
        import pyarrow.compute as pc

        del others
        type_ = rows.schema.field(self.column).type
        if not pa.types.is_string(type_):
            return unfit(self.label, self.column, f"column {self.column} is {type_}, not text")
        pattern = rf"\A(?:{self.pattern})\z" if self.full else self.pattern
        try:
            failing = failing_where(
                rows,
                self.columns,
                lambda piece: pc.invert(pc.match_substring_regex(piece[self.column], pattern)),
            )
        except pa.ArrowInvalid as error:
            raise DataError(
                f"the pattern {self.pattern!r} is not in RE2's dialect: {error}",
                hint="lookaround and backreferences need a check of your own (@af.check)",
            ) from error
        what = f"{self.column} does not match {self.pattern}"
        return finding_of_rows(self.label, self.column, rows, failing, what)
