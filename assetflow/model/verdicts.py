"""Owns what checks say: the verdicts of each evaluation of a check."""

from __future__ import annotations

from typing import Literal

from assetflow.model.actions import Action
from assetflow.model.manifest import Manifest, ManifestRef
from assetflow.model.record import Record

Severity = Literal["error", "warn"]


class Verdict(Record):
    """One judgement by one check. ``failing_rows`` is None where it does not count rows.

    ``cases``: an artifact with the first 1,000 failing rows or values.
    """

    name: str
    column: str | None = None
    severity: Severity
    passed: bool
    failing_rows: int | None = None
    message: str = ""
    cases: Manifest | ManifestRef | None = None

    @property
    def blocks(self) -> bool:
        """Whether it keeps a version from being published."""
        return not self.passed and self.severity == "error"


class CheckEvaluated(Action):
    """A check judged a data version. ``fingerprint`` is the hash of the check's code, arguments and all it read.

    ``arguments``: the hash of the arguments alone; "" where an older release did not record it.
    """

    type: Literal["check_evaluated"] = "check_evaluated"
    run: str
    asset: str
    partition: str = ""
    version: str
    data_version: str
    check: str
    fingerprint: str
    code_version: str
    arguments: str = ""
    reads: tuple[tuple[str, str], ...] = ()
    verdicts: tuple[Verdict, ...]
    started_at: str
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether none of its verdicts blocks."""
        return not any(verdict.blocks for verdict in self.verdicts)
