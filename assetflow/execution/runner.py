"""Owns walking a plan: what is ready goes to the executor; what is done is told, committed and handed on.

Decides nothing about staleness itself: each asset is judged by ``planning`` once its inputs' versions are known.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from assetflow.errors import SourceError
from assetflow.execution.committer import FREE, Bundle, Committer
from assetflow.execution.events import ItemDone, Listener, TaskBegan
from assetflow.execution.interruption import held_back
from assetflow.execution.queue import Queue
from assetflow.execution.run import BAD, Run, RunItem
from assetflow.execution.task import TaskResult
from assetflow.model.actions import Action, EffectStarted, RunFinished, Skipped, Version
from assetflow.model.states import PlanState, RunState, RunStatus
from assetflow.planning.fingerprints import Seen, seen_of
from assetflow.planning.plan import (
    Blocked,
    Plan,
    View,
    missing_input,
    readable,
    source_judgement,
    upstream_keys,
)
from assetflow.planning.resolve import Resolved
from assetflow.planning.staleness import Judgement, judge
from assetflow.planning.world import World

GRACE_SECONDS = 10.0
POLL_SECONDS = 0.1  # how soon an interrupt is seen
EFFECT_POLL_SECONDS = 0.5  # how often another run's effect is looked at


@dataclass(frozen=True)
class Job:
    """Work for the executor: what is to be done, and for which asset."""

    asset: Resolved
    judgement: Judgement
    inputs: Mapping[str, Version | None]


@dataclass(frozen=True)
class RunOptions:
    """How a run is carried out. ``expected``: seconds that an asset took before, by key."""

    run: str
    jobs: int
    forced: Collection[str]
    fail_fast: bool
    expected: Mapping[str, float]


@dataclass
class _Progress:
    """How far a run has come. ``tainted``: published assets that fail a check; ``held``: effects of other live runs."""

    items: dict[str, RunItem] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    tainted: dict[str, str] = field(default_factory=dict)
    running: dict[Future[TaskResult], Job] = field(default_factory=dict)
    held: dict[str, float] = field(default_factory=dict)
    skipped: list[Action] = field(default_factory=list)


class Runner:
    """Runs one plan, once.

    Args:
        plan: what was planned.
        order: its assets, parents first.
        world: what is on record.
        observed: data versions of the sources among them, or why they could not be observed.
        work: does a job, in a worker; never raises.
        is_alive: whether a run goes on.
        committer: commits what finished.
        executor: where jobs run.
        stop: set when the run is to end early.
        listener: is told of progress.
        options: how to go about it.
    """

    def __init__(
        self,
        plan: Plan,
        order: Sequence[Resolved],
        world: World,
        observed: Mapping[str, str | SourceError],
        *,
        work: Callable[[Job], TaskResult],
        is_alive: Callable[[str], bool],
        committer: Committer,
        executor: Executor,
        stop: threading.Event,
        listener: Listener,
        options: RunOptions,
    ) -> None:
        self._plan = plan
        self._assets = {asset.key: asset for asset in order}
        self._world = world
        self._observed = observed
        self._work = work
        self._is_alive = is_alive
        self._committer = committer
        self._executor = executor
        self._stop = stop
        self._tell = listener
        self._options = options
        self._progress = _Progress()
        self._upstream = {
            asset.key: tuple(key for key in upstream_keys(asset) if key in self._assets) for asset in order
        }
        self._queue = Queue(self._upstream, options.expected)

    def run(self) -> Run:
        """Walk the plan to its end, or until it is stopped; commit what finished; return what became of all."""
        begun = time.perf_counter()
        with held_back() as interrupted:
            try:
                self._walk(interrupted)
            except KeyboardInterrupt:
                interrupted.set()  # the second one, while a job ran in this very thread
            status = self._finish(begun, cancelled=interrupted.is_set())
        return Run(
            self._options.run,
            self._plan.env,
            status,
            tuple(self._progress.items[key] for key in self._assets),
            time.perf_counter() - begun,
            self._committer.has_committed,
            self._committer.warnings,
        )

    def _walk(self, interrupted: threading.Event) -> None:
        """Work until nothing is left, or nothing more may be started."""
        try:
            while self._queue or self._progress.running or self._progress.held:
                self._start_ready(interrupted)
                if interrupted.is_set():
                    self._cancel()
                    return
                if self._stop.is_set() and not self._progress.running:
                    return
                self._await(self._patience())
                self._look_at_held()
                if self._committer.seconds_to_flush() == 0.0:
                    self._committer.flush()
        except BaseException:
            self._stop.set()  # whatever ends this: no attempt is made again in the background
            raise

    def _start_ready(self, interrupted: threading.Event) -> None:
        while self._queue and len(self._progress.running) < self._options.jobs:
            if self._stop.is_set() or interrupted.is_set():
                return
            self._start(self._queue.pop())

    def _patience(self) -> float:
        """Return how long to wait for a job: till the group is due, and never so long that an interrupt waits."""
        if not self._progress.running:
            return POLL_SECONDS if self._progress.held and not self._queue else 0.0
        due = self._committer.seconds_to_flush()
        return POLL_SECONDS if due is None else min(due, POLL_SECONDS)

    def _await(self, timeout: float) -> None:
        if not self._progress.running:
            time.sleep(timeout)
            return
        done, _ = wait(self._progress.running, timeout=timeout, return_when=FIRST_COMPLETED)
        for future in done:
            job = self._progress.running.pop(future)
            self._done(job, future.result())

    def _start(self, key: str) -> None:
        asset = self._assets[key]
        if asset.spec.kind == "source":
            observed = self._observed[key]
            if isinstance(observed, SourceError):
                self._block(
                    RunItem(key, RunState.FAILED, error=observed, message=observed.message, fails=True),
                    Blocked(f"{key} failed"),
                )
                return
            forced = key in self._options.forced
            self._act(asset, source_judgement(asset, observed, self._world, forced=forced))
            return
        views = {name: readable(asset, name, self._view(name), self._world) for name in upstream_keys(asset)}
        missing = missing_input(asset, {name: views[name] for name in asset.spec.upstream})
        if missing is not None:
            self._skip(key, missing.reasons[0], fails=missing.fails)
            return
        seen = {name: view for name, view in views.items() if isinstance(view, Seen) or view is None}
        self._act(asset, judge(asset, seen, self._world, forced=key in self._options.forced))

    def _act(self, asset: Resolved, judgement: Judgement) -> None:
        outcome = judgement.outcome
        recorded = outcome.recorded
        cause = next((name for name in asset.spec.upstream if name in self._progress.tainted), None)
        if cause is not None and outcome.state not in (PlanState.FRESH, PlanState.REJECTED):
            self._skip(asset.key, self._progress.tainted[cause], fails=True)
        elif outcome.state is PlanState.FRESH:
            assert recorded is not None
            self._settle(RunItem(asset.key, RunState.FRESH, rows=recorded.action.rows), recorded.action)
        elif outcome.state is PlanState.REJECTED:
            assert recorded is not None
            item = RunItem(asset.key, RunState.REJECTED, message=outcome.reasons[0], fails=True)
            self._fail(item, recorded.action, f"{asset.key} is rejected")
        elif outcome.state is PlanState.REUSE:
            assert recorded is not None
            self._committer.add(Bundle((), recorded.action))
            item = RunItem(asset.key, RunState.REUSED, rows=recorded.action.rows, reasons=outcome.reasons)
            self._settle(item, recorded.action)
        elif asset.spec.kind != "effect" or self._may_start_effect(asset, judgement):
            self._submit(asset, judgement)

    def _submit(self, asset: Resolved, judgement: Judgement) -> None:
        job = Job(asset, judgement, {name: self._version(name) for name in upstream_keys(asset)})
        what = "check" if judgement.outcome.state is PlanState.CHECK else "build"
        self._tell(TaskBegan(asset.key, what))
        self._progress.running[self._executor.submit(self._work, job)] = job

    def _may_start_effect(self, asset: Resolved, judgement: Judgement) -> bool:
        """Commit what the effect reads and that it starts, unless another run has just done it, or is doing it."""
        self._committer.flush()
        lost = next((name for name in asset.spec.upstream if name in self._committer.lost), None)
        if lost is not None:
            self._skip(asset.key, f"{lost} was superseded", fails=True)
            return False
        started = EffectStarted(
            run=self._options.run,
            asset=asset.key,
            env=self._plan.env,
            fingerprint=judgement.fingerprint,
            started_at=datetime.now(UTC).isoformat(),
        )
        claim = self._committer.claim_effect(started, again=asset.key in self._options.forced)
        if claim.holder is not None and not self._is_alive(claim.holder):
            self._committer.release_effect(asset.key, claim.holder)
            return self._may_start_effect(asset, judgement)
        if claim.holder is not None:
            self._progress.held[asset.key] = time.monotonic() + EFFECT_POLL_SECONDS
        elif claim.done is not None:
            self._settle(RunItem(asset.key, RunState.FRESH), claim.done)
        return claim == FREE

    def _look_at_held(self) -> None:
        """Take up again the effects that another run was carrying out a while ago."""
        now = time.monotonic()
        for key in [key for key, moment in self._progress.held.items() if moment <= now]:
            del self._progress.held[key]
            self._queue.put_back(key)

    def _done(self, job: Job, result: TaskResult) -> None:
        good = result.state in (RunState.BUILT, RunState.CHECKED)
        self._committer.add(Bundle(result.actions, result.version if good else None))
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
            self._settle(item, result.version)
        else:
            word = "is rejected" if result.state is RunState.REJECTED else "failed"
            self._fail(item, result.version, f"{item.key} {word}")

    def _fail(self, item: RunItem, version: Version | None, reason: str) -> None:
        """Settle an asset that is not good; a version that was published before stays for what is fresh below."""
        published = self._world.published.get(item.key)
        if version is not None and published is not None and published.version == version.version:
            self._progress.tainted[item.key] = reason
            self._settle(item, version)
        else:
            self._block(item, Blocked(reason))

    def _skip(self, key: str, reason: str, *, fails: bool) -> None:
        because = next((name for name in self._upstream[key] if self._is_bad(name)), None)
        self._progress.skipped.append(
            Skipped(run=self._options.run, asset=key, reason=reason, because=because)
        )
        item = RunItem(key, RunState.SKIPPED, message=reason, fails=fails)
        self._block(item, Blocked(f"{key} is skipped", fails=fails))

    def _is_bad(self, key: str) -> bool:
        item = self._progress.items.get(key)
        return item is not None and item.state in BAD

    def _settle(self, item: RunItem, version: Version | None) -> None:
        if version is not None:
            self._progress.versions[item.key] = version
            self._progress.views[item.key] = seen_of(version)
            item = replace(item, version=version.version)
        self._close(item)

    def _block(self, item: RunItem, view: Blocked) -> None:
        self._progress.views[item.key] = view
        self._close(item)

    def _close(self, item: RunItem) -> None:
        self._progress.items[item.key] = item
        self._tell(ItemDone(item.key, item.state, item.seconds, item.rows, item.message))
        self._queue.settle(item.key)
        if self._options.fail_fast and item.fails:
            self._stop.set()

    def _cancel(self) -> None:
        """Give running tasks a grace; a second interrupt ends that too."""
        self._stop.set()
        deadline = time.monotonic() + GRACE_SECONDS
        while self._progress.running and time.monotonic() < deadline:
            self._await(POLL_SECONDS)

    def _finish(self, begun: float, *, cancelled: bool) -> RunStatus:
        """Commit what is left with the end of the run, and return how it stands."""
        why = "interrupted" if cancelled else "stopped after the first failure"
        for key in self._assets:
            if key not in self._progress.items:
                self._progress.items[key] = RunItem(key, RunState.CANCELLED, message=why, fails=True)

        def close(lost: Mapping[str, str]) -> Sequence[Action]:
            items = self._with_losses(lost)
            return (*self._progress.skipped, self._finished(items, begun, cancelled=cancelled))

        self._committer.finish(close, always=cancelled)
        self._progress.items = self._with_losses(self._committer.lost)
        return _status(self._progress.items, cancelled=cancelled)

    def _with_losses(self, lost: Mapping[str, str]) -> dict[str, RunItem]:
        return {
            key: replace(item, state=RunState.SUPERSEDED, message=lost[key], fails=True)
            if key in lost
            else item
            for key, item in self._progress.items.items()
        }

    def _finished(self, items: Mapping[str, RunItem], begun: float, *, cancelled: bool) -> RunFinished:
        return RunFinished(
            run=self._options.run,
            status=_FINISHED[_status(items, cancelled=cancelled)],
            finished_at=datetime.now(UTC).isoformat(),
            seconds=time.perf_counter() - begun,
            counts=Counter(item.state.value for item in items.values()),
        )

    def _view(self, key: str) -> View:
        if key in self._assets:
            return self._progress.views[key]
        published = self._world.published.get(key)
        return seen_of(published.action) if published else None

    def _version(self, key: str) -> Version | None:
        """Return the version of an upstream that is read: this run's, else what was published before."""
        if key in self._progress.versions:
            return self._progress.versions[key]
        published = self._world.published.get(key)
        return published.action if published else None


def _status(items: Mapping[str, RunItem], *, cancelled: bool) -> RunStatus:
    if cancelled:
        return RunStatus.CANCELLED
    failed = any(item.fails for item in items.values())
    return RunStatus.FAILED if failed else RunStatus.SUCCEEDED


_FINISHED: Mapping[RunStatus, Literal["succeeded", "failed", "cancelled"]] = {
    RunStatus.SUCCEEDED: "succeeded",
    RunStatus.FAILED: "failed",
    RunStatus.CANCELLED: "cancelled",
}
