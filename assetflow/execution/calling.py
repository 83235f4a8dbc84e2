"""Owns one call of a user's function, or one run of a query or a command: its inputs loaded, its output made canonical.

An output that streams is made while it is gone through: storing it is a part of the call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from assetflow.declare.context import Context
from assetflow.declare.resource import Resource
from assetflow.errors import DataError, UsageError
from assetflow.execution.answering import answer
from assetflow.execution.calls import Given
from assetflow.execution.capture import TaskLog
from assetflow.execution.commanding import carry_out
from assetflow.execution.inputs import handed_out, present_versions
from assetflow.execution.task import Bench, Task
from assetflow.frames.content import Content
from assetflow.frames.forms import Form, form_of
from assetflow.frames.intake import take
from assetflow.frames.stream import TableStream
from assetflow.keys import name_of
from assetflow.model.spec import OutputSpec
from assetflow.model.versions import Lineage
from assetflow.planning.fingerprints import call_of
from assetflow.storage import artifacts
from assetflow.storage.artifacts import Written


@dataclass(frozen=True)
class Made:
    """What a call gave: its output (None for an effect), what it recorded, and a query's lineage.

    ``written``: where the output is stored, if it streamed; its content is then to be loaded.
    """

    content: Content | None
    metadata: Mapping[str, Any]
    written: Written | None = None
    lineage: Lineage = field(default_factory=dict)
    is_incremental: bool = False


def call(task: Task, bench: Bench) -> Made:
    """Call the task's function once, with inputs of its own; or run its query or its command.

    Raises:
        Exception: whatever the function raises.
        QueryError: DuckDB cannot run the query.
        CommandError: the program cannot be started, or did not end well.
        DataError: an input cannot be handed out as asked, or the output cannot be versioned.
    """
    with ExitStack() as stack:
        context = context_of(task, bench, stack)
        lineage: Lineage = {}
        if task.asset.spec.query is not None:
            returned, lineage = answer(task, bench, stack)
        elif task.asset.spec.command is not None:
            returned = carry_out(task, bench, stack)
        else:
            returned = called(task, bench, stack, context)
            _keep_others(task, bench, returned, context)
        content = taken(task, returned)
        if content is not None and isinstance(content.data, TableStream):
            written = _write(content, bench, private=task.asset.spec.private)
            return Made(None, context.recorded, written, lineage, context.is_incremental)
    return Made(content, context.recorded, lineage=lineage, is_incremental=context.is_incremental)


def context_of(task: Task, bench: Bench, stack: ExitStack) -> Context:
    """Return what the task's function may know; what it goes on from is read when it asks, and lasts as long."""
    previous = partial(_previous, task, bench, stack)
    return Context(task.asset.key, partition=task.partition, previous=previous)


def called(task: Task, bench: Bench, stack: ExitStack, context: Context) -> Any:
    """Call the task's function, and return what it returns; its inputs and resources last as long as ``stack``.

    Raises:
        Exception: whatever the function raises.
        DataError: an input cannot be handed out as asked.
    """
    spec = task.asset.spec
    assert spec.function is not None
    arguments = _inputs(task, bench, stack)
    for wanted in spec.resources:
        arguments[wanted.parameter] = _open(bench.resources[wanted.name], stack)
    if spec.config_parameter is not None:
        arguments[spec.config_parameter] = task.asset.config.model_copy(deep=True)
    if spec.context_parameter is not None:
        arguments[spec.context_parameter] = context
    return spec.function(**arguments)


def taken(task: Task, returned: Any) -> Content | None:
    """Return the canonical content of what was returned, a stream not gone through yet; None of an effect.

    Of several outputs, that of the task's asset.

    Raises:
        DataError: it cannot be versioned.
    """
    spec = task.asset.spec
    if spec.outs:
        returned = outputs_of(returned, [out.key for out in spec.outs])[spec.key]
    if spec.kind == "effect":
        if returned is not None:
            raise DataError(
                f"{spec.key} is annotated `-> None`, but returned {type(returned).__name__}",
                hint="annotate what it returns, and it becomes a versioned asset; or return nothing",
            )
        return None
    return take(
        returned,
        form=task.asset.returns,
        asset=spec.key,
        format=spec.format,
        sort_by=() if spec.query is not None else spec.sort_by,  # a query's rows come sorted
        round=spec.round,
        schema=spec.schema,
    )


