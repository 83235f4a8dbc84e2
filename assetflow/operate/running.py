"""Owns joining the floors for one run: what workers have at hand, the committer, the executor, the run's heartbeat."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from assetflow.errors import DamagedError
from assetflow.execution.calls import Calls
from assetflow.execution.committer import Committer
from assetflow.execution.events import RunBegan, RunEnded, guarded
from assetflow.execution.inline import InlineExecutor
from assetflow.execution.job import Doing, Job, RunOptions
from assetflow.execution.meanwhile import Meanwhile
from assetflow.execution.programs import Programs
from assetflow.execution.remote import RemoteObservation
from assetflow.execution.run import Run
from assetflow.execution.runner import Runner
from assetflow.execution.safekeeping import Safekeeping
from assetflow.execution.task import Task
from assetflow.execution.work import make, write
from assetflow.lineage.git import revision_of
from assetflow.model.runs import RunStarted
from assetflow.model.states import PlanState
from assetflow.model.versions import Materialized, Version
from assetflow.operate.apart import apart_of, workers_of
from assetflow.operate.bench import bench_of
from assetflow.operate.how import How
from assetflow.operate.kept_code import keep_code
from assetflow.operate.log import log_writer
from assetflow.operate.past import Past
from assetflow.operate.planning import Planned
from assetflow.operate.runtime import runtime_now
from assetflow.operate.standing_items import partition_items
from assetflow.operate.workspace import STATE_FOLDER, Workspace
from assetflow.partitions.wording import text
from assetflow.planning.layout import Layout
from assetflow.planning.plan import WORK
from assetflow.planning.resolve import Resolved


@dataclass(frozen=True)
class _Of:
    """What the tasks of one run have in common."""

    run: str
    tree: str | None
    stop: threading.Event
    jobs: int
    layout: Layout
    past: Past
    full_refresh: bool


def run_plan(workspace: Workspace, planned: Planned, how: How, run_id: str) -> Run:
    """Run a plan that has something to do, and was made for the run ``run_id``."""
    tell = guarded(how.listener)
    live = workspace.store.live
    live.remove_dead()
    with live.begin(run_id):
        run = _run(workspace, planned, replace(how, listener=tell), run_id)
        _forget_mended(workspace, planned)
    tell(RunEnded(run.id, run.status, run.counts, run.seconds))
    return run


def _run(workspace: Workspace, planned: Planned, how: How, run_id: str) -> Run:
    apart = apart_of(workspace, planned)
    stop = threading.Event()
    nodes = planned.nodes
    planned.past.expect(nodes)
    with workspace.ledger.session() as session:
        seconds = session.durations(_work(planned))
        workspace.store.objects.forget(session.forgotten_objects())
    expected = {node.name: seconds[node.key] for node in nodes if node.key in seconds}
    how.listener(RunBegan(run_id, workspace.env, len(nodes), expected, _work_of(planned, nodes)))
    tree = keep_code(workspace, planned.order)
    of = _Of(run_id, tree, stop, _jobs(workspace, how), planned.layout, planned.past, how.full_refresh)
    with _doing(workspace, planned, how, of) as doing:
        return Runner(
            workspace.env,
            nodes,
            planned.standing,
            partition_items(planned.plan),
            planned.past,
            planned.data_versions,
            doing=doing,
            is_alive=workspace.store.live.alive,
            committer=_committer(workspace, planned, _started(workspace, planned, how, run_id, tree)),
            shelf=workspace.shelf,
            stop=stop,
            listener=how.listener,
            options=_options(workspace, planned, how, of, expected, apart),
        ).run()


def _options(
    workspace: Workspace,
    planned: Planned,
    how: How,
    of: _Of,
    expected: Mapping[str, float],
    apart: Collection[str],
) -> RunOptions:
    """Return how the run is to be carried out; ``expected``: seconds by name; ``apart``: keys of what has a process."""
    nodes, settings = planned.nodes, workspace.settings
    return RunOptions(
        run=of.run,
        tree=of.tree,
        jobs=of.jobs,
        forced=frozenset(node.name for node in nodes if node.key in planned.forced),
        fail_fast=how.fail_fast,
        expected=expected,
        together=settings.publish == "run",
        answered=planned.refreshes.news(of.run, workspace.env),
        failing_counts=how.trigger == "tick",
        apart=frozenset(node.name for node in nodes if node.key in apart),
        pool_of={node.name: pool for node in nodes if (pool := settings.pool_of(node.spec)) is not None},
        pools=settings.pools,
    )


def _jobs(workspace: Workspace, how: How) -> int:
    if workspace.settings.executor == "inline":
        return 1  # one after the other: the next is chosen when it is known what became of the last
    return how.jobs or workspace.settings.max_parallel or os.cpu_count() or 1


def _task(workspace: Workspace, job: Job, of: _Of) -> Task:
    outcome = job.judgement.outcome
    only_judge = outcome.state is PlanState.CHECK and outcome.recorded is not None
    return Task(
        asset=job.asset,
        run=of.run,
        env=workspace.env,
        recipe=job.judgement.recipe,
        fingerprint=job.judgement.fingerprint,
        inputs=job.inputs,
        retry=workspace.settings.retry_of(job.asset.spec),
        executor=workspace.settings.executor_of(job.asset.spec),
        timeout=workspace.settings.timeout_of(job.asset.spec),
        tree=of.tree,
        reasons=outcome.reasons,
        recorded=job.judgement.version(of.run, of.tree) if only_judge else None,
        partition=of.layout.partition(job.asset) if job.asset.partition else None,
        previous=_previous(job, of),
    )


def _previous(job: Job, of: _Of) -> Version | None:
    """Return what the asset goes on from, if it is incremental; nothing that could not be read."""
    spec = job.asset.spec
    if spec.context_parameter is None or of.full_refresh:
        return None
    published = of.past.published.get(job.asset.name)
    if published is None or published.manifest is None or of.past.unsound([published]):
        return None
    action = published.action
    if not isinstance(action, Materialized):
        return None
    starts_anew = spec.on_code_change == "rebuild" and action.code_version != job.asset.code.digest
    return None if starts_anew else action


def _committer(workspace: Workspace, planned: Planned, started: RunStarted) -> Committer:
    past = planned.past

    def find(asset: str, version: str) -> Version | None:
        recorded = past.version(asset, version)
        return recorded.action if recorded else None

    safekeeping = Safekeeping(workspace.store.objects)
    writer = log_writer(workspace, past.commit)
    meanwhile = Meanwhile(workspace.env, past.seen, find, past.begun_effects)
    return Committer(writer, started, meanwhile, safekeeping)


def _started(workspace: Workspace, planned: Planned, how: How, run_id: str, tree: str | None) -> RunStarted:
    runtime = runtime_now()
    revision = revision_of(workspace.root, STATE_FOLDER) if workspace.root is not None else None
    return RunStarted(
        run=run_id,
        env=workspace.env,
        selection=planned.plan.selection,
        exclude=planned.exclude,
        started_at=datetime.now(UTC).isoformat(),
        snapshot=planned.plan.head,
        tree=tree,
        command=how.command,
        modules=workspace.modules,
        packages=dict(runtime.packages),
        python=runtime.python,
        platform=runtime.platform,
        git_commit=revision.commit if revision else None,
        git_dirty=revision.dirty if revision else None,
        trigger=how.trigger,
        partitions={key: text(chosen, planned.layout.keys(key)) for key, chosen in planned.chosen.items()},
    )


def _work(planned: Planned) -> tuple[str, ...]:
    return tuple(item.key for item in planned.plan if item.state in WORK)


def _work_of(planned: Planned, nodes: Sequence[Resolved]) -> tuple[str, ...]:
    """Return the names of what may have to be worked on."""
    work = set(_work(planned))
    return tuple(node.name for node in nodes if node.key in work)


def _forget_mended(workspace: Workspace, planned: Planned) -> None:
    """Take the objects that this run wrote again off the list of the damaged."""
    if planned.past.damaged:
        workspace.damage.forget({name for name in planned.past.damaged if _is_sound(workspace, name)})


def _is_sound(workspace: Workspace, name: str) -> bool:
    try:
        workspace.store.objects.read(name)
    except DamagedError:
        return False
    return True


@contextmanager
def _doing(workspace: Workspace, planned: Planned, how: How, of: _Of) -> Iterator[Doing]:
    """Give the executors: for the tasks, for those that wait for their parts to be written, and for the parts.

    A task that is done in a process waits for it on a thread, and so takes a place among all others.
    """
    inline = InlineExecutor()
    calls = Calls(frozenset(_work_of(planned, planned.nodes)))
    in_turn = workspace.settings.executor == "inline"
    with (
        _threads(of.jobs, "task") as threads,
        _threads(of.jobs, "writing") as writers,
        _threads(os.cpu_count() or 1, "part") as pool,
        Programs() as programs,
        workers_of(workspace, planned, calls) as workers,
    ):
        bench = replace(
            bench_of(workspace, of.past),
            stop=of.stop,
            tell=how.listener,
            known=of.past.known_artifact,
            known_part=of.past.known_part,
            elsewhere=_seen_elsewhere(planned),
            pool=None if in_turn else pool,
            away=workers.do,
            calls=calls,
            programs=programs,
        )

        def executor_of(job: Job) -> Executor:
            return inline if workspace.settings.executor_of(job.asset.spec) == "inline" else threads

        yield Doing(
            make=lambda job: make(_task(workspace, job, of), bench),
            write=lambda job, unwritten: write(_task(workspace, job, of), bench, unwritten),
            executor_of=executor_of,
            writers=inline if in_turn else writers,
        )


def _seen_elsewhere(planned: Planned) -> dict[str, RemoteObservation]:
    return {key: seen for key, seen in planned.observations.items() if isinstance(seen, RemoteObservation)}


@contextmanager
def _threads(most: int, what: str) -> Iterator[Executor]:
    pool = ThreadPoolExecutor(most, thread_name_prefix=f"assetflow-{what}")
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
