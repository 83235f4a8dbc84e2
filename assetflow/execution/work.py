"""Owns doing a task, in this thread or any other: make, observe or only judge a version, and say what came of it.

It is done in two steps, each a plain function of values: ``make`` may hand on what it made before ``write`` has stored
it. Neither commits or publishes anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from assetflow.errors import AssetflowError, SourceError
from assetflow.execution.attempts import Tried, attempt, failed_by
from assetflow.execution.calling import Made, call, call_of_task, given_before
from assetflow.execution.calls import FailedCall
from assetflow.execution.capture import TaskLog, captured
from assetflow.execution.errand import Returned
from assetflow.execution.events import TaskRetried
from assetflow.execution.judging import Judgements
from assetflow.execution.keeping import observe_and_keep
from assetflow.execution.remote import record_of
from assetflow.execution.task import Bench, Task, TaskResult
from assetflow.frames.content import Content, Identity, identify
from assetflow.hashing.fingerprint import effect_version, version_id
from assetflow.model.manifest import Manifest, ManifestRef
from assetflow.model.runs import Failed
from assetflow.model.spec import PROCESS
from assetflow.model.states import RunState
from assetflow.model.text import said
from assetflow.model.versions import Attempt, Materialized, SourceObserved, Version
from assetflow.storage import artifacts


@dataclass(frozen=True)
class Unwritten:
    """A version that was made, hashed and judged; its parts are still to be stored.

    ``version``: as those below may see it already; its manifest has no parts yet, unless it ``is_stored``, because
    nothing has to be written. ``log``: what the task printed.
    """

    version: Materialized
    is_stored: bool
    content: Content
    identity: Identity
    judged: Judgements
    log: TaskLog
    seconds: float


def make(task: Task, bench: Bench) -> TaskResult | Unwritten:
    """Do the task, but for storing the parts of a good table that is not stored yet.

    What goes wrong in it fails this asset alone: it is a result, never raised (but for Ctrl-C).
    """
    log = TaskLog()
    begun = time.perf_counter()
    with captured(log):
        tried = _tried(task, bench, log)
        if tried.error is not None:
            return _failure(task, bench, tried.attempts, tried.error, log, time.perf_counter() - begun)
        assert tried.value is not None
        if isinstance(tried.value, Returned):
            kept = log.keep(bench.objects)
            return tried.value.counted(tried.attempts, kept, time.perf_counter() - begun)
        return _finished(task, bench, tried.value, tried.attempts, log, begun)


def once(task: Task, bench: Bench, log: TaskLog) -> TaskResult:
    """Do the task to its end, for somebody else who may try again; raises what its call raises, and only that."""
    begun, started_at = time.perf_counter(), datetime.now(UTC).isoformat()
    made = _call_of(task, bench, log)()
    assert not isinstance(made, Returned)
    attempted = Attempt(number=1, started_at=started_at, seconds=time.perf_counter() - begun)
    result = _finished(task, bench, made, (attempted,), log, begun)
    return write(task, bench, result) if isinstance(result, Unwritten) else result


def write(task: Task, bench: Bench, unwritten: Unwritten) -> TaskResult:
    """Store the parts of what ``make`` made, and end the task. A full disk fails this asset alone, as in ``make``."""
    begun = time.perf_counter()
    try:
        version = (
            unwritten.version
            if unwritten.is_stored
            else _written(unwritten, bench, private=task.asset.spec.private)
        )
        result = _ended(version, unwritten.judged, RunState.BUILT, bench, unwritten.log, is_new=True)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a full disk, a library's panic: this asset's alone
        attempts = unwritten.version.attempts
        attempts = (*attempts[:-1], failed_by(attempts[-1], error))
        return _failure(task, bench, attempts, error, unwritten.log, unwritten.seconds)
    return replace(result, seconds=unwritten.seconds + time.perf_counter() - begun)


def failure_message(error: BaseException) -> str:
    """Return one line that says what was raised."""
    if isinstance(error, AssetflowError):
        return error.message
    text = said(error).strip().split("\n", 1)[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _tried(task: Task, bench: Bench, log: TaskLog) -> Tried[Made | Version | Returned]:
    """Attempt the task's call, unless the same one failed for another of its outputs."""
    call = call_of_task(task)
    failed = bench.calls.failure(call) if call is not None else None
    if failed is not None:
        log.write_heading(f"the call for {failed.by} failed, and is not made again")
        return Tried(failed.attempts, None, failed.error)
    tried = attempt(
        _call_of(task, bench, log),
        task.retry,
        stop=bench.stop,
        told=lambda number, message, wait: bench.tell(TaskRetried(task.asset.name, number, message, wait)),
    )
    if call is not None and tried.error is not None:
        bench.calls.fail(call, FailedCall(task.asset.name, tried.attempts, tried.error))
    return tried


