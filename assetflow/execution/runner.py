"""Owns walking a plan: what is ready goes to the executor; what is done is handed on, told and committed.

Decides nothing about staleness itself: each asset is judged by ``planning`` once its inputs' versions are known. A
table is handed on as soon as it is made and judged, while its parts are still being written: what rests on it is
committed after it, and taken back if it cannot be written.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from assetflow.errors import SourceError
from assetflow.execution.committer import Bundle, Committer
from assetflow.execution.effects import Effects
from assetflow.execution.events import ItemDone, Listener, TaskBegan
from assetflow.execution.hand_over import HandOver
from assetflow.execution.interruption import held_back
from assetflow.execution.job import Doing, Job, RunOptions
from assetflow.execution.outcomes import Outcome, Outcomes
from assetflow.execution.pools import Pools
from assetflow.execution.publishing import OneByOne, Publishing, Together
from assetflow.execution.queue import Patience, Queue
from assetflow.execution.run import BAD, Run, RunItem, run_finished, status_of, with_publication
from assetflow.execution.shelf import Shelf
from assetflow.execution.task import TaskResult
from assetflow.execution.under_way import UnderWay, Work
from assetflow.execution.work import Unwritten
from assetflow.model.actions import Action
from assetflow.model.runs import Skipped
from assetflow.model.states import PlanState, RunState
from assetflow.model.versions import Version
from assetflow.planning.fingerprints import Seen, seen_of
from assetflow.planning.plan import (
    Blocked,
    Plan,
    View,
    held_at,
    held_without_version,
    missing_input,
    readable,
    source_judgement,
    upstream_keys,
)
from assetflow.planning.resolve import Resolved
from assetflow.planning.staleness import Judgement, judge
from assetflow.planning.world import World

_STANDING = (PlanState.FRESH, PlanState.REJECTED, PlanState.HELD)
"""States of what is neither made nor moved."""

GRACE_SECONDS = 10.0
POLL_SECONDS = 0.1  # how soon an interrupt is seen


@dataclass(frozen=True)
class _Under:
    """A job under way. ``lent``: what is held in memory for it. ``unwritten``: what it made, while that is written."""

    job: Job
    lent: tuple[str, ...] = ()
    unwritten: Unwritten | None = None


@dataclass
class _Progress:
    """How far a run has come."""

    under_way: UnderWay[_Under] = field(default_factory=UnderWay)
    skipped: list[Action] = field(default_factory=list)


class Runner:
    """Runs one plan, once.

    Args:
        plan: what was planned.
        order: its assets, parents first.
        world: what is on record.
        observed: data versions of the sources among them, or why they could not be observed.
        doing: how a job is done.
        is_alive: whether a run goes on.
        committer: commits what finished.
        shelf: where what was made is handed over.
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
        doing: Doing,
        is_alive: Callable[[str], bool],
        committer: Committer,
        shelf: Shelf,
        stop: threading.Event,
        listener: Listener,
        options: RunOptions,
    ) -> None:
        self._plan = plan
        self._assets = {asset.key: asset for asset in order}
        self._world = world
        self._observed = observed
        self._doing = doing
        self._committer = committer
        self._stop = stop
        self._tell = listener
        self._options = options
        self._progress = _Progress()
        self._reads = {asset.key: upstream_keys(asset) for asset in order}
        self._upstream = {
            key: tuple(name for name in names if name in self._assets) for key, names in self._reads.items()
        }
        self._outcomes = Outcomes(self._upstream)
        self._hand_over = HandOver(shelf, self._reads)
        effects = frozenset(asset.key for asset in order if asset.spec.kind == "effect")
        patient = {**dict.fromkeys(options.apart, Patience.STORED), **dict.fromkeys(effects, Patience.SEEN)}
        self._queue = Queue(self._upstream, options.expected, patient)
        pool_of = {asset.key: asset.spec.pool for asset in order if asset.spec.pool is not None}
        self._pools = Pools(pool_of, options.pools)
        self._publishing = self._publishing_of(effects)
        self._effects = Effects(committer, self._publishing, is_alive, run=options.run, env=plan.env)

    def run(self) -> Run:
        """Walk the plan to its end, or until it is stopped; commit what finished; return what became of all."""
        begun = time.perf_counter()
        with held_back() as interrupted:
            try:
                self._walk(interrupted)
            except KeyboardInterrupt:
                interrupted.set()  # the second one, while a job ran in this very thread
            items = self._finish(begun, cancelled=interrupted.is_set())
        return Run(
            self._options.run,
            self._plan.env,
            status_of(items, cancelled=interrupted.is_set()),
            items,
            time.perf_counter() - begun,
            self._committer.has_committed,
            self._committer.warnings,
        )

    def _walk(self, interrupted: threading.Event) -> None:
        """Work until nothing is left, or nothing more may be started."""
        try:
            while self._has_work or self._publish(interrupted):
                self._start_ready(interrupted)
                if interrupted.is_set():
                    self._cancel()
                    return
                if self._stop.is_set() and not self._progress.under_way:
                    return
                self._await(self._patience())
                for key in self._effects.due():
                    self._queue.put_back(key)
                if self._committer.seconds_to_flush() == 0.0:
                    self._committer.flush()
        except BaseException:
            self._stop.set()  # whatever ends this: no attempt is made again in the background
            raise

    @property
    def _has_work(self) -> bool:
        """Whether something can be done, or is awaited, before anything has to be published."""
        return bool(self._queue or self._progress.under_way or self._effects)

    def _publish(self, interrupted: threading.Event) -> bool:
        """Publish what waited until nothing else can be done, and say whether something can be done by it."""
        if self._stop.is_set() or interrupted.is_set():
            return False
        for key in self._publishing.publish():
            self._queue.settle_for_good(key, Patience.SEEN)
        return bool(self._queue)

    def _start_ready(self, interrupted: threading.Event) -> None:
        under_way = self._progress.under_way
        while self._queue and under_way.places_taken < self._options.jobs:
            if self._stop.is_set() or interrupted.is_set():
                return
            if self._hand_over.is_full and under_way:
                return  # what is being written has to be, before more is made
            self._start(self._queue.pop())

    def _patience(self) -> float:
        """Return how long to wait for a job: till the group is due, and never so long that an interrupt waits."""
        if not self._progress.under_way:
            return POLL_SECONDS if self._effects and not self._queue else 0.0
        due = self._committer.seconds_to_flush()
        return POLL_SECONDS if due is None else min(due, POLL_SECONDS)

    def _await(self, timeout: float) -> None:
        if not self._progress.under_way:
            time.sleep(timeout)
            return
        for work, result, is_wanted in self._progress.under_way.done(timeout):
            under = work.what
            if work.takes_a_place:
                for key in self._pools.leave(work.key):
                    self._queue.put_back(key)
            self._hand_over.give_back(under.lent)
            if under.unwritten is not None:
                self._hand_over.written(under.unwritten.version)
            if is_wanted and isinstance(result, Unwritten):
                self._hand_on(under.job, result)
            elif is_wanted:
                self._done(under.job, result)

    def _start(self, key: str) -> None:
        asset = self._assets[key]
        if asset.spec.is_observed:
            observed = self._observed[key]
            if isinstance(observed, SourceError):
                item = RunItem(key, RunState.FAILED, error=observed, message=observed.message, fails=True)
                self._note(Outcome(item, Blocked(f"{key} failed")))
                return
            forced = key in self._options.forced
            self._act(asset, source_judgement(asset, observed, self._world, forced=forced))
            return
        kept = held_at(asset, self._world)
        if kept is not None:
            self._hold(key, kept)
            return
        views = {name: readable(asset, name, self._view(name), self._world) for name in self._reads[key]}
        missing = missing_input(asset, {name: views[name] for name in asset.spec.upstream})
        if missing is not None:
            self._skip(key, missing.reasons[0], fails=missing.fails)
            return
        seen = {name: view for name, view in views.items() if isinstance(view, Seen) or view is None}
        self._act(asset, judge(asset, seen, self._world, forced=key in self._options.forced))

    def _act(self, asset: Resolved, judgement: Judgement) -> None:
        outcome = judgement.outcome
        recorded = outcome.recorded
        above = [self._outcomes[name] for name in asset.spec.upstream if name in self._outcomes]
        tainted = next((one.tainted for one in above if one.tainted), None)
        if tainted is not None and outcome.state not in _STANDING:
            self._skip(asset.key, tainted, fails=True)
        elif outcome.state is PlanState.FRESH:
            assert recorded is not None
            self._settle(RunItem(asset.key, RunState.FRESH, rows=recorded.action.rows), recorded.action)
        elif outcome.state is PlanState.REJECTED:
            assert recorded is not None
            item = RunItem(asset.key, RunState.REJECTED, message=outcome.reasons[0], fails=True)
            self._fail(item, recorded.action, f"{asset.key} is rejected")
        elif outcome.state is PlanState.HELD:
            self._hold(asset.key, outcome.reasons[0])
        elif outcome.state is PlanState.REUSE:
            assert recorded is not None
            self._reuse(asset, judgement)
        elif self._pools.has_room(asset.key) and (
            asset.spec.kind != "effect" or self._may_start_effect(asset, judgement)
        ):
            self._submit(asset, judgement)

    def _hold(self, key: str, reason: str) -> None:
        """Leave an asset as it is published; those below read that."""
        published = self._world.published.get(key)
        item = RunItem(key, RunState.HELD, message=reason, rows=published.rows if published else None)
        if published is None:
            self._note(Outcome(item, held_without_version(key)))
        else:
            self._settle(item, published.action)

    def _reuse(self, asset: Resolved, judgement: Judgement) -> None:
        """Publish what is on record; what is taken over from a former key goes on record with it."""
        version = judgement.version(self._options.run, self._options.tree)
        is_new = version.run == self._options.run
        reasons = judgement.outcome.reasons
        message = reasons[0] if is_new else ""
        item = RunItem(asset.key, RunState.REUSED, rows=version.rows, message=message, reasons=reasons)
        self._settle(item, version, Bundle((version,) if is_new else (), (version,)))

    def _submit(self, asset: Resolved, judgement: Judgement) -> None:
        job = Job(asset, judgement, {name: self._version(name) for name in self._reads[asset.key]})
        self._pools.enter(asset.key)
        what = "check" if judgement.outcome.state is PlanState.CHECK else "build"
        self._tell(TaskBegan(asset.key, what))
        under = _Under(job, self._hand_over.lend(job.inputs.values()))
        work = Work(asset.key, under, takes_a_place=True)
        self._progress.under_way.begin(self._doing.executor_of(job), work, self._doing.make, job)

    def _hand_on(self, job: Job, unwritten: Unwritten) -> None:
        """Let what is below go on with what was made, while that is written."""
        version = unwritten.version
        self._hand_over.being_written(version, unwritten.content)
        item = RunItem(job.asset.key, RunState.BUILT, version.version, rows=version.rows)
        self._note(Outcome(item, seen_of(version), version), being_written=True)
        work = Work(item.key, _Under(job, unwritten=unwritten), takes_a_place=False)
        self._progress.under_way.begin(self._doing.writers, work, self._doing.write, job, unwritten)

    def _may_start_effect(self, asset: Resolved, judgement: Judgement) -> bool:
        """Commit what the effect reads and that it starts, if it may; else see to what becomes of it instead."""
        again = asset.key in self._options.forced
        permit = self._effects.ask(asset.key, asset.spec.upstream, judgement.fingerprint, again=again)
        if permit.skip:
            self._skip(asset.key, permit.skip, fails=True, because=permit.because)
        elif permit.done is not None:
            self._settle(RunItem(asset.key, RunState.FRESH), permit.done)
        return permit.now

    def _done(self, job: Job, result: TaskResult) -> None:
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
            self._settle(item, result.version, bundle)
        else:
            word = "is rejected" if result.state is RunState.REJECTED else "failed"
            self._fail(item, result.version, f"{item.key} {word}", bundle)

    def _fail(
        self, item: RunItem, version: Version | None, reason: str, bundle: Bundle | None = None
    ) -> None:
        """Settle an asset that is not good; a version that was published before stays for what is fresh below."""
        published = self._world.published.get(item.key)
        if version is not None and published is not None and published.version == version.version:
            self._settle(item, version, bundle, tainted=reason)
        else:
            self._note(Outcome(item, Blocked(reason), bundle=bundle))

    def _skip(self, key: str, reason: str, *, fails: bool, because: str | None = None) -> None:
        bad = (name for name in self._upstream[key] if self._outcomes[name].item.state in BAD)
        item = RunItem(key, RunState.SKIPPED, message=reason, fails=fails)
        skipped = Skipped(run=self._options.run, asset=key, reason=reason, because=because or next(bad, None))
        self._note(Outcome(item, Blocked(f"{key} is skipped", fails=fails), skipped=skipped))

    def _settle(
        self, item: RunItem, version: Version | None, bundle: Bundle | None = None, *, tainted: str = ""
    ) -> None:
        if version is not None:
            item = replace(item, version=version.version)
        view = seen_of(version) if version is not None else None
        self._note(Outcome(item, view, version, bundle, tainted=tainted))

    def _note(self, outcome: Outcome, *, being_written: bool = False) -> None:
        """Note what became of an asset, and go on with what is below it, and with what is final by it."""
        key = outcome.item.key
        is_new = key not in self._outcomes
        if not is_new and outcome.item.fails:
            self._take_back_below(key)
        made_final = self._outcomes.note(key, outcome, being_written=being_written)
        seen_by_effects = [name for final in made_final for name in self._conclude(final)]
        if is_new:
            self._queue.settle(key)
            self._hand_over.settled(key, {name: self._version(name) for name in (key, *self._reads[key])})
        for final in made_final:
            self._queue.settle_for_good(final.item.key, Patience.STORED)
        for name in seen_by_effects:
            self._queue.settle_for_good(name, Patience.SEEN)
        if self._options.fail_fast and _has_just_failed(outcome):
            self._stop.set()

    def _conclude(self, outcome: Outcome) -> Sequence[str]:
        """Put what became of an asset on its way into the log, and tell of it: it stays so.

        Return what effects need not wait for any longer.
        """
        seen_by_effects = self._publishing.settle(outcome)
        if outcome.skipped is not None:
            self._progress.skipped.append(outcome.skipped)
        item = outcome.item
        self._tell(ItemDone(item.key, item.state, item.seconds, item.rows, item.message))
        return seen_by_effects

    def _take_back_below(self, key: str) -> None:
        """Forget all that rests on what could not be written; it is judged anew, as below any asset that failed."""
        below = self._outcomes.below(key)
        settled = [name for name in below if name in self._outcomes]
        waiting = self._pools.forget(below)
        given_out = (self._progress.under_way.disown(below) | waiting) - set(settled)
        for name in settled:
            self._outcomes.take_back(name)
            self._hand_over.unsettled(name)
        self._queue.unsettle(settled, given_out)

    def _cancel(self) -> None:
        """Give running tasks a grace; a second interrupt ends that too."""
        self._stop.set()
        deadline = time.monotonic() + GRACE_SECONDS
        while self._progress.under_way and time.monotonic() < deadline:
            self._await(POLL_SECONDS)

    def _finish(self, begun: float, *, cancelled: bool) -> tuple[RunItem, ...]:
        """Commit what is left with the end of the run, and return what became of each asset."""
        why = "interrupted" if cancelled else "stopped after the first failure"
        final = self._outcomes.final
        self._publishing.publish([key for key in self._assets if key not in final])
        unseen = self._publishing.held_back
        items = [
            final[key].item if key in final else RunItem(key, RunState.CANCELLED, message=why, fails=True)
            for key in self._assets
        ]

        def close(lost: Mapping[str, str]) -> Sequence[Action]:
            seconds = time.perf_counter() - begun
            told = with_publication(items, lost, unseen)
            end = run_finished(self._options.run, told, seconds, cancelled=cancelled)
            return (*self._progress.skipped, *unseen.values(), end)

        self._committer.finish(close, always=cancelled)
        return with_publication(items, self._committer.lost, unseen)

    def _publishing_of(self, effects: Collection[str]) -> Publishing:
        if not self._options.together:
            return OneByOne(self._committer)
        published = {key: recorded.version for key, recorded in self._world.published.items()}
        return Together(
            self._committer,
            self._upstream,
            published,
            effects,
            run=self._options.run,
            env=self._plan.env,
        )

    def _view(self, key: str) -> View:
        if key in self._assets:
            return self._outcomes[key].view
        published = self._world.published.get(key)
        return seen_of(published.action) if published else None

    def _version(self, key: str) -> Version | None:
        """Return the version of an upstream that is read: this run's, else what was published before."""
        outcome = self._outcomes.get(key)
        if outcome is not None and outcome.version is not None:
            return outcome.version
        published = self._world.published.get(key)
        return published.action if published else None


def _has_just_failed(outcome: Outcome) -> bool:
    """Whether something went wrong in this run; a rejection or a gap that stood before is no reason to stop it."""
    return outcome.item.state is RunState.FAILED or (outcome.item.fails and outcome.bundle is not None)
