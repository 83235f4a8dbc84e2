"""Owns the built-in checks, as users write them: ``af.not_null("day")``, ``af.range("amount", min=0)``.

Each takes ``severity``, ``warn_if`` and ``error_if`` (``checks.thresholds``); the thresholds judge the number
of failing rows, so they say nothing where a whole table fails: ``row_count``, ``schema``, a column that is
missing. Nulls are as in SQL: only ``not_null`` minds them.

No Arrow is imported until a table is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from assetflow.checks.finding import Finding, unfit
from assetflow.checks.rows import rows_of
from assetflow.checks.rules.accepted_values import AcceptedValues
from assetflow.checks.rules.not_null import NotNull
from assetflow.checks.rules.range import Inclusive, Range
from assetflow.checks.rules.regex import Regex
from assetflow.checks.rules.relationships import Relationships
from assetflow.checks.rules.row_count import RowCount
from assetflow.checks.rules.rule import Rule
from assetflow.checks.rules.schema import Schema, type_text_of
from assetflow.checks.rules.unique import Unique
from assetflow.checks.thresholds import require_judgeable
from assetflow.errors import UsageError
from assetflow.keys import did_you_mean
from assetflow.model.verdicts import Severity

if TYPE_CHECKING:
    import pyarrow as pa

    from assetflow.frames.parted import PartedTable


class Judging(TypedDict, total=False):
    """How grave failing rows are: ``severity`` "error" (blocks) or "warn"; thresholds such as ``">100"``."""

    severity: Severity
    warn_if: str | None
    error_if: str | None


@dataclass(frozen=True)
class Builtin:
    """A built-in check: a rule, and how its failing rows are judged."""

    rule: Rule
    severity: Severity = "error"
    warn_if: str | None = None
    error_if: str | None = None

    def __post_init__(self) -> None:
        require_judgeable(self.severity, self.warn_if, self.error_if)

    @property
    def name(self) -> str:
        """The check's name: its kind and its arguments."""
        return self.rule.label

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the judged table without which it fails."""
        return self.rule.columns

    @property
    def others(self) -> tuple[str, ...]:
        """Keys of the other assets that it reads."""
        return self.rule.others

    @property
    def arguments(self) -> dict[str, object]:
        """All that decides what it finds in given data, as plain values."""
        return {"rule": type(self.rule).__name__, "definition": 1, **self.rule.arguments}

    def judge(self, table: pa.Table | PartedTable, others: Mapping[str, pa.Table | PartedTable]) -> Finding:
        """Return what it finds in ``table``; ``others`` by key. A missing column is a failing finding.

        A table in parts is gone through part by part, and finds what the whole would.
        """
        missing = [name for name in self.columns if name not in table.column_names]
        if not missing:
            return self.rule.judge(rows_of(table), {key: rows_of(other) for key, other in others.items()})
        near = did_you_mean(missing[0], table.column_names)
        message = f"no column {missing[0]!r}" + (f": {near}" if near else "")
        return unfit(self.name, missing[0], message)


def not_null(*columns: str, **judging: Unpack[Judging]) -> Builtin:
    """Fail the rows in which any of ``columns`` is null. NaN is no null, but pandas' NaN comes in as null."""
    return Builtin(NotNull(_names("not_null", columns)), **judging)


def unique(*columns: str, **judging: Unpack[Judging]) -> Builtin:
    """Fail every row whose values in ``columns``, taken together, another row has too.

    A row with a null in one of them passes; NaN equals NaN.
    """
    return Builtin(Unique(_names("unique", columns)), **judging)


def accepted_values(column: str, values: Iterable[Any], **judging: Unpack[Judging]) -> Builtin:
    """Fail the rows in which ``column`` is none of ``values``; null passes, NaN only where it is listed."""
    if isinstance(values, str | bytes):
        raise UsageError(
            f"accepted_values({column!r}, {values!r}): values must be a list", hint=f"write [{values!r}]"
        )
    known = sorted(values, key=repr) if isinstance(values, set | frozenset) else values
    accepted = tuple(value for value in known if value is not None)
    if not accepted:
        raise UsageError(f"accepted_values({column!r}): no values are listed")
    return Builtin(AcceptedValues(_name("accepted_values", column), accepted), **judging)


