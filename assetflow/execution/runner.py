"""Owns walking a plan: what is ready goes to the executor; what is done is handed on, told and committed.

Decides nothing about an asset itself: ``decisions`` says what becomes of it once its inputs' versions are known. A
table is handed on as soon as it is made and judged, while its parts are still being written: what rests on it is
committed after it, and taken back if it cannot be written.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from assetflow.errors import SourceError
from assetflow.execution.committer import Committer
from assetflow.execution.decisions import Decisions, settled
from assetflow.execution.effects import Effects
from assetflow.execution.events import ItemDone, Listener, TaskBegan
from assetflow.execution.hand_over import HandOver
from assetflow.execution.interruption import held_back
from assetflow.execution.job import Doing, Job, RunOptions
from assetflow.execution.outcomes import Outcome, Outcomes
from assetflow.execution.pools import Pools
from assetflow.execution.publishing import OneByOne, Publishing, Together
from assetflow.execution.queue import Patience, Queue
from assetflow.execution.run import Run, RunItem, run_finished, status_of, with_publication
from assetflow.execution.shelf import Shelf
from assetflow.execution.under_way import UnderWay, Work
from assetflow.execution.work import Unwritten
from assetflow.keys import name_of
from assetflow.model.actions import Action
from assetflow.model.states import PlanState, RunState
from assetflow.planning.resolve import Resolved
from assetflow.planning.staleness import Judgement
from assetflow.planning.views import View, upstream_names
from assetflow.planning.world import World

GRACE_SECONDS = 10.0
POLL_SECONDS = 0.1  # how soon an interrupt is seen


@dataclass(frozen=True)
class _Under:
    """A job under way. ``lent``: what is held in memory for it. ``unwritten``: what it made, while that is written."""

    job: Job
    lent: tuple[str, ...] = ()
    unwritten: Unwritten | None = None


class Runner:
    """Runs one plan, once.

    Args:
        env: the environment.
        order: the assets and partitions that are looked at, parents first.
        standing: returns what those below see of what is not among them.
        beside: what became of that, to be told with the run.
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
        env: str,
        order: Sequence[Resolved],
        standing: Callable[[str], View],
        beside: Sequence[RunItem],
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
        self._env = env
        self._beside = beside
        self._assets = {asset.name: asset for asset in order}
        self._world = world
        self._doing = doing
        self._committer = committer
        self._stop = stop
        self._tell = listener
        self._options = options
        self._under_way: UnderWay[_Under] = UnderWay()
        self._skipped: list[Action] = []
        reads = {asset.name: upstream_names(asset) for asset in order}
        self._upstream = {
            key: tuple(name for name in names if name in self._assets) for key, names in reads.items()
        }
        self._outcomes = Outcomes(self._upstream)
        self._decisions = Decisions(self._assets, standing, reads, world, observed, self._outcomes, options)
        self._hand_over = HandOver(shelf, reads)
        effects = frozenset(asset.name for asset in order if asset.spec.kind == "effect")
        patient = {**dict.fromkeys(options.apart, Patience.STORED), **dict.fromkeys(effects, Patience.SEEN)}
        self._queue = Queue(self._upstream, options.expected, patient)
        calls = {asset.name: _call_of(asset) for asset in order if asset.spec.outs}
        self._pools = Pools([options.pool_of, calls], {**options.pools, **dict.fromkeys(calls.values(), 1)})
        self._publishing = self._publishing_of(effects)
        self._effects = Effects(committer, self._publishing, is_alive, run=options.run, env=env)

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
            self._env,
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
                if self._stop.is_set() and not self._under_way:
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
        return bool(self._queue or self._under_way or self._effects)

    def _publish(self, interrupted: threading.Event) -> bool:
        """Publish what waited until nothing else can be done, and say whether something can be done by it."""
        if self._stop.is_set() or interrupted.is_set():
            return False
        for key in self._publishing.publish():
            self._queue.settle_for_good(key, Patience.SEEN)
        return bool(self._queue)

    def _start_ready(self, interrupted: threading.Event) -> None:
        while self._queue and self._under_way.places_taken < self._options.jobs:
            if self._stop.is_set() or interrupted.is_set():
                return
            if self._hand_over.is_full and self._under_way:
                return  # what is being written has to be, before more is made
            self._start(self._queue.pop())

    def _patience(self) -> float:
        """Return how long to wait for a job: till the group is due, and never so long that an interrupt waits."""
        if not self._under_way:
            return POLL_SECONDS if self._effects and not self._queue else 0.0
        due = self._committer.seconds_to_flush()
        return POLL_SECONDS if due is None else min(due, POLL_SECONDS)

    def _await(self, timeout: float) -> None:
        if not self._under_way:
            time.sleep(timeout)
            return
        for work, result, is_wanted in self._under_way.done(timeout):
            under = work.what
            if work.takes_a_place:
                self._pools.leave(work.key)
                self._wake(work.key)
            self._hand_over.give_back(under.lent)
            if under.unwritten is not None:
                self._hand_over.written(under.unwritten.version)
            if is_wanted and isinstance(result, Unwritten):
                self._hand_on(under.job, result)
            elif is_wanted:
                self._note(self._decisions.done(under.job, result))

    def _start(self, key: str) -> None:
        """Note what becomes of an asset, or begin the work that it needs."""
        decided = self._decisions.decide(key)
        if isinstance(decided, Outcome):
            self._note(decided)
        elif not self._pools.has_room(key):
            pass  # it waits, and leaves what else there is room for to others
        elif self._assets[key].spec.kind != "effect" or self._may_start_effect(key, decided):
            self._submit(key, decided)
            return
        self._wake(key)

    def _wake(self, key: str) -> None:
        """Have assets decided anew that wait for the place in a pool that ``key`` left, or did not take."""
        for waiting in self._pools.next(key):
            self._queue.put_back(waiting)

    def _submit(self, key: str, judgement: Judgement) -> None:
        self._pools.enter(key)
        job = Job(self._assets[key], judgement, self._decisions.inputs(key))
        what = "check" if judgement.outcome.state is PlanState.CHECK else "build"
        self._tell(TaskBegan(key, what))
        under = _Under(job, self._hand_over.lend(job.inputs.values()))
        work = Work(key, under, takes_a_place=True)
        self._under_way.begin(self._doing.executor_of(job), work, self._doing.make, job)

    def _hand_on(self, job: Job, unwritten: Unwritten) -> None:
        """Let what is below go on with what was made, while that is written."""
        version = unwritten.version
        self._hand_over.being_written(version, unwritten.content)
        item = RunItem(job.asset.key, RunState.BUILT, rows=version.rows, partition=job.asset.partition)
        self._note(settled(item, version), being_written=True)
        work = Work(item.name, _Under(job, unwritten=unwritten), takes_a_place=False)
        self._under_way.begin(self._doing.writers, work, self._doing.write, job, unwritten)

    def _may_start_effect(self, key: str, judgement: Judgement) -> bool:
        """Commit what the effect reads and that it starts, if it may; else see to what becomes of it instead."""
        again = key in self._options.forced
        upstream = self._assets[key].upstream
        permit = self._effects.ask(key, upstream, judgement.fingerprint, again=again)
        if permit.skip:
            self._note(self._decisions.skipped(key, permit.skip, fails=True, because=permit.because))
        elif permit.done is not None:
            asset = self._assets[key]
            self._note(settled(RunItem(asset.key, RunState.FRESH, partition=asset.partition), permit.done))
        return permit.now

    def _note(self, outcome: Outcome, *, being_written: bool = False) -> None:
        """Note what became of an asset, and go on with what is below it, and with what is final by it."""
        key = outcome.item.name
        is_new = key not in self._outcomes
        if not is_new and outcome.item.fails:
            self._take_back_below(key)
        made_final = self._outcomes.note(key, outcome, being_written=being_written)
        seen_by_effects = [name for final in made_final for name in self._conclude(final)]
        if is_new:
            self._queue.settle(key)
            self._hand_over.settled(key, {key: self._decisions.version(key), **self._decisions.inputs(key)})
        for final in made_final:
            self._queue.settle_for_good(final.item.name, Patience.STORED)
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
            self._skipped.append(outcome.skipped)
        item = outcome.item
        self._tell(ItemDone(item.name, item.state, item.seconds, item.rows, item.message))
        return seen_by_effects

    def _take_back_below(self, key: str) -> None:
        """Forget all that rests on what could not be written; it is judged anew, as below any asset that failed."""
        below = self._outcomes.below(key)
        settled = [name for name in below if name in self._outcomes]
        given_out = (self._under_way.disown(below) | self._pools.forget()) - set(settled)
        for name in settled:
            self._outcomes.take_back(name)
            self._hand_over.unsettled(name)
        self._queue.unsettle(settled, given_out)

    def _cancel(self) -> None:
        """Give running tasks a grace; a second interrupt ends that too."""
        self._stop.set()
        deadline = time.monotonic() + GRACE_SECONDS
        while self._under_way and time.monotonic() < deadline:
            self._await(POLL_SECONDS)

    def _finish(self, begun: float, *, cancelled: bool) -> tuple[RunItem, ...]:
        """Commit what is left with the end of the run, and return what became of each asset."""
        why = "interrupted" if cancelled else "stopped after the first failure"
        final = self._outcomes.final
        self._publishing.publish([key for key in self._assets if key not in final])
        unseen = self._publishing.held_back
        items = [
            *self._beside,
            *(
                final[name].item
                if name in final
                else RunItem(
                    asset.key, RunState.CANCELLED, message=why, fails=True, partition=asset.partition
                )
                for name, asset in self._assets.items()
            ),
        ]

        def close(lost: Mapping[str, str]) -> Sequence[Action]:
            seconds = time.perf_counter() - begun
            told = with_publication(items, lost, unseen)
            end = run_finished(self._options.run, told, seconds, cancelled=cancelled)
            return (*self._options.answered, *self._skipped, *unseen.values(), end)

        is_told = self._options.failing_counts and any(item.fails for item in items)
        self._committer.finish(close, always=cancelled or is_told)
        return with_publication(items, self._committer.lost, unseen)

    def _publishing_of(self, effects: Collection[str]) -> Publishing:
        if not self._options.together:
            return OneByOne(self._committer)

        def published(name: str) -> str | None:
            recorded = self._world.published.get(name)
            return recorded.version if recorded else None

        return Together(
            self._committer,
            self._upstream,
            published,
            effects,
            run=self._options.run,
            env=self._env,
        )


def _has_just_failed(outcome: Outcome) -> bool:
    """Whether something went wrong in this run; a rejection or a gap that stood before is no reason to stop it."""
    return outcome.item.state is RunState.FAILED or (outcome.item.fails and outcome.bundle is not None)


def _call_of(asset: Resolved) -> str:
    """Return the pool, of one place, of a function with several outputs: one calls it, the others take what is left."""
    return f"call\n{name_of(asset.spec.outs[0].key, asset.partition)}"
