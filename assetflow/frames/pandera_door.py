"""Owns judging and coercing frames with pandera: the only module that imports pandera.

Every schema is run lazily, on eager frames (data checks pass a LazyFrame in silence), with validation on
whatever the process's settings say. Knows nothing of severity thresholds, nor of who keeps the verdicts.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from assetflow.errors import DataError
from assetflow.frames.pandera_schema import (
    as_schema,
    backend,
    coerces,
    columns_of,
    describe,
    is_schema,
    schema_name,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "SchemaFailure",
    "SchemaPass",
    "backend",
    "coerce",
    "coerces",
    "columns_of",
    "describe",
    "is_schema",
    "schema_name",
    "to_backend",
    "validate",
]

MOST_CASES = 1_000
MOST_NAME = 80
_ABSENT = frozenset({"WRONG_DATATYPE", "COLUMN_NOT_IN_DATAFRAME"})


@dataclass(frozen=True)
class SchemaPass:
    """A test of a schema that the data pass. ``column`` is None for one of the whole table."""

    name: str
    column: str | None
    severity: Literal["error", "warn"]


@dataclass(frozen=True)
class SchemaFailure:
    """A test of a schema that the data fail, or that raised (``errored``).

    ``failing_rows``: None where the test counts no rows. ``rows``: numbers of the first 1,000 failing
    rows, where pandera tells them. ``cases``: these rows whole, else the failing values alone.
    """

    name: str
    column: str | None
    failing_rows: int | None
    cases: pa.Table | None
    severity: Literal["error", "warn"]
    message: str
    errored: bool = False
    rows: tuple[int, ...] = ()


def validate(schema: Any, table: pa.Table) -> tuple[list[SchemaFailure], list[SchemaPass]]:
    """Judge a canonical table; return what fails and what passes, each pandera check by itself.

    A check that could not be made because its column is missing or of a wrong type is neither. Raises
    whatever pandera raises when the schema itself is wrong.
    """
    counting = _counting(as_schema(schema))
    errors = _errors_of(counting, to_backend(schema, table))
    unfit = {_column_of(error) for error in errors if error.reason_code.name in _ABSENT}
    failures = [
        _failure(error, table)
        for error in errors
        if not (error.reason_code.name == "CHECK_ERROR" and unfit and _column_of(error) in {None, *unfit})
    ]
    failed = [(failure.name, failure.column) for failure in failures]
    unjudged = unfit | {_column_of(error) for error in errors if error.reason_code.name == "CHECK_ERROR"}
    passed = [
        test
        for test, pattern in _tests(counting)
        if not any(_is_about(test, pattern, name, column) for name, column in failed)
        and not (_is_data_test(test) and test.column in unjudged)
    ]
    return failures, passed


def coerce(schema: Any, frame: Any, *, lazy: bool = False) -> Any:
    """Return a native frame as the schema makes it; raise DataError with all failures when it does not pass.

    ``lazy``: return a polars LazyFrame.
    """
    import pandera.errors

    eager = frame.collect() if type(frame).__name__ == "LazyFrame" else frame
    try:
        with _validation_on():
            made = as_schema(schema).validate(eager, lazy=True)
    except pandera.errors.SchemaErrors as error:
        found = error.schema_errors
        told = "; ".join(_told(one) for one in found[:5])
        more = f"; and {len(found) - 5} more" if len(found) > 5 else ""
        raise DataError(f"the data do not pass {schema_name(schema)}: {told}{more}") from error
    return made.lazy() if lazy else made


def to_backend(schema: Any, table: pa.Table) -> Any:
    """Return a canonical table as the frame that the schema judges."""
    library = backend(schema)
    if library == "pandas":
        from assetflow.frames.pandas_door import arrow_to_pandas

        return arrow_to_pandas(table)
    if library == "polars":
        from assetflow.frames.polars_door import arrow_to_polars

        return arrow_to_polars(table)
    return table


@contextmanager
def _validation_on() -> Iterator[None]:
    from pandera.config import ValidationDepth, config_context

    with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        yield


def _errors_of(schema: Any, frame: Any) -> Sequence[Any]:
    import pandera.errors

    try:
        with _validation_on():
            schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        return list(error.schema_errors)
    return []


def _counting(schema: Any) -> Any:
    """Return a copy whose checks all raise and count every case, and remember their own name and severity.

    A check with ``raise_warning`` only warns, through Python's warnings, which threads share and which
    tell no count.
    """
    twin = copy.copy(schema)
    twin.columns = {name: copy.copy(column) for name, column in schema.columns.items()}
    for part in (twin, *twin.columns.values()):
        part.checks = [copy.copy(check) for check in part.checks]
        taken: dict[str, int] = {}
        for check in part.checks:
            name = _name_of(check)
            taken[name] = taken.get(name, 0) + 1
            check.verdict_name = name if taken[name] == 1 else f"{name} [{taken[name]}]"
            check.verdict_severity = "warn" if check.raise_warning else "error"
            check.raise_warning = False
            check.n_failure_cases = None
    return twin


def _name_of(check: Any) -> str:
    if not check.statistics:
        return str(check.name)
    values = (
        sorted(value, key=str) if isinstance(value, set | frozenset) else value
        for value in check.statistics.values()
    )
    text = f"{check.name}({', '.join(str(value) for value in values)})"
    return text if len(text) <= MOST_NAME else f"{text[: MOST_NAME - 4]}...)"


def _told(error: Any) -> str:
    """Return one failure in a few words."""
    column = _column_of(error)
    where = f"{column}: " if column else ""
    count = _count(error.failure_cases)
    if hasattr(error.check, "statistics") and count is not None:
        return f"{where}{_name_of(error.check)} ({count:,} cases)"
    return where + _first_line(error)


def _column_of(error: Any) -> str | None:
    """Return the column that an error is about, None for the whole table."""
    if error.reason_code.name in ("COLUMN_NOT_IN_DATAFRAME", "COLUMN_NOT_IN_SCHEMA"):
        return str(error.failure_cases)
    return None if hasattr(error.schema, "columns") else error.schema.name


def _failure(error: Any, table: pa.Table) -> SchemaFailure:
    check = error.check
    rows = _failing_rows(error, table.num_rows)
    cases = _cases(error, table, rows)
    counted = len(rows) if rows is not None else _count(error.failure_cases)
    return SchemaFailure(
        name=getattr(check, "verdict_name", None) or str(check),
        column=_column_of(error),
        failing_rows=counted,
        cases=cases,
        severity=getattr(check, "verdict_severity", "error"),
        message=_message(error, counted, table.num_rows),
        errored=error.reason_code.name == "CHECK_ERROR",
        rows=tuple((rows or ())[:MOST_CASES]),
    )


def _message(error: Any, counted: int | None, total: int) -> str:
    if error.reason_code.name == "COLUMN_NOT_IN_SCHEMA":
        return f"column {error.failure_cases!r} is not in the schema"  # pandera prints the whole schema
    own = getattr(error.check, "error", None)
    if counted is None or error.reason_code.name == "CHECK_ERROR":
        return _first_line(error)
    what = own or getattr(error.check, "verdict_name", None) or _first_line(error).partition(":")[0]
    return f"{counted:,} of {total:,} rows: {what}"


def _first_line(error: Any) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


def _failing_rows(error: Any, total: int) -> list[int] | None:
    """Return the numbers of the failing rows where the library tells them (pandas, polars), else None."""
    found = error.failure_cases
    if type(found).__module__.partition(".")[0] == "pandas" and "index" in getattr(found, "columns", ()):
        return sorted({int(row) for row in found["index"] if row is not None})
    mask = error.check_output
    is_mask = type(mask).__module__.startswith("polars.") and "check_output" in getattr(mask, "columns", ())
    return list((~mask["check_output"]).arg_true()) if is_mask and len(mask) == total else None


def _cases(error: Any, table: pa.Table, rows: list[int] | None) -> pa.Table | None:
    if rows is not None:
        return table.take(rows[:MOST_CASES]) if rows else None
    found = error.failure_cases
    library = type(found).__module__.partition(".")[0]
    if not hasattr(found, "columns"):
        return None
    from assetflow.frames.pieces import whole_table
    from assetflow.hashing.tables import canonical_table

    if library == "polars":
        return whole_table(found.head(MOST_CASES))
    return canonical_table(found.slice(0, MOST_CASES)) if library == "pyarrow" else None


def _count(cases: Any) -> int | None:
    return len(cases) if hasattr(cases, "columns") else None


def _tests(schema: Any) -> Iterator[tuple[SchemaPass, str | None]]:
    """Yield every test that a schema makes; with the pattern of its column, where that is one."""
    for name, made in (
        ("column_in_schema", schema.strict is True),
        ("column_ordered", schema.ordered),
        ("multiple_fields_uniqueness", bool(schema.unique)),
    ):
        if made:
            yield SchemaPass(name, None, "error"), None
    for check in schema.checks:
        yield SchemaPass(check.verdict_name, None, check.verdict_severity), None
    for column in schema.columns.values():
        pattern = column.name if column.regex else None
        for name, made in (
            ("column_in_dataframe", column.required),
            (f"dtype('{column.dtype}')", column.dtype is not None),
            ("not_nullable", not column.nullable),
            ("field_uniqueness", column.unique),
        ):
            if made:
                yield SchemaPass(name, column.name, "error"), pattern
        for check in column.checks:
            yield SchemaPass(check.verdict_name, column.name, check.verdict_severity), pattern


def _is_about(test: SchemaPass, pattern: str | None, name: str, column: str | None) -> bool:
    if test.name != name:
        return False
    if test.column is None:
        return True
    if pattern is not None and column is not None:
        return re.fullmatch(pattern, column) is not None
    return test.column == column


def _is_data_test(test: SchemaPass) -> bool:
    return test.column is not None and test.name != "column_in_dataframe"
