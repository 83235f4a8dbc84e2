"""Owns doing a task, in this thread or any other: make, observe or only judge a version, and say what came of it.

``execute`` is one plain function of a task and a bench. It commits and publishes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from assetflow.errors import AssetflowError, SourceError
from assetflow.execution.attempts import attempt, failed_by
from assetflow.execution.calling import Made, call
from assetflow.execution.capture import TaskLog, captured
from assetflow.execution.events import TaskRetried
from assetflow.execution.keeping import observe_and_keep
from assetflow.execution.task import Bench, Task, TaskResult, Version
from assetflow.frames.content import Content, identify
from assetflow.hashing.fingerprint import effect_version, version_id
from assetflow.model.actions import Attempt, Failed, Materialized, SourceObserved
from assetflow.model.manifest import Manifest, ManifestRef
from assetflow.model.states import RunState
from assetflow.model.text import said
from assetflow.storage import artifacts
from assetflow.storage.artifacts import Written


def execute(task: Task, bench: Bench) -> TaskResult:
    """Do the task. What goes wrong in it fails this asset alone: it is a result, never raised (but for Ctrl-C)."""
    log = TaskLog()
    begun = time.perf_counter()
    with captured(log):
        tried = attempt(
            _call_of(task, bench),
            task.retry,
            stop=bench.stop,
            told=lambda number, message, wait: bench.tell(TaskRetried(task.asset.key, number, message, wait)),
        )
        if tried.error is not None:
            result = _failure(task, bench, tried.attempts, tried.error, log)
        else:
            assert tried.value is not None
            made, seconds = tried.value, time.perf_counter() - begun
            try:
                result = _finish(task, bench, made, tried.attempts, seconds, log)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - a full disk, a library's panic: this asset's alone
                result = _failure(
                    task, bench, (*tried.attempts[:-1], failed_by(tried.attempts[-1], error)), error, log
                )
    return replace(result, seconds=time.perf_counter() - begun)


def failure_message(error: BaseException) -> str:
    """Return one line that says what was raised."""
    if isinstance(error, AssetflowError):
        return error.message
    text = said(error).strip().split("\n", 1)[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _call_of(task: Task, bench: Bench) -> Callable[[], Made | Version]:
    """Return what is attempted, and attempted again: only what may fail for reasons outside."""
    source = task.asset.spec.source
    if task.recorded is not None:
        recorded = task.recorded
        return lambda: recorded
    if source is not None:
        return lambda: observe_and_keep(task.asset.key, source, bench.observer, bench.objects, task.run)
    return lambda: call(task, bench)


def _finish(
    task: Task,
    bench: Bench,
    made: Made | Version,
    attempts: tuple[Attempt, ...],
    seconds: float,
    log: TaskLog,
) -> TaskResult:
    """Write what was made, judge it, and keep the log."""
    if not isinstance(made, Made):
        good = RunState.CHECKED if task.recorded is not None else RunState.BUILT
        return _judge(task, bench, made, None, good, log)
    version = _record(task, bench, made, attempts, seconds)
    return _judge(task, bench, version, made.content, RunState.BUILT, log)


def _record(
    task: Task, bench: Bench, made: Made, attempts: tuple[Attempt, ...], seconds: float
) -> Materialized:
    """Hash and write the output; nothing is written whose data version is stored already."""
    spec = task.asset.spec
    manifest: Manifest | ManifestRef | None = None
    data_version, rows, size = effect_version(task.fingerprint), None, 0
    written = _written(task, bench, made)
    if written is not None:
        data_version, rows = written.identity.data_version, written.identity.rows
        size = written.manifest.bytes
        manifest = artifacts.settle(written.manifest, bench.objects)
    return Materialized(
        run=task.run,
        asset=spec.key,
        kind=spec.kind,
        version=version_id(spec.key, "", task.fingerprint, data_version),
        data_version=data_version,
        fingerprint=task.fingerprint,
        code_version=task.asset.code.digest,
        recipe=task.recipe,
        manifest=manifest,
        started_at=attempts[0].started_at,
        seconds=seconds,
        rows=rows,
        bytes=size,
        executor=task.executor,
        reasons=task.reasons,
        attempts=attempts,
        metadata=dict(made.metadata),
        tree=task.tree,
    )


def _written(task: Task, bench: Bench, made: Made) -> Written | None:
    """Return what is stored of the output, which is stored now unless it streamed; None for an effect."""
    if made.content is None:
        if made.written is not None:
            _require_still(task, bench)
        return made.written
    identity = identify(made.content)
    _require_still(task, bench)
    bench.shelf.put(identity.data_version, made.content)
    return artifacts.write(
        made.content,
        bench.objects,
        identity=identity,
        known=bench.known,
        known_part=bench.known_part,
        pool=bench.pool,
    )


def _require_still(task: Task, bench: Bench) -> None:
    """Raise SourceError when a source that is not kept changed meanwhile: then nobody knows what was read."""
    versions = [version for version in task.inputs.values() if version is not None]
    moved = [version.asset for version in versions if not bench.loader.still_holds(version)]
    if moved:
        raise SourceError(
            f"source {moved[0]} changed while {task.asset.key} was made from it, and its files are not kept",
            hint="run again; `keep=True` lets assets read a copy that stands still",
        )


def _judge(
    task: Task, bench: Bench, version: Version, content: Content | None, good: RunState, log: TaskLog
) -> TaskResult:
    inputs = {key: value for key, value in task.inputs.items() if value is not None}
    judged = bench.judge.evaluate(task.asset, version, content, inputs, task.run, log, env=task.env)
    kept = _keep_log(bench, log)
    if good is not RunState.CHECKED:
        version = version.model_copy(update={"log": kept})
    failed = tuple(one.model_copy(update={"log": kept}) for one in judged.failures)
    state = RunState.FAILED if judged.failures else RunState.REJECTED if judged.blocking else good
    return TaskResult(
        state=state,
        actions=(*(() if good is RunState.CHECKED else (version,)), *judged.actions, *failed),
        version=version,
        message=judged.message or _note(version),
        error=judged.error,
        rows=version.rows,
        log=kept,
        verdicts=tuple(verdict for verdict in judged.verdicts if not verdict.passed),
    )


def _note(version: Version) -> str:
    if isinstance(version, SourceObserved) and version.manifest is None:
        size = f"{version.bytes / (1 << 30):.1f} GiB"
        return f"not kept ({size}): its versions cannot be loaded again, compared or rebuilt from"
    return ""


def _failure(
    task: Task, bench: Bench, attempts: tuple[Attempt, ...], error: BaseException, log: TaskLog
) -> TaskResult:
    log.write(attempts[-1].traceback or "")
    try:
        kept = _keep_log(bench, log)
    except (OSError, AssetflowError):
        kept = None  # what cannot be kept must not hide why the asset failed
    failed = Failed(
        run=task.run,
        asset=task.asset.key,
        env=task.env,
        fingerprint=task.fingerprint,
        attempts=attempts,
        inputs=tuple((key, value.version) for key, value in task.inputs.items() if value is not None),
        log=kept,
    )
    return TaskResult(RunState.FAILED, (failed,), message=failure_message(error), error=error, log=kept)


def _keep_log(bench: Bench, log: TaskLog) -> str | None:
    text = log.text()
    return bench.objects.put(text.encode("utf-8", "backslashreplace"), "log") if text else None
