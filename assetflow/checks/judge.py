"""Owns judging: one check and the data it reads become verdicts.

Knows nothing of where the data come from, nor of who keeps the verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetflow.checks.finding import Finding, numbered_rows
from assetflow.checks.result import finding_of
from assetflow.checks.rows import Rows, rows_of
from assetflow.checks.thresholds import judge_count
from assetflow.errors import AssetflowError, CheckRaisedError, DataError
from assetflow.frames.parted import PartedTable
from assetflow.model.manifest import Manifest, ManifestRef
from assetflow.model.spec import CheckSpec
from assetflow.model.text import MOST_SAID, said, shortened, sound
from assetflow.model.verdicts import Severity, Verdict

if TYPE_CHECKING:
    import pyarrow as pa

    from assetflow.frames.content import Content


@dataclass(frozen=True)
class Judged:
    """A verdict whose failing rows are still a table; otherwise as ``model.verdicts.Verdict``."""

    name: str
    column: str | None
    severity: Severity
    passed: bool
    failing_rows: int | None
    message: str
    cases: pa.Table | None

    @property
    def blocks(self) -> bool:
        """Whether it keeps a version from being published."""
        return not self.passed and self.severity == "error"

    def verdict(self, cases: Manifest | ManifestRef | None) -> Verdict:
        """Return the verdict as it is recorded, with ``cases`` as they were stored."""
        return Verdict(
            name=sound(self.name),
            column=None if self.column is None else sound(self.column),
            severity=self.severity,
            passed=self.passed,
            failing_rows=self.failing_rows,
            message=sound(shortened(self.message, MOST_SAID)),
            cases=cases,
        )


def evaluate(
    check: CheckSpec,
    content: Content,
    others: Mapping[str, Content],
    arguments: Callable[[], Mapping[str, Any]],
) -> tuple[Judged, ...]:
    """Judge ``content`` with ``check``; a pandera schema gives one verdict for each of its checks.

    ``others``: by key, the other assets that a built-in check reads. ``arguments``: gives the keyword
    arguments of the user's function, and is asked only where there is one. Raises CheckRaisedError when the
    check cannot be handed what it reads, raises, or answers what no check may: then there is no verdict.
    """
    try:
        if check.function is not None:
            findings = [finding_of(check.function(**arguments()), _rows_or_none(content), check.name)]
        elif check.builtin is not None:
            tables = {key: _table(other, key) for key, other in others.items()}
            findings = [check.builtin.judge(_table(content, check.asset), tables)]
        else:
            findings = _findings_of_schema(check.schema, _whole(_table(content, check.asset)))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a user's function, and a schema's, may raise anything: even a panic
        raise check_raised(check, error) from error
    return tuple(_judged(finding, check) for finding in findings)


def check_raised(check: CheckSpec, error: BaseException) -> CheckRaisedError:
    """Return the error that says that ``check`` gave no verdict, because of ``error``."""
    raised = "" if isinstance(error, AssetflowError) else f"raised {type(error).__name__}: "
    return CheckRaisedError(
        f"check {check.name} of {check.asset} gave no verdict: {raised}{said(error)}", original=error
    )


def arguments_of(check: CheckSpec) -> dict[str, object] | None:
    """Return all that decides what a built-in check finds, as plain values; None for others.

    Code decides what the others find. Severity and thresholds are not among it.
    """
    return check.builtin.arguments if check.builtin is not None else None


def _findings_of_schema(schema: Any, table: pa.Table) -> list[Finding]:
    """Return one finding for each check of a pandera schema; raise DataError where one of them raised."""
    from assetflow.frames.pandera_door import validate

    failures, passes = validate(schema, table)
    for failure in failures:
        if failure.errored:
            raise DataError(f"{failure.name} on {failure.column or 'the table'} raised: {failure.message}")
    failed = [
        Finding(
            name=failure.name,
            passed_by_itself=False,
            column=failure.column,
            failing_rows=failure.failing_rows,
            message=failure.message,
            cases=numbered_rows(rows_of(table), failure.rows) if failure.rows else failure.cases,
            severity="warn" if failure.severity == "warn" else None,
        )
        for failure in failures
    ]
    passed = [
        Finding(test.name, True, test.column, severity="warn" if test.severity == "warn" else None)
        for test in passes
    ]
    return failed + passed


def _judged(finding: Finding, check: CheckSpec) -> Judged:
    severity = check.severity if finding.severity is None else finding.severity
    passed = finding.passed_by_itself
    if finding.failing_rows is not None and (check.warn_if is not None or check.error_if is not None):
        passed, severity = judge_count(finding.failing_rows, severity, check.warn_if, check.error_if)
    return Judged(
        name=finding.name,
        column=finding.column,
        severity=severity,
        passed=passed,
        failing_rows=finding.failing_rows,
        message=finding.message,
        cases=finding.cases,
    )


def _table(content: Content, key: str) -> pa.Table | PartedTable:
    if content.kind != "table":
        raise DataError(
            f"{key} is no table, but a {content.kind}",
            hint="judge it with a function of your own (@af.check)",
        )
    return content.data


def _whole(table: pa.Table | PartedTable) -> pa.Table:
    return table.read() if isinstance(table, PartedTable) else table


def _rows_or_none(content: Content) -> Rows | None:
    return rows_of(content.data) if content.kind == "table" else None
