"""Owns one call of a user's function, or one run of a query: its inputs loaded, its output made canonical."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assetflow.declare.context import Context
from assetflow.declare.resource import Resource
from assetflow.errors import DataError
from assetflow.execution.answering import answer
from assetflow.execution.task import Bench, Task
from assetflow.frames.content import Content
from assetflow.frames.forms import Form
from assetflow.frames.hand_out import hand_out_all
from assetflow.frames.intake import take
from assetflow.model.actions import Lineage


@dataclass(frozen=True)
class Made:
    """What a call gave: its output (None for an effect), what it recorded, and a query's lineage."""

    content: Content | None
    metadata: Mapping[str, Any]
    lineage: Lineage = field(default_factory=dict)


def call(task: Task, bench: Bench) -> Made:
    """Call the task's function once, with inputs of its own; or run its query.

    Raises:
        Exception: whatever the function raises.
        QueryError: DuckDB cannot run the query.
        DataError: an input cannot be handed out as asked, or the output cannot be versioned.
    """
    spec = task.asset.spec
    context = Context(spec.key)
    with ExitStack() as stack:
        scratch = Path(tempfile.mkdtemp(prefix="assetflow-"))
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        if spec.query is not None:
            rows, lineage = answer(task, bench, scratch)
            return Made(_take(task, rows), {}, lineage)
        assert spec.function is not None
        arguments = _inputs(task, bench, scratch)
        for wanted in spec.resources:
            arguments[wanted.parameter] = _open(bench.resources[wanted.name], stack)
        if spec.config_parameter is not None:
            arguments[spec.config_parameter] = task.asset.config.model_copy(deep=True)
        if spec.context_parameter is not None:
            arguments[spec.context_parameter] = context
        content = _take(task, spec.function(**arguments))
    return Made(content, context.recorded)


def _inputs(task: Task, bench: Bench, scratch: Path) -> dict[str, Any]:
    """Return the inputs by parameter, each in the form asked for; None for an optional one without version."""
    present: dict[str, tuple[Content, Form]] = {}
    arguments: dict[str, Any] = {}
    for item in task.asset.inputs:
        action = task.inputs.get(item.spec.key)
        if action is None:
            arguments[item.spec.parameter] = None
        else:
            present[item.spec.parameter] = (bench.loader.content(action, item.columns), item.form)
    return {**arguments, **hand_out_all(present, scratch=scratch)}


def _open(resource: Resource, stack: ExitStack) -> Any:
    assert resource.open is not None
    value = resource.open()
    if resource.close is not None:
        stack.callback(resource.close, value)
    return value


def _take(task: Task, returned: Any) -> Content | None:
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
        sort_by=() if spec.query is not None else spec.sort_by,  # a query's rows come sorted
        round=spec.round,
        schema=spec.schema,
    )