def _call_of(task: Task, bench: Bench, log: TaskLog) -> Callable[[], Made | Version | Returned]:
    """Return what is attempted, and attempted again: only what may fail for reasons outside."""
    source, away = task.asset.spec.source, bench.away
    if away is not None and task.executor == PROCESS:
        return lambda: away(task, log)
    if task.recorded is not None:
        recorded = task.recorded
        return lambda: recorded
    if task.asset.key in bench.elsewhere:
        seen = bench.elsewhere[task.asset.key]
        return lambda: record_of(task.asset.key, seen, task.run)
    if source is not None:
        key, partition = task.asset.key, task.asset.partition
        return lambda: observe_and_keep(
            key, source, bench.observer, bench.objects, task.run, partition=partition
        )
    return lambda: given_before(task, bench, log) or call(task, bench)


def _finished(
    task: Task, bench: Bench, made: Made | Version, attempts: tuple[Attempt, ...], log: TaskLog, begun: float
) -> TaskResult | Unwritten:
    """Do what comes after the call that succeeded; what goes wrong in it is a result too."""
    try:
        return _finish(task, bench, made, attempts, log, begun)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a library's panic: this asset's alone
        attempts = (*attempts[:-1], failed_by(attempts[-1], error))
        return _failure(task, bench, attempts, error, log, time.perf_counter() - begun)


def _finish(
    task: Task, bench: Bench, made: Made | Version, attempts: tuple[Attempt, ...], log: TaskLog, begun: float
) -> TaskResult | Unwritten:
    """Hash and judge what was made; store it too, unless it may be handed on meanwhile."""
    seconds = time.perf_counter() - begun
    if isinstance(made, Made) and made.content is not None:
        return _finish_content(task, bench, made, made.content, attempts, log, seconds)
    good = RunState.CHECKED if task.recorded is not None else RunState.BUILT
    version = _stored_already(task, bench, made, attempts, seconds) if isinstance(made, Made) else made
    is_new = task.recorded is None or task.recorded.run == task.run  # taken over from a former key
    result = _ended(version, _judgements(task, bench, version, None, log), good, bench, log, is_new=is_new)
    return replace(result, seconds=time.perf_counter() - begun)


def _finish_content(
    task: Task,
    bench: Bench,
    made: Made,
    content: Content,
    attempts: tuple[Attempt, ...],
    log: TaskLog,
    seconds: float,
) -> TaskResult | Unwritten:
    begun = time.perf_counter()
    identity = identify(content)
    _require_still(task, bench)
    bench.shelf.put(identity.data_version, content)
    stored = artifacts.at_hand(content, identity, known=bench.known, allow_inline=not task.asset.spec.private)
    manifest = artifacts.settle(stored or artifacts.without_parts(content, identity), bench.objects)
    version = _record(task, made, attempts, seconds, identity.data_version, manifest)
    judged = _judgements(task, bench, version, content, log)
    unwritten = Unwritten(
        version, stored is not None, content, identity, judged, log, seconds + time.perf_counter() - begun
    )
    may_wait = content.kind == "table" and stored is None and not judged.blocking and not judged.failures
    return unwritten if may_wait else write(task, bench, unwritten)


def _stored_already(
    task: Task, bench: Bench, made: Made, attempts: tuple[Attempt, ...], seconds: float
) -> Materialized:
    """Return the record of an effect, which has nothing to store, or of an output that was stored as it streamed."""
    if made.written is None:
        return _record(task, made, attempts, seconds, effect_version(task.fingerprint), None)
    _require_still(task, bench)
    manifest, identity = made.written.manifest, made.written.identity
    settled = artifacts.settle(manifest, bench.objects)
    return _record(task, made, attempts, seconds, identity.data_version, settled)


