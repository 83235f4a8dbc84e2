"""Owns gathering what a person must see of what went wrong in a run: whose code, which rows, what it stops.

Asks the facade; shows nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetflow.cli.views.cells import Cells, cells_of
from assetflow.errors import AssetflowError, CheckRaisedError
from assetflow.settings.import_failure import own_frames

if TYPE_CHECKING:
    from assetflow.execution.run import Run, RunItem
    from assetflow.model.runs import Failed
    from assetflow.model.verdicts import Verdict
    from assetflow.project import Project

SHOWN_ROWS = 5
_CAUSES = ("failed", "rejected", "superseded")


@dataclass(frozen=True)
class Evidence:
    """A verdict that did not pass, and the first of its failing rows."""

    verdict: Verdict
    rows: Cells | None


@dataclass(frozen=True)
class Trouble:
    """One asset that failed, was rejected or superseded.

    ``frames``: the user's own, of what was raised. ``inputs``: the versions that it was made from, by key.
    ``below``: what was skipped for it, a key for each partition.
    ``published``: the version that readers keep. ``attempts``: calls that failed.
    """

    item: RunItem
    hint: str | None = None
    frames: tuple[tuple[str, str, str], ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    below: tuple[str, ...] = ()
    published: str | None = None
    attempts: int = 0


def troubles_of(project: Project, run: Run, in_full: int) -> list[Trouble]:
    """Return what went wrong in ``run``, causes before effects, parents first; all about the first ``in_full``."""
    causes = [item for item in run if item.state.value in _CAUSES]
    failures = _failures_of(project, run) if causes and run.committed else {}
    below = {key: _skipped_below(project, run, key) for key in {item.key for item in causes}}
    return [
        *(_trouble(project, item, failures.get(item.name), below[item.key]) for item in causes[:in_full]),
        *(Trouble(item, below=below[item.key]) for item in causes[in_full:]),
    ]


def evidence_of(project: Project, verdicts: Sequence[Verdict]) -> tuple[Evidence, ...]:
    """Return the verdicts that did not pass, blocking ones first, with their first failing rows.

    What a check found in the same rows before it was changed comes without these rows.
    """
    bad = sorted(
        (verdict for verdict in verdicts if not verdict.passed), key=lambda verdict: not verdict.blocks
    )
    shown: list[Verdict] = []
    evidence = []
    for verdict in bad:
        rows_are_shown = any(_finds_the_same(verdict, other) for other in shown)
        evidence.append(Evidence(verdict, None if rows_are_shown else _rows(project, verdict)))
        shown.append(verdict)
    return tuple(evidence)


def _finds_the_same(one: Verdict, other: Verdict) -> bool:
    return (one.name, one.column, one.cases) == (other.name, other.column, other.cases)


def _trouble(project: Project, item: RunItem, failed: Failed | None, below: tuple[str, ...]) -> Trouble:
    error = item.error.original if isinstance(item.error, CheckRaisedError) else item.error
    return Trouble(
        item=item,
        hint=error.hint if isinstance(error, AssetflowError) else None,
        frames=tuple(own_frames(error, project.root)) if error is not None else (),
        inputs=failed.inputs if failed is not None else (),
        attempts=len(failed.attempts) if failed is not None else 0,
        evidence=evidence_of(project, item.verdicts),
        below=below,
        published=_published(project, item),
    )


def _rows(project: Project, verdict: Verdict) -> Cells | None:
    try:
        table = project.failing_rows(verdict)
    except AssetflowError:  # erased or damaged: the verdict stands all the same
        return None
    return None if table is None else cells_of(table, SHOWN_ROWS)


def _failures_of(project: Project, run: Run) -> dict[str, Failed]:
    return {failure.action.name: failure.action for failure in project.run(run.id).failures}


def _skipped_below(project: Project, run: Run, key: str) -> tuple[str, ...]:
    skipped = [item.key for item in run if item.state.value == "skipped" for _ in range(item.count)]
    if not skipped:
        return ()
    lineage = project.lineage(key)
    below: set[str] = set()
    reached = [key]
    while reached:
        found = [child for child in lineage.children(reached.pop()) if child not in below]
        below.update(found)
        reached += found
    return tuple(name for name in skipped if name in below)


def _published(project: Project, item: RunItem) -> str | None:
    try:
        return project.current(item.key, partition=item.partition).version
    except AssetflowError:
        return None
