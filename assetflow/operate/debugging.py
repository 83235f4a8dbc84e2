"""Owns calling an asset's function once more, here, with the inputs that it had when it failed; nothing is recorded.

Knows nothing of debuggers: whoever asks is told of what is raised while all that the function had is still there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

from assetflow.declare.context import Context
from assetflow.errors import UnknownNameError, UsageError
from assetflow.execution.calling import called, taken
from assetflow.execution.judging import Judge
from assetflow.execution.shelf import Shelf
from assetflow.execution.task import Bench, Task
from assetflow.frames.content import Content
from assetflow.frames.stream import TableStream
from assetflow.ledger.failures import Failure
from assetflow.ledger.session import Session
from assetflow.model.recipe import Recipe
from assetflow.model.spec import Retry
from assetflow.model.versions import Version
from assetflow.operate.past import Past
from assetflow.operate.workspace import Workspace
from assetflow.planning.fingerprints import fingerprint_of, recipe_of, seen_of
from assetflow.planning.reasons import declared_differences
from assetflow.planning.resolve import Resolved

_SECRET = "*" * 10
_NAME = "debug"


@dataclass(frozen=True)
class DebugInput:
    """One input of the call. ``version``: None where it has none; ``as_failed``: whether it is the failed run's."""

    parameter: str
    asset: str
    version: str | None
    as_failed: bool


