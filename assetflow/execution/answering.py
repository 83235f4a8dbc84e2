"""Owns the running of a task's query: its inputs, as far as the query reads them, and their tables by its names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

from assetflow.errors import DataError
from assetflow.execution.inputs import temporary_folder
from assetflow.execution.task import Bench, Task
from assetflow.model.recipe import InputVersion
from assetflow.model.versions import Lineage
from assetflow.planning.fingerprints import seen_of
from assetflow.queries.running import run_query
from assetflow.queries.views import QueryInput

if TYPE_CHECKING:
    import pyarrow as pa


def answer(task: Task, bench: Bench, stack: ExitStack) -> tuple[Iterator[pa.Table], Lineage]:
    """Return the rows of the task's query, in order, and from which assets' columns they come.

    It sees what entered its fingerprint, and no other column. The rows can be gone through while ``stack`` is open.

    Raises:
        QueryError: DuckDB cannot run it.
        DataError: an input is no table, or the output's columns are not as asked.
    """
    spec = task.asset.spec
    assert spec.query is not None
    inputs = [_input(item, task, bench) for item in task.recipe.inputs]
    digits = dict(spec.round)
    made = run_query(
        spec.query.text,
        inputs,
        scratch=temporary_folder(stack),
        sort_by=spec.sort_by,
        digits=digits,
        stack=stack,
    )
    assets = {item.parameter: item.asset for item in task.recipe.inputs}
    lineage = {
        column: tuple(sorted((assets[name], source) for name, source in origins))
        for column, origins in made.origins.items()
    }
    return made.rows, lineage


def _input(item: InputVersion, task: Task, bench: Bench) -> QueryInput:
    action = task.inputs[item.asset]
    assert action is not None  # a query's inputs are never optional
    columns = None if item.columns is None else tuple(name for name, _ in item.columns)
    content = bench.loader.content(action, columns, lazily=True)
    if content.kind != "table":
        raise DataError(
            f"{task.asset.key} selects from {item.asset}, which is no table but a {content.kind}",
            hint="make a table of it in an asset in Python",
        )
    known = tuple(name for name, _ in seen_of(action).columns or ())
    return QueryInput(item.parameter, content.data, item.rows or 0, known)