def row_count(*, min: int | None = None, max: int | None = None, **judging: Unpack[Judging]) -> Builtin:  # noqa: A002 - reads best at the call
    """Fail a table that has fewer than ``min`` rows or more than ``max``."""
    _require_bounds("row_count", min, max)
    return Builtin(RowCount(min, max), **judging)


def range(  # noqa: A001 - users write af.range
    column: str,
    *,
    min: Any = None,  # noqa: A002 - reads best at the call
    max: Any = None,  # noqa: A002 - reads best at the call
    inclusive: Inclusive = "both",
    **judging: Unpack[Judging],
) -> Builtin:
    """Fail the rows in which ``column`` lies below ``min`` or above ``max``; null passes, NaN fails.

    For numbers, decimals, dates, times (also as ISO 8601 text) and text. ``inclusive``: which bounds are
    allowed themselves: "both", "neither", "left" (``min``), "right" (``max``).
    """
    _require_bounds(f"range({column!r})", min, max)
    if inclusive not in ("both", "neither", "left", "right"):
        raise UsageError(
            f"range({column!r}): inclusive={inclusive!r}", hint="write both, neither, left or right"
        )
    return Builtin(Range(_name("range", column), min, max, inclusive), **judging)


def regex(column: str, pattern: str, *, full: bool = True, **judging: Unpack[Judging]) -> Builtin:
    """Fail the rows in which the text of ``column`` does not match ``pattern``; null passes.

    ``full``: the whole text must match; else a match anywhere in it will do. The dialect is RE2's.
    """
    try:
        re.compile(pattern)
    except re.error as error:
        raise UsageError(f"regex({column!r}): the pattern {pattern!r} does not parse: {error}") from error
    return Builtin(Regex(_name("regex", column), pattern, full), **judging)


def schema(types: Mapping[str, Any], *, additive: bool = True, **judging: Unpack[Judging]) -> Builtin:
    """Fail a table in which a column is missing or of another type; more columns are fine where ``additive``.

    ``types``: by column, a pyarrow type or its text (``"int64"``, ``"timestamp[us, tz=UTC]"``, ``"decimal(10,
    2)"``). Types that assetflow stores alike are alike here: string and large_string, a dictionary and its
    values.
    """
    return Builtin(
        Schema(tuple((name, type_text_of(kind)) for name, kind in types.items()), additive), **judging
    )


def relationships(
    column: str, to: Any, column_there: str | None = None, **judging: Unpack[Judging]
) -> Builtin:
    """Fail the rows whose ``column`` is no value of ``column_there`` in the asset ``to``; null passes.

    ``to``: an asset, or its key. ``column_there``: the same name, where it is left out.
    """
    key = to if isinstance(to, str) else getattr(to, "key", None)
    if not isinstance(key, str):
        raise UsageError(f"relationships({column!r}, to={to!r}): no asset", hint="give an asset, or its key")
    there = column if column_there is None else _name("relationships", column_there)
    return Builtin(Relationships(_name("relationships", column), key, there), **judging)


def _names(kind: str, columns: tuple[object, ...]) -> tuple[str, ...]:
    if not columns:
        raise UsageError(f"{kind}() names no column", hint=f'write {kind}("day")')
    names = tuple(_name(kind, column) for column in columns)
    if len(set(names)) < len(names):
        raise UsageError(f"{kind}({', '.join(map(repr, names))}) names a column twice", hint="name it once")
    return names


def _name(kind: str, column: object) -> str:
    if not isinstance(column, str):
        raise UsageError(f"{kind}: {column!r} is not the name of a column")
    return column


def _require_bounds(what: str, least: Any, most: Any) -> None:
    if least is None and most is None:
        raise UsageError(f"{what} has neither min nor max, so it would pass whatever comes")
    if any(bound != bound for bound in (least, most)):  # noqa: PLR0124 - only NaN differs from itself
        raise UsageError(f"{what}: NaN bounds nothing")
    if least is not None and most is not None and type(least) is type(most) and least > most:
        raise UsageError(f"{what}: min={least} is greater than max={most}")
