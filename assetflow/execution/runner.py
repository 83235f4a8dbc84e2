"""Owns walking a plan: what is ready goes to the executor; what is done is told, committed and handed on.

Decides nothing about staleness itself: each asset is judged by ``planning`` once its inputs' versions are known.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from assetflow.execution.committer import Bundle, Committer
from assetflow.execution.events import ItemDone, Listener, TaskBegan
from assetflow.execution.interruption import held_back
from assetflow.execution.run import BAD, Run, RunItem
from assetflow.execution.task import TaskResult, Version
from assetflow.model.actions import Action, EffectStarted, RunFinished, Skipped
from assetflow.model.states import PlanState, RunState, RunStatus
from assetflow.planning.fingerprints import Seen, seen_of
from assetflow.planning.plan import Blocked, Plan, View, missing_input, source_judgement, upstream_keys
from assetflow.planning.resolve import Resolved
from assetflow.planning.staleness import Judgement, judge
from assetflow.planning.world import World

GRACE_SECONDS = 10.0
POLL_SECONDS = 0.1  # how soon an interrupt is seen


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
    items: dict[str, RunItem] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    tainted: set[str] = field(default_factory=set)
    running: dict[Future[TaskResult], Job] = field(default_factory=dict)
    closing: list[Action] = field(default_factory=list)


class Runner:
    """Runs one plan, once.

    Args:
        plan: what was planned.
        order: its assets, parents first.
        world: what is on record.
        observed: data versions of the sources among them.
        work: does a job, in a worker; never raises.
        effect_done: waits while another live run carries out this effect; returns what is published after that.
        committer: commits what finished.
        executor: where jobs run.
        stop: set when the run is to end early.
    """

    def __init__(
        self,
        plan: Plan,
        order: Sequence[Resolved],
        world: World,
        observed: Mapping[str, str],
        *,
        work: Callable[[Job], TaskResult],
        effect_done: Callable[[str], Version | None],
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
        self._effect_done = effect_done
        self._committer = committer
        self._executor = executor
        self._stop = stop
        self._tell = listener
        self._options = options
        self._progress = _Progress()
        self._upstream = {
            asset.key: tuple(key for key in upstream_keys(asset) if key in self._assets) for asset in order
        }
        self._below: dict[str, list[str]] = {key: [] for key in self._assets}
        for key, upstream in self._upstream.items():
            for parent in upstream:
                self._below[parent].append(key)
        self._left = {key: len(upstream) for key, upstream in self._upstream.items()}
        self._ready: list[tuple[float, int, str]] = []

    def run(self) -> Run:
        """Walk the plan to its end, or until it is stopped; commit what finished; return what became of all."""
        begun = time.perf_counter()
        self._priorities = self._longest_paths()
        for key, left in self._left.items():
            if left == 0:
                self._make_ready(key)
        with held_back() as interrupted:
            try:
                self._walk(interrupted)
            except KeyboardInterrupt:
                interrupted.set()  # the second one, while a job ran in this very thread
        cancelled = interrupted.is_set()
        self._close_open_items("interrupted" if cancelled else "stopped after the first failure")
        self._committer.flush()
        self._apply_losses()
        status = self._status(cancelled=cancelled)
        self._committer.finish(
            self._progress.closing, lambda: self._finished(status, time.perf_counter() - begun)
        )
        items = tuple(self._progress.items[key] for key in self._assets)
        return Run(
            self._options.run,
            self._plan.env,
            status,
            items,
            time.perf_counter() - begun,
            self._committer.has_committed,
            self._committer.warnings,
        )

    def _walk(self, interrupted: threading.Event) -> None:
        """Work until nothing is left, or nothing more may be started."""
        while self._ready or self._progress.running:
            if interrupted.is_set():
                self._cancel()
                return
            while (
                self._ready and len(self._progress.running) < self._options.jobs and not self._stop.is_set()
            ):
                self._start(heapq.heappop(self._ready)[2])
            if not self._progress.running:
                if self._stop.is_set():
                    return
                continue
            due = self._committer.seconds_to_flush()
            self._await(POLL_SECONDS if due is None else min(due, POLL_SECONDS))
            if self._committer.seconds_to_flush() == 0.0:
                self._committer.flush()

    def _await(self, timeout: float) -> None:
        done, _ = wait(self._progress.running, timeout=timeout, return_when=FIRST_COMPLETED)
        for future in done:
            job = self._progress.running.pop(future)
            self._done(job, future.result())

    def _start(self, key: str) -> None:
        asset = self._assets[key]
        if asset.spec.kind == "source":
            judgement = source_judgement(
                asset, self._observed[key], self._world, forced=key in self._options.forced
            )
        else:
            views = {name: self._view(name) for name in upstream_keys(asset)}
            missing = missing_input(asset, {name: views[name] for name in asset.spec.upstream})
            if missing is not None:
                self._skip(key, missing.reasons[0], fails=missing.fails)
                return
            seen = {name: view for name, view in views.items() if isinstance(view, Seen) or view is None}
            judgement = judge(asset, seen, self._world, forced=key in self._options.forced)
        self._act(asset, judgement)

    def _act(self, asset: Resolved, judgement: Judgement) -> None:
        outcome = judgement.outcome
        recorded = outcome.recorded
        cause = next((name for name in asset.spec.upstream if name in self._progress.tainted), None)
        if cause is not None and outcome.state not in (PlanState.FRESH, PlanState.REJECTED):
            self._skip(asset.key, f"{cause} is rejected", fails=True)
        elif outcome.state is PlanState.FRESH:
            assert recorded is not None
            self._settle(RunItem(asset.key, RunState.FRESH, rows=recorded.action.rows), recorded.action)
        elif outcome.state is PlanState.REJECTED:
            assert recorded is not None
            self._reject(
                RunItem(asset.key, RunState.REJECTED, message=outcome.reasons[0], fails=True), recorded.action
            )
        elif outcome.state is PlanState.REUSE:
            assert recorded is not None
            self._committer.add(Bundle((), recorded.action))
            item = RunItem(asset.key, RunState.REUSED, rows=recorded.action.rows, reasons=outcome.reasons)
            self._settle(item, recorded.action)
        else:
            self._submit(asset, judgement)

    def _submit(self, asset: Resolved, judgement: Judgement) -> None:
        if asset.spec.kind == "effect" and not self._may_start_effect(asset, judgement):
            return
        job = Job(asset, judgement, {name: self._version(name) for name in upstream_keys(asset)})
        what = "check" if judgement.outcome.state is PlanState.CHECK else "build"
        self._tell(TaskBegan(asset.key, what))
        self._progress.running[self._executor.submit(self._work, job)] = job

    def _may_start_effect(self, asset: Resolved, judgement: Judgement) -> bool:
        """Commit what the effect reads and that it starts, unless another run has just done it."""
        self._committer.flush()
        lost = [name for name in asset.spec.upstream if name in self._committer.lost]
        if lost:
            self._skip(asset.key, f"{lost[0]} was superseded", fails=True)
            return False
        done = self._effect_done(asset.key)
        if (
            done is not None
            and done.fingerprint == judgement.fingerprint
            and "forced" not in judgement.outcome.reasons
        ):
            self._settle(RunItem(asset.key, RunState.FRESH), done)
            return False
        started = EffectStarted(
            run=self._options.run,
            asset=asset.key,
            env=self._plan.env,
            fingerprint=judgement.fingerprint,
            started_at=datetime.now(UTC).isoformat(),
        )
        self._committer.add(Bundle((started,)))
        self._committer.flush()
        return True

    def _done(self, job: Job, result: TaskResult) -> None:
        good = result.state in (RunState.BUILT, RunState.CHECKED)
        published = self._world.published.get(job.asset.key)
        is_published = (
            published is not None
            and result.version is not None
            and published.action.version == result.version.version
        )
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
        elif result.state is RunState.REJECTED and result.version is not None:
            self._reject(item, result.version, is_published=is_published)
        else:
            self._block(item, f"{item.key} failed")

    def _reject(self, item: RunItem, version: Version, *, is_published: bool | None = None) -> None:
        """Settle an asset whose checks fail; readers below keep a version that was published before."""
        if is_published is None:
            published = self._world.published.get(item.key)
            is_published = published is not None and published.action.version == version.version
        if is_published:
            self._progress.tainted.add(item.key)
            self._settle(item, version)
        else:
            self._block(item, f"{item.key} is rejected")

    def _skip(self, key: str, reason: str, *, fails: bool) -> None:
        because = next((name for name in self._upstream[key] if self._is_bad(name)), None)
        self._progress.closing.append(
            Skipped(run=self._options.run, asset=key, reason=reason, because=because)
        )
        self._block(RunItem(key, RunState.SKIPPED, message=reason, fails=fails), f"{key} is skipped")

    def _is_bad(self, key: str) -> bool:
        item = self._progress.items.get(key)
        return item is not None and item.state in BAD

    def _settle(self, item: RunItem, version: Version | None) -> None:
        if version is not None:
            self._progress.versions[item.key] = version
            self._progress.views[item.key] = seen_of(version)
            item = replace(item, version=version.version)
        self._close(item)

    def _block(self, item: RunItem, reason: str) -> None:
        self._progress.views[item.key] = Blocked(reason)
        self._close(item)
        if self._options.fail_fast and item.fails:
            self._stop.set()

    def _close(self, item: RunItem) -> None:
        self._progress.items[item.key] = item
        self._tell(ItemDone(item.key, item.state, item.seconds, item.rows, item.message))
        for below in self._below[item.key]:
            self._left[below] -= 1
            if self._left[below] == 0:
                self._make_ready(below)

    def _cancel(self) -> None:
        """Give running tasks a grace; a second interrupt ends that too."""
        self._stop.set()
        deadline = time.monotonic() + GRACE_SECONDS
        try:
            while self._progress.running and time.monotonic() < deadline:
                self._await(POLL_SECONDS)
        except KeyboardInterrupt:
            return

    def _close_open_items(self, why: str) -> None:
        for key in self._assets:
            if key not in self._progress.items:
                self._progress.items[key] = RunItem(key, RunState.CANCELLED, message=why, fails=True)

    def _apply_losses(self) -> None:
        for key, reason in self._committer.lost.items():
            self._progress.items[key] = replace(
                self._progress.items[key], state=RunState.SUPERSEDED, message=reason, fails=True
            )

    def _status(self, *, cancelled: bool) -> RunStatus:
        if cancelled:
            return RunStatus.CANCELLED
        failed = any(item.fails for item in self._progress.items.values())
        return RunStatus.FAILED if failed else RunStatus.SUCCEEDED

    def _finished(self, status: RunStatus, seconds: float) -> RunFinished:
        counts: dict[str, int] = {}
        for item in self._progress.items.values():
            counts[item.state.value] = counts.get(item.state.value, 0) + 1
        return RunFinished(
            run=self._options.run,
            status=_FINISHED[status],
            finished_at=datetime.now(UTC).isoformat(),
            seconds=seconds,
            counts=counts,
        )

    def _view(self, key: str) -> View:
        if key in self._assets:
            return self._progress.views[key]
        published = self._world.published.get(key)
        return seen_of(published.action) if published else None

    def _version(self, key: str) -> Version | None:
        if key in self._assets:
            return self._progress.versions.get(key)
        published = self._world.published.get(key)
        return published.action if published else None

    def _make_ready(self, key: str) -> None:
        heapq.heappush(self._ready, (-self._priorities[key], len(self._progress.items), key))

    def _longest_paths(self) -> dict[str, float]:
        """Return for each asset the seconds that it and the longest chain below it are expected to take."""
        longest: dict[str, float] = {}
        for key in reversed(list(self._assets)):
            below = max((longest[name] for name in self._below[key]), default=0.0)
            longest[key] = self._options.expected.get(key, 0.01) + below
        return longest


_FINISHED: Mapping[RunStatus, Literal["succeeded", "failed", "cancelled"]] = {
    RunStatus.SUCCEEDED: "succeeded",
    RunStatus.FAILED: "failed",
    RunStatus.CANCELLED: "cancelled",
}
