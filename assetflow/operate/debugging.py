"""Owns calling an asset's function once more, here, with the inputs that it had when it failed; nothing is recorded.

Knows nothing of debuggers: whoever asks is told of what is raised while all that the function had is still there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from typing import Any

from assetflow.errors import UnknownNameError, UsageError
from assetflow.execution.calling import called, context_of, taken
from assetflow.execution.judging import handed_to
from assetflow.execution.shelf import Shelf
from assetflow.execution.task import Bench, Task
from assetflow.frames.content import Content
from assetflow.frames.stream import TableStream
from assetflow.keys import split_name, typed
from assetflow.ledger.failures import Failure
from assetflow.ledger.session import Session
from assetflow.model.recipe import HIDDEN, Recipe
from assetflow.model.spec import Retry
from assetflow.model.versions import Version
from assetflow.operate.bench import bench_of
from assetflow.operate.past import Past
from assetflow.operate.workspace import Workspace
from assetflow.planning.fingerprints import fingerprint_of, recipe_of, seen_of
from assetflow.planning.layout import Layout
from assetflow.planning.reasons import declared_differences
from assetflow.planning.resolve import Resolved, ResolvedInput

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
    """A call to be made, of the asset's function, or of that of its ``check``, where that is what raised.

    ``run``, ``time``, ``error``: of the failure, None without one. ``changes``: what differs since, in words: code, and
    what is declared. ``is_effect``: what it does elsewhere, the call does.
    """

    key: str
    check: str | None
    run: str | None
    time: str | None
    error: str | None
    inputs: tuple[DebugInput, ...]
    changes: tuple[str, ...]
    is_effect: bool = False


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
        key: the asset, or the name of a partition of it (``keys.name_of``).
        run: the beginning of the id of the run that it failed in; None for the last that it failed in.
        about: is told what will be called.
        raised: is told of what was raised, while the inputs are still there.

    Raises:
        UnknownNameError: no such asset, no such run, or it did not fail in it; an input has no version.
        UsageError: no function makes it.
        DamagedError: an input is not stored any more.
    """
    workspace.require([split_name(key)[0]])
    with workspace.ledger.session() as session:
        failure = _failure(session, workspace, key, run)
        if failure is not None and failure.action.check is not None:
            rehearsal, work = _of_check(session, workspace, failure, failure.action.check)
        else:
            _require_function(workspace, split_name(key)[0])
            rehearsal, work = _of_function(session, workspace, key, failure)
    about(rehearsal)
    return _called(rehearsal, work, raised)


Work = Callable[[ExitStack], tuple[str, Mapping[str, Any]]]
"""Makes the call, with what lasts as long as the stack, and says what came out, and what was recorded."""


def _called(rehearsal: Rehearsal, work: Work, raised: Raised) -> Debugged:
    with ExitStack() as stack:
        try:
            output, recorded = work(stack)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the user's function raises was asked for
            raised(error)
            return Debugged(rehearsal, error)
    return Debugged(rehearsal, None, output, dict(recorded))


def _of_function(
    session: Session, workspace: Workspace, key: str, failure: Failure | None
) -> tuple[Rehearsal, Work]:
    recipe = failure.action.recipe if failure is not None else None
    layout = workspace.layout()
    asset = _placed(layout, _resolved(workspace, split_name(key)[0], recipe), key, failure)
    items, versions = _inputs(session, workspace, asset, asset.inputs, _versions_had(failure))
    before = session.versions(_published(session, workspace, [asset.name]).values())
    task = replace(
        _task(workspace, asset, versions),
        partition=layout.partition(asset) if asset.partition else None,
        previous=next((recorded.action for recorded in before.values()), None),
    )
    changes = declared_differences(recipe, task.recipe) if recipe is not None else ()

    def work(stack: ExitStack) -> tuple[str, Mapping[str, Any]]:
        bench = _bench(workspace, asset.key)
        context = context_of(task, bench, stack)
        output = _told(taken(task, called(task, bench, stack, context)))
        return output, context.recorded

    rehearsal = _rehearsal(asset.name, failure, items, changes)
    return replace(rehearsal, is_effect=asset.spec.kind == "effect"), work


def _placed(layout: Layout, asset: Resolved, name: str, failure: Failure | None) -> Resolved:
    """Return the partition that is named, or that failed; else the last one there is."""
    if not layout.is_partitioned(asset.key):
        return layout.whole(asset)
    partition = split_name(name)[1] or (failure.action.partition if failure is not None else "")
    keys = layout.keys(asset.key)
    if not partition and keys.last is None:
        raise UsageError(f"{asset.key} has no partition yet", hint="none has come to its end")
    return layout.placed_at(asset, partition or keys.last or "")


