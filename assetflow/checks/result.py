"""Owns what a check function may return, and how that is read.

Knows nothing of the libraries that masks and frames come from: pandas, polars and DuckDB are met through
Arrow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetflow.checks.finding import Finding, finding_of_rows
from assetflow.checks.rows import MOST_CASES, Failing, Rows
from assetflow.errors import DataError, UsageError
from assetflow.frames.stream import TableStream

if TYPE_CHECKING:
    import pyarrow as pa

_MAY_RETURN = (
    "return a bool, a boolean mask with one value for each row (False fails), a frame of the failing rows, "
    "or af.CheckResult(passed=...)"
)


@dataclass(frozen=True)
class CheckResult:
    """What a check found, where a bool says too little.

    Args: passed: whether the data pass; where ``failing_rows`` is known and the check has ``warn_if`` or
        ``error_if``, these decide. failing_rows: how many rows fail in all; counted from ``cases`` where that
        is left out. cases: the failing rows (a frame, or a mask with False for each); the first 1,000 are
        kept. message: what to tell the reader.
    """

    passed: bool
    failing_rows: int | None = None
    cases: Any = None
    message: str = ""

    def __post_init__(self) -> None:
        if self.failing_rows is not None and self.failing_rows < 0:
            raise UsageError(
                f"CheckResult(failing_rows={self.failing_rows}): a number of rows is not negative"
            )


def finding_of(returned: object, rows: Rows | None, name: str) -> Finding:
    """Return the finding that a check function's answer stands for; raise DataError for what is none.

    ``rows``: the judged data, None where they are no table.
    """
    if isinstance(returned, CheckResult):
        return _finding_of_result(returned, rows, name)
    passed = _truth(returned)
    if passed is not None:
        return Finding(name, passed, message="" if passed else "returned False")
    if _is_mask(returned):
        return _finding_of_mask(returned, rows, name)
    return _finding_of_frame(returned, name)


def _finding_of_result(result: CheckResult, rows: Rows | None, name: str) -> Finding:
    passed = _truth(result.passed)
    if passed is None:
        raise DataError(f"CheckResult(passed=...) got {_kind(result.passed)}, not a bool")
    if result.cases is None:
        return Finding(name, passed, failing_rows=result.failing_rows, message=result.message)
    in_mask = _is_mask(result.cases)
    seen = _finding_of_mask(result.cases, rows, name) if in_mask else _finding_of_frame(result.cases, name)
    count = seen.failing_rows if result.failing_rows is None else result.failing_rows
    return Finding(name, passed, None, count, result.message or seen.message, seen.cases)


def _truth(returned: object) -> bool | None:
    """Return the bool that this is (Python's, numpy's, Arrow's), or None where it is something else."""
    if isinstance(returned, bool):
        return returned
    type_ = type(returned)
    if type_.__module__ == "numpy" and type_.__name__ in ("bool", "bool_"):
        return bool(returned)
    if type_.__module__ == "pyarrow.lib" and type_.__name__ == "BooleanScalar":
        return returned.as_py()  # type: ignore[attr-defined, no-any-return]  # pyarrow is not imported for a bool
    return None


def _is_mask(returned: object) -> bool:
    """Say whether this is one column (a series, an array), rather than a frame of them."""
    return hasattr(returned, "dtype") or type(returned).__name__ in ("ChunkedArray", "BooleanArray")


def _finding_of_mask(mask: Any, rows: Rows | None, name: str) -> Finding:
    import pyarrow as pa
    import pyarrow.compute as pc

    # a pandas mask belongs to rows by its index
    in_order = mask.sort_index() if hasattr(mask, "sort_index") else mask
    try:
        column = pa.chunked_array(in_order) if hasattr(in_order, "__arrow_c_stream__") else pa.array(in_order)
    except (TypeError, ValueError, NotImplementedError) as error:
        raise DataError(f"returned {_kind(mask)}, which is no mask", hint=_MAY_RETURN) from error
    if not pa.types.is_boolean(column.type):
        raise DataError(f"returned {_kind(mask)} of {column.type}, not of booleans", hint=_MAY_RETURN)
    if rows is None:
        raise DataError(f"returned {_kind(mask)} as a mask, but the data are no table", hint="return a bool")
    if len(column) != rows.num_rows:
        message = f"returned a mask of {len(column):,} values for {rows.num_rows:,} rows"
        raise DataError(message, hint=_MAY_RETURN)
    failing = Failing().and_rows(pc.indices_nonzero(pc.invert(column)))
    return finding_of_rows(name, None, rows, failing)


def _finding_of_frame(frame: object, name: str) -> Finding:
    from assetflow.frames.forms import ANY
    from assetflow.frames.intake import take

    if getattr(frame, "shape", (1,))[0] == 0:  # a frame without rows may well have columns without types
        return Finding(name, passed_by_itself=True, failing_rows=0)
    try:
        content = take(frame, form=ANY, asset=name)
        if content.kind != "table":
            raise DataError("it says nothing of rows")
        count, first = _counted(content.data)
    except DataError as error:
        raise DataError(f"returned {_kind(frame)}: {error.message}", hint=_MAY_RETURN) from error
    if not count:
        return Finding(name, passed_by_itself=True, failing_rows=0)
    message = "1 failing row" if count == 1 else f"{count:,} failing rows"
    return Finding(name, False, None, count, message, first)


def _counted(failing: pa.Table | TableStream) -> tuple[int, pa.Table]:
    """Return how many rows there are, and the first ``MOST_CASES`` of them."""
    import pyarrow as pa

    count, first = 0, [failing.schema.empty_table()]
    for piece in failing if isinstance(failing, TableStream) else [failing]:
        if count < MOST_CASES:
            first.append(piece.slice(0, MOST_CASES - count))
        count += len(piece)
    return count, pa.concat_tables(first)


def _kind(value: object) -> str:
    if value is None:
        return "None"
    type_ = type(value)
    module = type_.__module__.partition(".")[0]
    name = type_.__qualname__ if module == "builtins" else f"{module}.{type_.__qualname__}"
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
