"""Owns one call of a user's function: inputs loaded in the forms it asks for, its output made canonical.

An output that streams is made while it is gone through: storing it is a part of the call.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assetflow.declare.context import Context
from assetflow.declare.resource import Resource
from assetflow.errors import DataError
from assetflow.execution.task import Bench, Task
from assetflow.frames.content import Content
from assetflow.frames.forms import Form
from assetflow.frames.hand_out import hand_out_all
from assetflow.frames.intake import take
from assetflow.frames.stream import TableStream
from assetflow.storage import artifacts
from assetflow.storage.artifacts import Written


@dataclass(frozen=True)
class Made:
    """What a call gave: its output (None for an effect), and what it recorded.

    ``written``: where the output is stored, if it streamed; its content is then to be loaded.
    """

    content: Content | None
    metadata: Mapping[str, Any]
    written: Written | None = None


def call(task: Task, bench: Bench) -> Made:
    """Call the task's function once, with inputs of its own.

    Raises:
        Exception: whatever the function raises.
        DataError: an input cannot be handed out as asked, or the output cannot be versioned.
    """
    spec = task.asset.spec
    assert spec.function is not None
    context = Context(spec.key)
    with ExitStack() as stack:
        scratch = Path(tempfile.mkdtemp(prefix="assetflow-"))
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        arguments = _inputs(task, bench, scratch)
        for wanted in spec.resources:
            arguments[wanted.parameter] = _open(bench.resources[wanted.name], stack)
        if spec.config_parameter is not None:
            arguments[spec.config_parameter] = task.asset.config.model_copy(deep=True)
        if spec.context_parameter is not None:
            arguments[spec.context_parameter] = context
        content = _take(task, spec.function(**arguments), scratch)
        if content is not None and isinstance(content.data, TableStream):
            return Made(None, context.recorded, _write(content, bench))
    return Made(content, context.recorded)


def _write(content: Content, bench: Bench) -> Written:
    """Store a stream as it comes, with all at hand that it is made from."""
    return artifacts.write(
        content, bench.objects, known=bench.known, known_part=bench.known_part, pool=bench.pool
    )


def _inputs(task: Task, bench: Bench, scratch: Path) -> dict[str, Any]:
    """Return the inputs by parameter, each in the form asked for; None for an optional one without version."""
    present: dict[str, tuple[Content, Form]] = {}
    arguments: dict[str, Any] = {}
    for item in task.asset.inputs:
        action = task.inputs.get(item.spec.key)
        if action is None:
            arguments[item.spec.parameter] = None
        else:
            content = bench.loader.content(action, item.columns, lazily=item.form.streams)
            present[item.spec.parameter] = (content, item.form)
    return {**arguments, **hand_out_all(present, scratch=scratch)}


def _open(resource: Resource, stack: ExitStack) -> Any:
    assert resource.open is not None
    value = resource.open()
    if resource.close is not None:
        stack.callback(resource.close, value)
    return value


def _take(task: Task, returned: Any, scratch: Path) -> Content | None:
    spec = task.asset.spec
    if spec.kind == "effect":
        if returned is not None:
            raise DataError(
                f"{spec.key} is annotated `-> None`, but returned {type(returned).__name__}",
                hint="annotate what it returns, and it becomes a versioned asset; or return nothing",
            )
        return None
    if returned is None:
        raise DataError(
            f"{spec.key} returned None",
            hint="return its data; or, if it is made for what it does elsewhere, annotate it `-> None`",
        )
    return take(
        returned,
        form=task.asset.returns,
        asset=spec.key,
        format=spec.format,
        sort_by=spec.sort_by,
        round=spec.round,
        schema=spec.schema,
        scratch=scratch,
    )
