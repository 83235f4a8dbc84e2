"""Owns what each action says in the ledger: pure functions from a commit to rows of the tables.

Knows nothing of DuckDB.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic_core import PydanticSerializationError

from assetflow.ledger import tables as t
from assetflow.ledger.schema import Table
from assetflow.model.actions import (
    Action,
    CheckEvaluated,
    EffectStarted,
    Failed,
    Materialized,
    Published,
    RunFinished,
    RunStarted,
    Skipped,
    SourceObserved,
    Superseded,
)
from assetflow.model.commit import Commit
from assetflow.model.manifest import Manifest, ManifestRef
from assetflow.model.recipe import Recipe
from assetflow.model.record import Record
from assetflow.model.states import RunState
from assetflow.model.text import sound
from assetflow.storage.head import Head

Row = tuple[Table, tuple[Any, ...]]
R = TypeVar("R", bound=Record)


def rows_of(commit: Commit, head: Head) -> Iterator[Row]:
    """Yield every row that ``commit`` means, with its table; ``head`` is the log's head after it."""
    yield t.COMMITS, _commit_row(commit, head)
    for position, action in enumerate(commit.actions):
        readable, body = _readable(action)
        yield t.ACTIONS, (commit.number, position, action.type, body)
        read = _READERS.get(type(action))
        if read:
            yield from read(_Place(commit.number, position, commit.time), readable)


@dataclass(frozen=True)
class _Place:
    """Where in the log an action stands."""

    commit: int
    position: int
    time: str

    @property
    def key(self) -> tuple[int, int]:
        return self.commit, self.position

    def event(self, run: str) -> tuple[Any, ...]:
        return self.commit, self.position, self.time, run


def _commit_row(commit: Commit, head: Head) -> tuple[Any, ...]:
    writer, _ = _readable(commit.writer)
    return (
        commit.number,
        commit.id,
        commit.time,
        commit.wall,
        head.hash,
        commit.parent,
        commit.run,
        writer.host,
        writer.pid,
        writer.user,
        writer.release,
        len(commit.actions),
        head.store_id,
        head.read_only_because,
    )


def _readable(record: R) -> tuple[R, str]:
    """Return a record as the tables can hold it, and its JSON.

    A commit may hold a lone surrogate (in a file's name, or in an error's message from before messages were cleaned),
    which neither Arrow nor pydantic's JSON can say; here it becomes its escape in words.
    """
    try:
        return record, record.model_dump_json()
    except PydanticSerializationError:
        readable = type(record).model_validate(_sound(record.model_dump(mode="json")))
        return readable, readable.model_dump_json()


def _sound(value: Any) -> Any:
    if isinstance(value, str):
        return sound(value)
    if isinstance(value, dict):
        return {sound(name): _sound(item) for name, item in value.items()}
    return [_sound(item) for item in value] if isinstance(value, list) else value


def _run_started(at: _Place, run: RunStarted) -> Iterator[Row]:
    yield (
        t.RUN_STARTS,
        (
            *at.event(run.run),
            run.env,
            run.selection,
            run.command,
            run.started_at,
            run.snapshot,
            run.tree,
            run.python,
            _json(run.packages),
        ),
    )


def _run_finished(at: _Place, run: RunFinished) -> Iterator[Row]:
    counts = (run.counts.get(state.value, 0) for state in RunState)
    yield t.RUN_ENDS, (*at.event(run.run), run.status, run.finished_at, run.seconds, *counts)


def _materialized(at: _Place, made: Materialized) -> Iterator[Row]:
    recipe = made.recipe
    yield (
        t.MATERIALIZATIONS,
        (
            *at.event(made.run),
            made.kind,
            made.asset,
            made.partition,
            made.version,
            made.data_version,
            made.fingerprint,
            made.code_version,
            made.started_at,
            made.seconds,
            made.rows,
            made.bytes,
            made.executor,
            made.attempts[-1].number if made.attempts else None,
            made.manifest.kind if made.manifest else None,
            made.manifest.format if made.manifest else None,
            None if recipe.config is None else _json(recipe.config),
            recipe.token,
            made.tree,
            made.log,
        ),
    )
    yield from _inputs(at, made, recipe)
    yield from _artifact(at, made, made.manifest)
    for name, value in made.metadata.items():
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        named = (made.asset, made.partition, made.version, name)
        yield t.METADATA, (*at.event(made.run), *named, _json(value), number)


def _inputs(at: _Place, made: Materialized, recipe: Recipe) -> Iterator[Row]:
    of = (*at.key, made.asset, made.partition, made.version)
    for item in recipe.inputs:
        names = None if item.columns is None else [name for name, _ in item.columns]
        upstream = (item.asset, item.partition, item.version, item.data_version)
        yield t.INPUTS, (*of, item.parameter, *upstream, item.form, names)
    for key, data_version in recipe.deps:
        yield t.INPUTS, (*of, None, key, "", None, data_version, None, None)