@dataclass(frozen=True)
class Rehearsal:
    """A call to be made. ``run``, ``time``, ``error``: of the failure, None without one.

    ``changes``: what differs since, in words: code, and what is declared.
    """

    key: str
    run: str | None
    time: str | None
    error: str | None
    inputs: tuple[DebugInput, ...]
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Debugged:
    """What came of a call. ``raised``: None where the function did what it should; ``output``: what came out then."""

    rehearsal: Rehearsal
    raised: BaseException | None
    output: str | None = None
    recorded: Mapping[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        raised = None if self.raised is None else f"{type(self.raised).__qualname__}: {self.raised}"
        return {**asdict(self.rehearsal), "raised": raised, "output": self.output, "recorded": self.recorded}


Raised = Callable[[BaseException], None]


def debug(
    workspace: Workspace,
    key: str,
    run: str | None = None,
    *,
    about: Callable[[Rehearsal], None] = lambda _: None,
    raised: Raised = lambda _: None,
) -> Debugged:
    """Call the function of ``key`` with the inputs of its last failure, or with what it would read now.

    Args:
        workspace: the project.
        key: the asset.
        run: the beginning of the id of the run that it failed in; None for the last that it failed in.
        about: is told what will be called.
        raised: is told of what was raised, while the inputs are still there.

    Raises:
        UnknownNameError: no such asset, no such run, or it did not fail in it; an input has no version.
        UsageError: no function makes it.
        DamagedError: an input is not stored any more.
    """
    workspace.require([key])
    _require_function(workspace, key)
    with workspace.ledger.session() as session:
        failure = _failure(session, workspace, key, run)
        asset = _resolved(workspace, key, failure.action.recipe if failure is not None else None)
        inputs = _inputs(session, workspace, asset, failure)
    task = _task(workspace, asset, {item.asset: version for item, version in inputs})
    rehearsal = Rehearsal(
        key=key,
        run=failure.action.run if failure is not None else None,
        time=failure.time if failure is not None else None,
        error=_words(failure) if failure is not None else None,
        inputs=tuple(item for item, _ in inputs),
        changes=_changes(failure, task.recipe),
    )
    about(rehearsal)
    return _call(task, _bench(workspace, key), rehearsal, raised)


def _call(task: Task, bench: Bench, rehearsal: Rehearsal, raised: Raised) -> Debugged:
    context = Context(task.asset.key)
    with ExitStack() as stack:
        try:
            output = _told(taken(task, called(task, bench, stack, context)))
        except Exception as error:  # noqa: BLE001 - it is what was asked for: whatever the user's function raises
            raised(error)
            return Debugged(rehearsal, error)
    return Debugged(rehearsal, None, output, dict(context.recorded))


def _told(content: Content | None) -> str:
    """Say what came out; a stream is gone through, and not kept."""
    if content is None:
        return "nothing: it is an effect"
    if content.kind == "table":
        is_stream = isinstance(content.data, TableStream)
        rows = sum(piece.num_rows for piece in content.data) if is_stream else content.data.num_rows
        return f"a table of {rows:,} rows: {', '.join(content.data.schema.names)}"
    if content.kind == "value":
        return f"the value {content.data}"
    return f"a {content.kind}, {content.format}"


def _require_function(workspace: Workspace, key: str) -> None:
    spec = workspace.specs[key]
    if spec.function is None:
        made = "a program" if spec.command is not None else "a query" if spec.query is not None else "others"
        hint = f"`assetflow logs {key}` shows what it said, `assetflow explain {key}` what it is made from"
        raise UsageError(f"{key} is made by {made}: there is no function to debug", hint=hint)


def _failure(session: Session, workspace: Workspace, key: str, run: str | None) -> Failure | None:
    """Return the last time that the function raised in this environment; in ``run``, where one is named."""
    found = session.find_run(run, workspace.store.live).run if run is not None else None
    for failure in session.failures(found, key):
        if failure.action.env == workspace.env and failure.action.check is None:
            return failure
    if found is None:
        return None
    raise UnknownNameError(
        f"{key} did not fail in run {found} of environment {workspace.env!r}",
        hint=f"`assetflow runs {found}` says what did; without --run, the last failure of {key} is taken",
    )


def _resolved(workspace: Workspace, key: str, recipe: Recipe | None) -> Resolved:
    """Resolve the asset with the config that it had; of secrets, which are not on record, those of now."""
    recorded = recipe.config if recipe is not None and recipe.config is not None else {}
    known = getattr(workspace.specs[key].config_model, "model_fields", {})
    config = {name: value for name, value in recorded.items() if value != _SECRET and name in known}
    resolver = workspace.resolver({key: config} if config else {})
    return resolver.resolve_all([workspace.specs[key]])[key]


def _inputs(
    session: Session, workspace: Workspace, asset: Resolved, failure: Failure | None
) -> list[tuple[DebugInput, Version | None]]:
    """Return the inputs with their versions: those of the failure; of what it did not read, those published now."""
    had = _versions_had(failure)
    published = {key: pointer.version for (key, _), pointer in session.pointers(workspace.env).items()}
    wanted = {item.spec.key: had.get(item.spec.key, published.get(item.spec.key)) for item in asset.inputs}
    records = session.versions({version for version in wanted.values() if version is not None})
    found = []
    for item in asset.inputs:
        key, version = item.spec.key, wanted[item.spec.key]
        if version is None and item.spec.missing == "fail":
            raise UnknownNameError(f"{key} has no version to read", hint=f"`assetflow materialize {key}`")
        if version is not None and version not in records:
            raise UnknownNameError(
                f"version {version[:12]} of {key}, which {asset.key} read, is not on record any more",
                hint="`assetflow materialize` makes the failure anew, with versions of now",
            )
        record = records[version].action if version is not None else None
        found.append((DebugInput(item.spec.parameter, key, version, key in had), record))
    return found


def _versions_had(failure: Failure | None) -> dict[str, str | None]:
    if failure is None:
        return {}
    recipe = failure.action.recipe
    if recipe is None:  # of an older release
        return dict(failure.action.inputs)
    return {item.asset: item.version for item in recipe.inputs}


def _task(workspace: Workspace, asset: Resolved, inputs: Mapping[str, Version | None]) -> Task:
    recipe = recipe_of(asset, {key: seen_of(version) if version else None for key, version in inputs.items()})
    return Task(
        asset=asset,
        run=_NAME,
        env=workspace.env,
        recipe=recipe,
        fingerprint=fingerprint_of(asset.key, recipe),
        inputs=inputs,
        retry=Retry(),
        executor=_NAME,
    )


def _bench(workspace: Workspace, key: str) -> Bench:
    """Return what the call needs; nothing in it writes."""
    objects = workspace.store.objects
    return Bench(
        loader=workspace.loader,
        objects=objects,
        observer=workspace.observer,
        shelf=Shelf(),
        judge=Judge(workspace.loader, objects, Past(workspace, [key])),
        resources=workspace.declared.resources,
        stop=threading.Event(),
        tell=lambda _event: None,
        known=lambda _data_version, _format: None,
        known_part=lambda _version, _format: None,
    )


def _changes(failure: Failure | None, now: Recipe) -> tuple[str, ...]:
    before = failure.action.recipe if failure is not None else None
    return tuple(declared_differences(before, now)) if before is not None else ()


def _words(failure: Failure) -> str:
    last = failure.action.attempts[-1]
    return f"{last.error}: {last.message}".split("\n", 1)[0].rstrip(": ")
