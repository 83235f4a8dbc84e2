"""Owns telling of a rejection that a run remembered, and did not judge itself, what is on record: version and verdicts.

Knows nothing of why the run met it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from assetflow.execution.run import Run, RunItem
from assetflow.model.states import PlanState, RunState
from assetflow.model.verdicts import Verdict
from assetflow.operate.past import Past
from assetflow.operate.planning import Planned
from assetflow.operate.workspace import Workspace
from assetflow.planning.fingerprints import Seen, check_fingerprint_of, seen_of
from assetflow.planning.plan import source_judgement, upstream_keys
from assetflow.planning.renaming import keys_on_record
from assetflow.planning.resolve import Resolved
from assetflow.planning.staleness import Outcome, judge


def with_verdicts(workspace: Workspace, planned: Planned, run: Run) -> Run:
    """Return ``run`` in which every remembered rejection has its version, and the verdicts that did not pass."""
    remembered = {item.key for item in run if _is_remembered(item)}
    if not remembered:
        return run
    assets = {asset.key: asset for asset in planned.order if asset.key in remembered}
    past = Past(workspace, keys_on_record(assets.values())) if run.committed else planned.past
    made = {item.key: item.version for item in run if item.version is not None and not item.fails}
    items = (
        _told(item, assets[item.key], planned, past, made) if item.key in assets else item for item in run
    )
    return replace(run, items=tuple(items))


def _is_remembered(item: RunItem) -> bool:
    return item.state is RunState.REJECTED and not item.verdicts


def _told(item: RunItem, asset: Resolved, planned: Planned, past: Past, made: Mapping[str, str]) -> RunItem:
    """Judge once more, by what the run read: what it made of the inputs, though not published, else what is."""
    seen = dict(_seen_by(asset, made, past))
    outcome = _outcome(asset, {key: seen.get(key) for key in upstream_keys(asset)}, planned, past)
    if outcome is None or outcome.state is not PlanState.REJECTED or outcome.recorded is None:
        return item  # another run has published other inputs since
    recorded = outcome.recorded
    verdicts = tuple(_failing(asset, recorded.data_version, seen, past))
    return replace(item, version=recorded.version, rows=recorded.action.rows, verdicts=verdicts)


def _seen_by(asset: Resolved, made: Mapping[str, str], past: Past) -> Iterator[tuple[str, Seen]]:
    for key in upstream_keys(asset):
        recorded = past.version(key, made[key]) if key in made else past.published.get(key)
        if recorded is not None:
            yield key, seen_of(recorded.action)


def _outcome(
    asset: Resolved, seen: Mapping[str, Seen | None], planned: Planned, past: Past
) -> Outcome | None:
    if not asset.spec.is_observed:
        return judge(asset, seen, past).outcome
    observed = planned.data_versions[asset.key]
    return source_judgement(asset, observed, past).outcome if isinstance(observed, str) else None


def _failing(
    asset: Resolved, data_version: str, seen: Mapping[str, Seen | None], past: Past
) -> Iterator[Verdict]:
    for check in asset.checks:
        evaluated = past.verdict(asset.key, data_version, check_fingerprint_of(check, data_version, seen))
        for verdict in evaluated.verdicts if evaluated else ():
            if not verdict.passed:
                yield verdict