def _source_observed(at: _Place, seen: SourceObserved) -> Iterator[Row]:
    identity = (seen.asset, seen.partition, seen.version, seen.data_version)
    manifest = seen.manifest
    kept = (manifest.kind, manifest.format) if manifest else (None, None)
    size = (seen.rows, seen.bytes)
    yield (
        t.MATERIALIZATIONS,
        (
            *(
                *at.event(seen.run),
                "source",
                *identity,
                seen.fingerprint,
                None,
                seen.observed_at,
                seen.seconds,
            ),
            *(*size, None, None, *kept, None, None, None, seen.log),
        ),
    )
    yield (
        t.OBSERVATIONS,
        (
            *(*at.event(seen.run), *identity, seen.url, seen.format, seen.identity, len(seen.files), *size),
            *(manifest is not None, seen.observed_at, seen.seconds),
        ),
    )
    for file in seen.files:
        yield t.OBSERVED_FILES, (*at.key, seen.asset, file.path, file.size, file.hash)
    yield from _artifact(at, seen, manifest)


def _artifact(
    at: _Place, of: Materialized | SourceObserved, manifest: Manifest | ManifestRef | None
) -> Iterator[Row]:
    kept = (*at.key, of.asset, of.partition, of.data_version)
    columns = of.columns if isinstance(of, SourceObserved) else None
    types: list[str] = []
    if isinstance(manifest, ManifestRef):
        yield (
            t.PARTS,
            (*kept, "manifest", 0, manifest.object, manifest.format, "", None, manifest.bytes, None),
        )
    if isinstance(manifest, Manifest):
        columns, types = manifest.columns, _types(manifest.schema_ipc)
        for ordinal, part in enumerate(manifest.parts):
            size = (part.version, part.rows, part.bytes, part.path)
            yield t.PARTS, (*kept, "part", ordinal, part.object, manifest.format, *size)
    for ordinal, (name, digest) in enumerate(columns or ()):
        type_text = types[ordinal] if ordinal < len(types) else None
        yield t.COLUMNS, (*at.key, of.asset, of.partition, of.version, ordinal, name, type_text, digest)


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _types(schema_ipc: str | None) -> list[str]:
    if schema_ipc is None:
        return []
    import base64

    import pyarrow as pa

    return [str(field.type) for field in pa.ipc.read_schema(pa.py_buffer(base64.b64decode(schema_ipc)))]


def _check_evaluated(at: _Place, check: CheckEvaluated) -> Iterator[Row]:
    judged = (
        *at.event(check.run),
        check.asset,
        check.partition,
        check.version,
        check.data_version,
        check.check,
    )
    how = (check.fingerprint, check.code_version, check.passed, check.started_at, check.seconds)
    yield t.EVALUATIONS, (*judged, *how)
    for ordinal, verdict in enumerate(check.verdicts):
        said = (verdict.passed, verdict.failing_rows, verdict.message)
        yield t.CHECKS, (*judged, ordinal, verdict.name, verdict.column, verdict.severity, *said)


def _failed(at: _Place, failed: Failed) -> Iterator[Row]:
    last = failed.attempts[-1] if failed.attempts else None
    error = (last.error, last.message, last.traceback) if last else (None, None, None)
    took = (last.started_at, last.seconds) if last else (None, None)
    which = (failed.env, failed.asset, failed.partition, failed.fingerprint, failed.check)
    yield t.FAILURES, (*at.event(failed.run), *which, *error, len(failed.attempts), *took, failed.log)


def _skipped(at: _Place, skipped: Skipped) -> Iterator[Row]:
    why = (skipped.asset, skipped.partition, skipped.reason, skipped.because)
    yield t.SKIPS, (*at.event(skipped.run), *why)


def _published(at: _Place, moved: Published) -> Iterator[Row]:
    pointer = (moved.env, moved.asset, moved.partition, moved.version, moved.previous)
    yield t.PUBLICATIONS, (*at.event(moved.run), *pointer)


def _superseded(at: _Place, lost: Superseded) -> Iterator[Row]:
    which = (lost.env, lost.asset, lost.partition, lost.version, lost.by, lost.reason)
    yield t.SUPERSESSIONS, (*at.event(lost.run), *which)


def _effect_started(at: _Place, effect: EffectStarted) -> Iterator[Row]:
    which = (effect.env, effect.asset, effect.partition, effect.fingerprint, effect.started_at)
    yield t.EFFECTS, (*at.event(effect.run), *which)


_READERS: dict[type[Action], Callable[[_Place, Any], Iterator[Row]]] = {
    CheckEvaluated: _check_evaluated,
    EffectStarted: _effect_started,
    Failed: _failed,
    Materialized: _materialized,
    Published: _published,
    RunFinished: _run_finished,
    RunStarted: _run_started,
    Skipped: _skipped,
    SourceObserved: _source_observed,
    Superseded: _superseded,
}
