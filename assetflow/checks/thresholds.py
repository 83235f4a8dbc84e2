"""Owns what a number of failing rows amounts to: nothing, a warning, or a failure that blocks.

The grammar and the order of judging are dbt's (https://docs.getdbt.com/reference/resource-configs/severity).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from assetflow.errors import UsageError
from assetflow.model.verdicts import Severity

_OPERATORS: dict[str, Callable[[int, int], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
_GRAMMAR = re.compile(r"\s*(>=|<=|!=|==|=|>|<)\s*([0-9][0-9_]*)\s*")


@dataclass(frozen=True)
class Threshold:
    """A comparison with a number of failing rows, such as ``>10``."""

    sign: str
    number: int

    def holds(self, failing_rows: int) -> bool:
        """Say whether ``failing_rows`` is in the range that this threshold names."""
        return _OPERATORS[self.sign](failing_rows, self.number)


ANY_ROW = Threshold("!=", 0)


def parse_threshold(text: object) -> Threshold:
    """Read ``">10"``, ``">= 3"``, ``"!=0"``; raise UsageError for anything else."""
    found = _GRAMMAR.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise UsageError(
            f"the threshold {text!r} is not a comparison with a number of failing rows",
            hint='write one of > >= < <= = != and a whole number: ">10", ">= 3", "!=0"',
        )
    return Threshold(found[1], int(found[2]))


def require_judgeable(severity: str, warn_if: str | None, error_if: str | None) -> None:
    """Raise UsageError where a severity or a threshold does not mean anything."""
    if severity not in ("error", "warn"):
        raise UsageError(f"the severity {severity!r} is unknown", hint='write "error" (it blocks) or "warn"')
    for text in (warn_if, error_if):
        if text is not None:
            parse_threshold(text)


def judge_count(
    failing_rows: int, severity: Severity, warn_if: str | None, error_if: str | None
) -> tuple[bool, Severity]:
    """Return whether so many failing rows pass, and the severity of the verdict.

    With severity "error", ``error_if`` is tested first (any row, where it is left out), then ``warn_if``.
    With severity "warn" only ``warn_if`` counts: it never blocks.
    """
    error = parse_threshold(error_if) if error_if is not None else ANY_ROW
    warning = parse_threshold(warn_if) if warn_if is not None else ANY_ROW
    if severity == "error" and error.holds(failing_rows):
        return False, "error"
    if warning.holds(failing_rows):
        return False, "warn"
    return True, severity