def outputs_of(returned: Any, keys: Sequence[str]) -> Mapping[str, Any]:
    """Return what a function with several outputs returned, by their keys.

    Raises:
        DataError: it is neither a dictionary of exactly these, nor a tuple of as many.
    """
    if isinstance(returned, tuple) and len(returned) == len(keys):
        return dict(zip(keys, returned, strict=True))
    if isinstance(returned, Mapping) and returned.keys() == set(keys):
        return returned
    what = f"a {type(returned).__name__}"
    if isinstance(returned, Mapping):
        what = f"a dictionary of {', '.join(map(repr, returned)) or 'nothing'}"
    elif isinstance(returned, tuple):
        what = f"a tuple of {len(returned)}"
    raise DataError(
        f"the function that makes {', '.join(keys)} returned {what}",
        hint=f"return a dictionary with the keys {', '.join(map(repr, keys))}, or a tuple in this order",
    )


def given_before(task: Task, bench: Bench, log: TaskLog) -> Made | None:
    """Return the task's output of a call that was made for another one; None where there was none.

    Raises:
        Exception: what went wrong when it was stored.
    """
    call = call_of_task(task)
    given = bench.calls.take(call, task.asset.name) if call is not None else None
    if given is None:
        return None
    log.write_heading(f"given by the call for {given.by}, whose log tells of it")
    if given.error is not None:
        raise given.error
    return Made(None, given.metadata, given.written)


def call_of_task(task: Task) -> str | None:
    """Return what names the task's call, if its function has several outputs: the same for all of them."""
    spec = task.asset.spec
    if not spec.outs or task.recorded is not None:
        return None
    return call_of([out.key for out in spec.outs], task.recipe, task.asset.partition)


def _keep_others(task: Task, bench: Bench, returned: Any, context: Context) -> None:
    """Store those of several outputs for whose assets there will be a task."""
    call = call_of_task(task)
    if call is None:
        return
    outputs = outputs_of(returned, [out.key for out in task.asset.spec.outs])
    for out in task.asset.spec.outs:
        name = name_of(out.key, task.asset.partition)
        if name != task.asset.name and bench.calls.wants(name):
            bench.calls.keep(call, name, _given(out, outputs[out.key], task.asset.name, bench, context))


def _given(out: OutputSpec, returned: Any, by: str, bench: Bench, context: Context) -> Given:
    try:
        content = take(
            returned,
            form=form_of(out.returns),
            asset=out.key,
            format=out.format,
            sort_by=out.sort_by,
            round=out.round,
            schema=out.schema,
        )
        return Given(by, dict(context.recorded), _write(content, bench, private=out.private))
    except Exception as error:  # noqa: BLE001 - what it streams is the user's code: that output's failure alone
        return Given(by, error=error)


def _previous(task: Task, bench: Bench, stack: ExitStack) -> Any:
    """Return the data that an incremental asset goes on from, in the form that it returns; None for none."""
    if task.asset.spec.outs:
        raise UsageError(
            f"{task.asset.key} is one of several outputs of its function, which cannot go on from what there is",
            hint="make an asset of its own of what is incremental, with @af.asset",
        )
    if task.previous is None:
        return None
    form = task.asset.returns
    content = bench.loader.content(task.previous, lazily=form.streams)
    return handed_out({"previous": (content, form)}, stack)["previous"]


def _write(content: Content, bench: Bench, *, private: bool) -> Written:
    """Store a content as it comes, with all at hand that it is made from."""
    return artifacts.write(
        content,
        bench.objects,
        known=bench.known,
        known_part=bench.known_part,
        allow_inline=not private,
        pool=bench.pool,
    )


def _inputs(task: Task, bench: Bench, stack: ExitStack) -> dict[str, Any]:
    """Return the inputs by parameter, each in the form asked for; None for an optional one without version."""
    present: dict[str, tuple[Content, Form]] = {}
    arguments: dict[str, Any] = {}
    for item in task.asset.inputs:
        versions = present_versions(item, task.inputs)
        if not versions:
            arguments[item.spec.parameter] = None
        elif item.spec.by_partition:
            contents = {key: (bench.loader.content(one, item.columns), item.form) for key, one in versions}
            arguments[item.spec.parameter] = handed_out(contents, stack)
        else:
            actions = [action for _, action in versions]
            content = bench.loader.together(actions, item.columns, lazily=item.form.streams)
            present[item.spec.parameter] = (content, item.form)
    return {**arguments, **handed_out(present, stack)}


def _open(resource: Resource, stack: ExitStack) -> Any:
    assert resource.open is not None
    value = resource.open()
    if resource.close is not None:
        stack.callback(resource.close, value)
    return value
