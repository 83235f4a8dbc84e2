"""Owns what becomes of each asset of a run: what it comes to without work, what work it needs, what its work came to.

Asks ``planning`` about staleness, now that the versions of the inputs are known. Knows nothing of when work is done,
or of how what becomes of an asset gets into the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assetflow.errors import SourceError
from assetflow.execution.committer import Bundle
from assetflow.execution.job import Job, RunOptions
from assetflow.execution.outcomes import Outcome, Outcomes
from assetflow.execution.run import BAD, RunItem
from assetflow.execution.task import TaskResult
from assetflow.model.runs import Skipped
from assetflow.model.states import PlanState, RunState
from assetflow.model.versions import Version
from assetflow.planning.fingerprints import Seen, seen_of
from assetflow.planning.plan import (
    Blocked,
    View,
    held_at,
    held_without_version,
    missing_input,
    readable,
    source_judgement,
)
from assetflow.planning.resolve import Resolved
from assetflow.planning.staleness import Judgement, judge
from assetflow.planning.world import World

_STANDING = (PlanState.FRESH, PlanState.REJECTED, PlanState.HELD)
"""States of what is neither made nor moved."""


class Decisions:
    """What becomes of the assets of one run.

    Args:
        assets: the assets by key.
        reads: what each of them reads, whether or not the run makes it.
        world: what is on record.
        observed: data versions of the sources among them, or why they could not be observed.
        outcomes: what became of the assets so far.
        options: how the run is carried out.
    """

    def __init__(
        self,
        assets: Mapping[str, Resolved],
        reads: Mapping[str, Sequence[str]],
        world: World,
        observed: Mapping[str, str | SourceError],
        outcomes: Outcomes,
        options: RunOptions,
    ) -> None:
        self._assets = assets
        self._reads = reads
        self._world = world
        self._observed = observed
        self._outcomes = outcomes
        self._options = options

    def decide(self, key: str) -> Outcome | Judgement:
        """Return what an asset comes to, or, where that takes work, the judgement that says so."""
        asset = self._assets[key]
        if asset.spec.is_observed:
            return self._decide_source(asset)
        kept = held_at(asset, self._world)
        if kept is not None:
            return self._held(key, kept)
        views = {name: readable(asset, name, self._view(name), self._world) for name in self._reads[key]}
        missing = missing_input(asset, {name: views[name] for name in asset.spec.upstream})
        if missing is not None:
            return self.skipped(key, missing.reasons[0], fails=missing.fails)
        seen = {name: view for name, view in views.items() if isinstance(view, Seen) or view is None}
        return self._follow(asset, judge(asset, seen, self._world, forced=key in self._options.forced))

    def done(self, job: Job, result: TaskResult) -> Outcome:
        """Return what an asset came to whose work is done."""
        good = result.state in (RunState.BUILT, RunState.CHECKED)
        bundle = Bundle(result.actions, (result.version,) if good and result.version is not None else ())
        item = RunItem(
            key=job.asset.key,
            state=result.state,
            version=result.version.version if result.version else None,
            seconds=result.seconds,
            rows=result.rows,
            error=result.error,
            message=result.message,
            reasons=job.judgement.outcome.reasons,
            log=result.log,
            fails=not good,
            verdicts=result.verdicts,
        )
        if good:
            return settled(item, result.version, bundle)
        word = "is rejected" if result.state is RunState.REJECTED else "failed"
        return self._failed(item, result.version, f"{item.key} {word}", bundle)

    def skipped(self, key: str, reason: str, *, fails: bool, because: str | None = None) -> Outcome:
        """Return the outcome of an asset that is not tried."""
        bad = (name for name in self._reads[key] if name in self._outcomes and self._is_bad(name))
        item = RunItem(key, RunState.SKIPPED, message=reason, fails=fails)
        skipped = Skipped(run=self._options.run, asset=key, reason=reason, because=because or next(bad, None))
        return Outcome(item, Blocked(f"{key} is skipped", fails=fails), skipped=skipped)

    def version(self, key: str) -> Version | None:
        """Return the version of an asset that is read: this run's, else what was published before."""
        outcome = self._outcomes.get(key)
        if outcome is not None and outcome.version is not None:
            return outcome.version
        published = self._world.published.get(key)
        return published.action if published else None

    def inputs(self, key: str) -> dict[str, Version | None]:
        """Return the version of each asset that an asset reads."""
        return {name: self.version(name) for name in self._reads[key]}

    def _decide_source(self, asset: Resolved) -> Outcome | Judgement:
        observed = self._observed[asset.key]
        if isinstance(observed, SourceError):
            item = RunItem(asset.key, RunState.FAILED, error=observed, message=observed.message, fails=True)
            return Outcome(item, Blocked(f"{asset.key} failed"))
        forced = asset.key in self._options.forced
        return self._follow(asset, source_judgement(asset, observed, self._world, forced=forced))

    def _follow(self, asset: Resolved, judgement: Judgement) -> Outcome | Judgement:
        """Return what a judgement comes to, or itself where it takes work."""
        state, recorded, reasons = (
            judgement.outcome.state,
            judgement.outcome.recorded,
            judgement.outcome.reasons,
        )
        above = [self._outcomes[name] for name in asset.spec.upstream if name in self._outcomes]
        tainted = next((one.tainted for one in above if one.tainted), None)
        if tainted is not None and state not in _STANDING:
            return self.skipped(asset.key, tainted, fails=True)
        if state is PlanState.FRESH:
            assert recorded is not None
            return settled(RunItem(asset.key, RunState.FRESH, rows=recorded.action.rows), recorded.action)
        if state is PlanState.REJECTED:
            assert recorded is not None
            item = RunItem(asset.key, RunState.REJECTED, message=reasons[0], fails=True)
            return self._failed(item, recorded.action, f"{asset.key} is rejected")
        if state is PlanState.HELD:
            return self._held(asset.key, reasons[0])
        return self._reused(asset, judgement) if state is PlanState.REUSE else judgement

    def _held(self, key: str, reason: str) -> Outcome:
        """Leave an asset as it is published; those below read that."""
        published = self._world.published.get(key)
        item = RunItem(key, RunState.HELD, message=reason, rows=published.rows if published else None)
        if published is None:
            return Outcome(item, held_without_version(key))
        return settled(item, published.action)

    def _reused(self, asset: Resolved, judgement: Judgement) -> Outcome:
        """Publish what is on record; what is taken over from a former key goes on record with it."""
        version = judgement.version(self._options.run, self._options.tree)
        is_new = version.run == self._options.run
        reasons = judgement.outcome.reasons
        message = reasons[0] if is_new else ""
        item = RunItem(asset.key, RunState.REUSED, rows=version.rows, message=message, reasons=reasons)
        return settled(item, version, Bundle((version,) if is_new else (), (version,)))

    def _failed(
        self, item: RunItem, version: Version | None, reason: str, bundle: Bundle | None = None
    ) -> Outcome:
        """Say what is not good; a version that was published before stays for what is fresh below."""
        published = self._world.published.get(item.key)
        if version is not None and published is not None and published.version == version.version:
            return settled(item, version, bundle, tainted=reason)
        return Outcome(item, Blocked(reason), bundle=bundle)

    def _is_bad(self, key: str) -> bool:
        return self._outcomes[key].item.state in BAD

    def _view(self, key: str) -> View:
        if key in self._assets:
            return self._outcomes[key].view
        published = self._world.published.get(key)
        return seen_of(published.action) if published else None


def settled(
    item: RunItem, version: Version | None, bundle: Bundle | None = None, *, tainted: str = ""
) -> Outcome:
    """Return the outcome of an asset that those below can read at ``version``."""
    if version is None:
        return Outcome(item, None, None, bundle, tainted=tainted)
    return Outcome(replace(item, version=version.version), seen_of(version), version, bundle, tainted=tainted)
