"""Owns the use case of judging what is published: every check of the selected assets, remembered verdicts believed."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from assetflow.errors import CheckRaisedError
from assetflow.execution.capture import TaskLog, captured, routed
from assetflow.execution.committer import Bundle, Committer
from assetflow.execution.judging import Judge, Judgements
from assetflow.execution.meanwhile import Meanwhile
from assetflow.execution.run import RunItem, run_finished
from assetflow.execution.safekeeping import Safekeeping
from assetflow.lineage.selection import Selection
from assetflow.model.runs import Failed, RunStarted
from assetflow.model.states import RunState
from assetflow.model.verdicts import Verdict
from assetflow.model.versions import Materialized, SourceObserved
from assetflow.operate.how import new_run_id
from assetflow.operate.log import log_writer
from assetflow.operate.past import Past
from assetflow.operate.planning import selected
from assetflow.operate.workspace import Workspace
from assetflow.planning.layout import Layout
from assetflow.planning.resolve import Resolved


@dataclass(frozen=True)
class CheckRow:
    """One verdict on a published version. ``error``: of a check that raised, and so gave none."""

    asset: str
    version: str
    check: str
    column: str | None
    severity: str
    passed: bool
    failing_rows: int | None
    message: str
    error: str | None = None

    @property
    def outcome(self) -> str:
        """``passed``, ``warned``, ``failed`` or ``raised``."""
        if self.error is not None:
            return "raised"
        if self.passed:
            return "passed"
        return "failed" if self.severity == "error" else "warned"


@dataclass(frozen=True)
class CheckReport:
    """What the checks say of what is published. ``unpublished``: selected assets with checks but no version."""

    rows: tuple[CheckRow, ...]
    unpublished: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether no blocking check fails, and none raised."""
        return not self.failing

    @property
    def failing(self) -> frozenset[str]:
        """Assets of which a blocking check fails, or one raised."""
        return frozenset(row.asset for row in self.rows if row.outcome in ("failed", "raised"))

    @property
    def counts(self) -> dict[str, int]:
        """Number of verdicts by outcome."""
        return dict(Counter(row.outcome for row in self.rows))

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "passed": self.passed,
            "counts": self.counts,
            "rows": [{**asdict(row), "outcome": row.outcome} for row in self.rows],
            "unpublished": list(self.unpublished),
        }


def judge_published(
    workspace: Workspace,
    selection: str | Selection | None = None,
    exclude: str | Selection | None = None,
    *,
    again: bool = False,
) -> CheckReport:
    """Judge what the environment publishes; verdicts that are new go on record.

    Args:
        workspace: the project.
        selection: which assets; None for all.
        exclude: which not.
        again: run every check, whatever is remembered.
    """
    keys = selected(workspace, selection, exclude)
    order = [key for key in workspace.order if key in keys and workspace.specs[key].checks]
    resolved = workspace.resolver({}).resolve_all([workspace.specs[key] for key in order])
    past = Past(workspace, order)
    run = new_run_id()
    begun = perf_counter()
    committer = _committer(workspace, past, run, str(selection or ""))
    judge = Judge(workspace.loader, workspace.store.objects, past)
    layout = workspace.layout()
    published = [node for key in order for node in _published(resolved[key], layout, past)]
    past.expect(published)
    rows: list[CheckRow] = []
    with routed():
        for node in published:
            log = TaskLog()
            judged = _judge(node, past, judge, run, log, again=again)
            rows += _rows(node.name, past.published[node.name].version, judged)
            failed = _with_log(judged.failures, workspace, log)
            if judged.actions or failed:
                committer.add(Bundle((*judged.actions, *failed)))
    judged_keys = {node.key for node in published}
    report = CheckReport(tuple(rows), tuple(key for key in order if key not in judged_keys))
    items = [
        RunItem(node.key, RunState.CHECKED, fails=node.name in report.failing, partition=node.partition)
        for node in published
    ]
    finished = run_finished(run, items, perf_counter() - begun)
    committer.finish(lambda _lost: (finished,), always=False)
    return report


def _published(asset: Resolved, layout: Layout, past: Past) -> Iterator[Resolved]:
    """Yield the asset, or each partition of it, that the environment publishes."""
    if layout.is_partitioned(asset.key):
        standings = past.standings(asset.key)
        keys = layout.keys(asset.key)
        yield from (layout.placed(asset, place) for place, key in enumerate(keys) if key in standings)
    elif asset.key in past.published:
        yield layout.whole(asset)


def _judge(asset: Resolved, past: Past, judge: Judge, run: str, log: TaskLog, *, again: bool) -> Judgements:
    inputs: dict[str, Materialized | SourceObserved] = {}
    for check in asset.checks:
        for item in check.inputs:
            for name in item.names:
                published = past.published.get(name)
                if published is not None:
                    inputs[name] = published.action
    action = past.published[asset.name].action
    with captured(log):
        return judge.evaluate(asset, action, None, inputs, run, log, env=past.env, again=again)


def _with_log(failures: tuple[Failed, ...], workspace: Workspace, log: TaskLog) -> tuple[Failed, ...]:
    """Return the failures with what the asset's checks printed; without failures it is not kept."""
    if not failures:
        return ()
    kept = log.keep(workspace.store.objects)
    return tuple(failed.model_copy(update={"log": kept}) for failed in failures)


def _committer(workspace: Workspace, past: Past, run: str, selection: str) -> Committer:
    started = RunStarted(
        run=run,
        env=workspace.env,
        selection=selection,
        started_at=datetime.now(UTC).isoformat(),
        snapshot=past.head,
        command="check",
        python=platform.python_version(),
    )
    with workspace.ledger.session() as session:
        workspace.store.objects.forget(session.forgotten_objects())
    return Committer(
        log_writer(workspace, past.commit),
        started,
        Meanwhile(workspace.env, lambda _name: None, lambda _asset, _version: None, {}),
        Safekeeping(workspace.store.objects),
    )


def _rows(asset: str, version: str, judged: Judgements) -> list[CheckRow]:
    raised = zip(judged.failures, judged.errors, strict=True)
    return [
        *(_row(asset, version, verdict) for verdict in judged.verdicts),
        *(_raised(asset, version, failed, error) for failed, error in raised),
    ]


def _row(asset: str, version: str, verdict: Verdict) -> CheckRow:
    return CheckRow(
        asset,
        version,
        verdict.name,
        verdict.column,
        verdict.severity,
        verdict.passed,
        verdict.failing_rows,
        verdict.message,
    )


def _raised(asset: str, version: str, failed: Failed, error: CheckRaisedError) -> CheckRow:
    return CheckRow(
        asset,
        version,
        failed.check or "",
        None,
        "error",
        passed=False,
        failing_rows=None,
        message=error.message,
        error=error.message,
    )
