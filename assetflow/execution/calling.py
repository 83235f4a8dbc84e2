"""Owns one call of a user's function, or one run of a query or a command: its inputs loaded, its output made canonical.

An output that streams is made while it is gone through: storing it is a part of the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from assetflow.declare.context import Context
from assetflow.declare.resource import Resource
from assetflow.errors import DataError
from assetflow.execution.answering import answer
from assetflow.execution.commanding import carry_out
from assetflow.execution.inputs import handed_out, present_versions
from assetflow.execution.task import Bench, Task
from assetflow.frames.content import Content
from assetflow.frames.forms import Form
from assetflow.frames.intake import take
from assetflow.frames.stream import TableStream
from assetflow.model.versions import Lineage
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
        content = taken(task, returned)
        if content is not None and isinstance(content.data, TableStream):
            written = _write(content, task, bench)
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

    Raises:
        DataError: it cannot be versioned.
    """
    spec = task.asset.spec
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


def _previous(task: Task, bench: Bench, stack: ExitStack) -> Any:
    """Return the data that an incremental asset goes on from, in the form that it returns; None for none."""
    if task.previous is None:
        return None
    form = task.asset.returns
    content = bench.loader.content(task.previous, lazily=form.streams)
    return handed_out({"previous": (content, form)}, stack)["previous"]


def _write(content: Content, task: Task, bench: Bench) -> Written:
    """Store a stream as it comes, with all at hand that it is made from."""
    return artifacts.write(
        content,
        bench.objects,
        known=bench.known,
        known_part=bench.known_part,
        allow_inline=not task.asset.spec.private,
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