def _record(
    task: Task,
    made: Made,
    attempts: tuple[Attempt, ...],
    seconds: float,
    data_version: str,
    manifest: Manifest | ManifestRef | None,
) -> Materialized:
    spec = task.asset.spec
    return Materialized(
        run=task.run,
        asset=spec.key,
        partition=task.asset.partition,
        kind=spec.kind,
        version=version_id(spec.key, task.asset.partition, task.fingerprint, data_version),
        data_version=data_version,
        fingerprint=task.fingerprint,
        code_version=task.asset.code.digest,
        recipe=task.recipe,
        manifest=manifest,
        started_at=attempts[0].started_at,
        seconds=seconds,
        rows=manifest.rows if manifest else None,
        bytes=manifest.bytes if manifest else 0,
        executor=task.executor,
        reasons=task.reasons,
        attempts=attempts,
        metadata=dict(made.metadata),
        tree=task.tree,
        lineage=made.lineage,
        previous=_went_on_from(task) if made.is_incremental else None,
    )


def _went_on_from(task: Task) -> str:
    return task.previous.version if task.previous is not None else ""


def _require_still(task: Task, bench: Bench) -> None:
    """Raise SourceError when a source that is not kept changed meanwhile: then nobody knows what was read."""
    versions = [version for version in task.inputs.values() if version is not None]
    moved = [version.asset for version in versions if not bench.loader.still_holds(version)]
    if moved:
        raise SourceError(
            f"source {moved[0]} changed while {task.asset.key} was made from it, and its files are not kept",
            hint="run again; `keep=True` lets assets read a copy that stands still",
        )


def _written(unwritten: Unwritten, bench: Bench, *, private: bool) -> Materialized:
    """Store the parts, and return the version with the manifest that names them."""
    manifest = artifacts.write(
        unwritten.content,
        bench.objects,
        identity=unwritten.identity,
        known=bench.known,
        known_part=bench.known_part,
        allow_inline=not private,
        pool=bench.pool,
    ).manifest
    settled = artifacts.settle(manifest, bench.objects)
    return unwritten.version.model_copy(update={"manifest": settled, "bytes": manifest.bytes})


def _judgements(
    task: Task, bench: Bench, version: Version, content: Content | None, log: TaskLog
) -> Judgements:
    inputs = {key: value for key, value in task.inputs.items() if value is not None}
    return bench.judge.evaluate(task.asset, version, content, inputs, task.run, log, env=task.env)


def _ended(
    version: Version, judged: Judgements, good: RunState, bench: Bench, log: TaskLog, *, is_new: bool
) -> TaskResult:
    """Keep the log, and say what came of the task.

    ``good``: what it is if no check stands against it; ``is_new``: whether the version is not on record yet.
    """
    kept = log.keep(bench.objects)
    if good is not RunState.CHECKED and kept is not None:
        version = version.model_copy(update={"log": kept})
    failed = tuple(one.model_copy(update={"log": kept}) for one in judged.failures)
    state = RunState.FAILED if judged.failures else RunState.REJECTED if judged.blocking else good
    return TaskResult(
        state=state,
        actions=(*((version,) if is_new else ()), *judged.actions, *failed),
        version=version,
        message=judged.message or _note(version, is_new=is_new),
        error=judged.error,
        rows=version.rows,
        log=kept,
        verdicts=tuple(verdict for verdict in judged.verdicts if not verdict.passed),
    )


def _note(version: Version, *, is_new: bool) -> str:
    if isinstance(version, SourceObserved) and version.manifest is None and version.remote is None:
        size = f"{version.bytes / (1 << 30):.1f} GiB"
        return f"not kept ({size}): its versions cannot be loaded again, compared or rebuilt from"
    if is_new and isinstance(version, Materialized) and version.renamed_from is not None:
        return f"renamed from {version.renamed_from[0]}"
    return ""


def _failure(
    task: Task,
    bench: Bench,
    attempts: tuple[Attempt, ...],
    error: BaseException,
    log: TaskLog,
    seconds: float,
) -> TaskResult:
    log.write(attempts[-1].traceback or "")
    try:
        kept = log.keep(bench.objects)
    except (OSError, AssetflowError):
        kept = None  # what cannot be kept must not hide why the asset failed
    failed = Failed(
        run=task.run,
        asset=task.asset.key,
        partition=task.asset.partition,
        env=task.env,
        fingerprint=task.fingerprint,
        attempts=attempts,
        inputs=tuple((key, value.version) for key, value in task.inputs.items() if value is not None),
        recipe=task.recipe,
        tree=task.tree,
        log=kept,
    )
    return TaskResult(
        RunState.FAILED, (failed,), message=failure_message(error), error=error, seconds=seconds, log=kept
    )