def _of_check(session: Session, workspace: Workspace, failure: Failure, name: str) -> tuple[Rehearsal, Work]:
    """Return the call of a check, with the version that it raised on, and what it read beside."""
    action = failure.action
    asset = _placed(workspace.layout(), _resolved(workspace, action.asset, None), action.name, failure)
    check = next((check for check in asset.checks if check.spec.name == name), None)
    if check is None or check.spec.function is None:
        why = "is declared no longer" if check is None else "is built in, or a schema: there is no function"
        hint = f"`assetflow logs {typed(action.name)} --run {action.run}` shows what was raised"
        raise UsageError(f"what raised was check {name} of {action.asset}, which {why} to debug", hint=hint)
    records = session.records([action.asset], [action.fingerprint or ""])
    if not records:
        raise UnknownNameError(f"the version of {action.asset} on which check {name} raised is not on record")
    judged = records[-1].action
    items, versions = _inputs(session, workspace, asset, check.inputs, dict(action.inputs))
    items = [DebugInput(check.spec.parameter, action.asset, judged.version, as_failed=True), *items]
    function, loader = check.spec.function, workspace.loader

    def work(stack: ExitStack) -> tuple[str, Mapping[str, Any]]:
        content = loader.content(judged, lazily=check.form.streams)
        others = {
            item.spec.key: loader.content(version, item.columns, lazily=item.form.streams)
            for item in check.inputs
            for name in item.names
            if (version := versions[name]) is not None
        }
        return f"the answer {function(**handed_to(check, content, others, stack))!r}", {}

    is_changed = check.code.digest != action.code_version
    return _rehearsal(action.asset, failure, items, ["the check's code changed"] if is_changed else ()), work


def _rehearsal(
    key: str, failure: Failure | None, items: Sequence[DebugInput], changes: Sequence[str]
) -> Rehearsal:
    return Rehearsal(
        key=key,
        check=failure.action.check if failure is not None else None,
        run=failure.action.run if failure is not None else None,
        time=failure.time if failure is not None else None,
        error=failure.action.attempts[-1].words if failure is not None else None,
        inputs=tuple(items),
        changes=tuple(changes),
    )


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
    """Return the last time that the asset failed in this environment; in ``run``, where one is named."""
    found = session.find_run(run, workspace.store.live).run if run is not None else None
    asset, partition = split_name(key)
    for failure in session.failures(found, asset):
        if failure.action.env == workspace.env and partition in ("", failure.action.partition):
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
    config = {name: value for name, value in recorded.items() if value != HIDDEN and name in known}
    resolver = workspace.resolver({key: config} if config else {})
    return resolver.resolve_all([workspace.specs[key]])[key]


def _inputs(
    session: Session,
    workspace: Workspace,
    asset: Resolved,
    asked: Sequence[ResolvedInput],
    had: Mapping[str, str | None],
) -> tuple[list[DebugInput], dict[str, Version | None]]:
    """Return the inputs and their versions: those that it ``had``; of what it did not read, those published now."""
    read = [(item, name) for item in asked for name in item.names]
    published = _published(session, workspace, [name for _, name in read])
    wanted = {name: had.get(name, published.get(name)) for _, name in read}
    records = session.versions({version for version in wanted.values() if version is not None})
    for item, name in read:
        version = wanted[name]
        if version is None and item.spec.missing == "fail":
            hint = f"`assetflow materialize {item.spec.key}`"
            raise UnknownNameError(f"{name} has no version to read", hint=hint)
        if version is not None and version not in records:
            raise UnknownNameError(
                f"version {version[:12]} of {name}, which {asset.name} read, is not on record any more",
                hint="`assetflow materialize` makes the failure anew, with versions of now",
            )
    items = [DebugInput(item.spec.parameter, name, wanted[name], name in had) for item, name in read]
    return items, {name: records[version].action if version else None for name, version in wanted.items()}


def _published(session: Session, workspace: Workspace, names: Sequence[str]) -> dict[str, str]:
    """Return the version that the environment publishes of each of these."""
    pointers = session.pointers(workspace.env, partitioned=any(split_name(name)[1] for name in names))
    return {name: pointers[split_name(name)].version for name in names if split_name(name) in pointers}


def _versions_had(failure: Failure | None) -> dict[str, str | None]:
    if failure is None:
        return {}
    recipe = failure.action.recipe
    if recipe is None:  # of an older release
        return dict(failure.action.inputs)
    return {item.name: item.version for item in recipe.inputs}


def _task(workspace: Workspace, asset: Resolved, inputs: Mapping[str, Version | None]) -> Task:
    recipe = recipe_of(asset, {key: seen_of(version) if version else None for key, version in inputs.items()})
    return Task(
        asset=asset,
        run=_NAME,
        env=workspace.env,
        recipe=recipe,
        fingerprint=fingerprint_of(asset.key, recipe, asset.partition),
        inputs=inputs,
        retry=Retry(),
        executor=_NAME,
    )


def _bench(workspace: Workspace, key: str) -> Bench:
    """Return what the call needs; nothing in it writes, and what is made is handed to nobody."""
    return replace(bench_of(workspace, Past(workspace, [key])), shelf=Shelf())
