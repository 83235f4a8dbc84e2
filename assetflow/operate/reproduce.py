"""Owns reproducing a version: its recorded code, run again on its recorded inputs, and how alike the outcomes are.

Nothing is written to the store or its log. Resources are opened as the recorded code declares them, and environment
variables are those of now: neither is on record.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from assetflow.errors import AssetflowError
from assetflow.execution.loading import recorded_source
from assetflow.execution.observation import Observer
from assetflow.frames.content import FileSource, open_file
from assetflow.frames.likeness import IDENTICAL, Likeness, likeness
from assetflow.hashing.files import hash_file
from assetflow.ledger.forgotten import Forgetting
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.model.runs import RunStarted
from assetflow.model.versions import Materialized, SourceFile, SourceObserved
from assetflow.operate.comparison import recorded_words
from assetflow.operate.references import Opened, find_record, forgotten_error, opened_for
from assetflow.operate.replay import CodeState, Replay
from assetflow.operate.replay_messages import Answer, Step, partitions_read
from assetflow.operate.runtime import Runtime, RuntimeChange, changes_since, runtime_now
from assetflow.operate.workspace import Workspace
from assetflow.storage import artifacts

_MOST_NAMED = 8


class Verdict(StrEnum):
    """What came of making a version again."""

    IDENTICAL = "identical"
    ORDER = "same rows, other order"
    FLOATS = "floats differ"
    DIFFERS = "differs"
    CANNOT = "cannot"


@dataclass(frozen=True)
class Reproduction:
    """A version made again.

    ``text``: the verdict in full. ``data_version`` is the recorded one, ``made`` what came out now. ``columns``: those
    that differ, in ``rows`` of all rows; ``ulps``: by so many floats at most. ``runtime``: what of Python, platform and
    packages is not as it was. ``log``: what the code printed.
    """

    key: str
    version: str
    verdict: Verdict
    text: str
    data_version: str
    made: str | None = None
    columns: tuple[str, ...] = ()
    rows: int | None = None
    ulps: int | None = None
    runtime: tuple[RuntimeChange, ...] = ()
    seconds: float = 0.0
    log: str = ""

    @property
    def is_identical(self) -> bool:
        """Whether it came out as it is on record."""
        return self.verdict is Verdict.IDENTICAL

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


@dataclass(frozen=True)
class Case:
    """A version with all that is on record of its making; ``inputs`` by name, as far as they are on record.

    ``forgotten``: when its data were, where they are. ``previous``: what it went on from, where it is incremental.
    """

    recorded: Recorded
    start: RunStarted | None
    inputs: Mapping[str, Recorded]
    forgotten: Forgetting | None = None
    previous: Recorded | None = None


def reproduce(workspace: Workspace, references: Sequence[str], opened: Opened) -> list[Reproduction]:
    """Make each version that is referred to again, and say how alike what comes out is to what is on record.

    Of one whose data were forgotten, or what it was made from, it is said that it cannot be. ``opened`` gives the
    project in another environment.

    Raises:
        UnknownNameError: there is no such version.
    """
    opened = cache(
        opened
    )  # so that there is one workspace for each environment, and one scratch folder for that
    cases = [_case(workspace, reference, opened) for reference in references]
    places = {id(where): where for where, _ in cases}
    now = runtime_now()
    workers = min(len(cases), os.cpu_count() or 1) or 1
    with ThreadPoolExecutor(workers, "assetflow-reproduce") as pool, ExitStack() as stack:
        replays = {name: stack.enter_context(Replay(where)) for name, where in places.items()}
        return list(pool.map(lambda one: _timed(replays[id(one[0])], one[1], now), cases))


def case_of(session: Session, recorded: Recorded) -> Case:
    """Return a version with what is on record of its making."""
    action = recorded.action
    inputs = action.recipe.inputs if isinstance(action, Materialized) else ()
    previous = (action.previous if isinstance(action, Materialized) else None) or ""
    wanted = [previous, *(item.version for item in inputs if item.version is not None)]
    found = session.versions([version for version in wanted if version])
    by_name = {item.name: found[item.version] for item in inputs if item.version in found}
    forgotten = session.forgotten([recorded.version]).get(recorded.version)
    start = session.run_starts([action.run]).get(action.run)
    return Case(recorded, start, by_name, forgotten, found.get(previous))


def _case(workspace: Workspace, reference: str, opened: Opened) -> tuple[Workspace, Case]:
    where, key, at = opened_for(workspace, reference, opened)
    with where.ledger.session() as session:
        return where, case_of(session, find_record(session, key, at, where.env))


def _timed(replay: Replay, case: Case, now: Runtime) -> Reproduction:
    begun = time.perf_counter()
    changes = changes_since(case.start, now) if case.start is not None else ()
    try:
        made = _reproduced(replay, case)
    except AssetflowError as error:
        made = _cannot(case, error.message)
    return replace(made, runtime=changes, seconds=time.perf_counter() - begun)


def _reproduced(replay: Replay, case: Case) -> Reproduction:
    action = case.recorded.action
    if case.forgotten is not None:
        return _cannot(case, forgotten_error(case.forgotten, replay.workspace.env).message)
    if isinstance(action, SourceObserved):
        return _observed_again(replay.workspace, case, action)
    if action.kind == "effect":
        return _cannot(case, "it is an effect, and would act again")
    if action.tree is None:
        return _cannot(case, "its code was not kept")
    if any(part.file.startswith("cells/") for part in action.recipe.code):
        return _cannot(case, "its code was typed into a session, and cannot be imported again")
    missing = [
        f"{item.name} {(item.version or '')[:12]}"
        for item in action.recipe.inputs
        if item.version is not None and item.name not in case.inputs
    ]
    if action.previous and case.previous is None:
        missing.append(f"the version before, {action.previous[:12]}")
    if missing:
        return _cannot(case, f"{missing[0]}, which it was made from, is not on record")
    code = CodeState.recorded(replay.workspace, action.tree, case.start)
    return _judged(case, action, replay, replay.do_alone(code, _step(case, action)))


def _step(case: Case, action: Materialized) -> Step:
    return Step(
        asset=action.asset,
        partition=action.partition,
        env=case.recorded.env or "",
        config=action.recipe.config,
        inputs=tuple(recorded.action for recorded in case.inputs.values()),
        reads=partitions_read(action.recipe),
        previous=case.previous.action if case.previous is not None else None,
        deps=action.recipe.deps,
        token=action.recipe.token,
        known=action.data_version,
    )


def _judged(case: Case, action: Materialized, replay: Replay, answer: Answer) -> Reproduction:
    made = answer.version
    if made is None:
        why = answer.impossible or f"it raised {answer.failure}"
        return replace(_cannot(case, why), log=answer.log)
    if made.data_version == action.data_version:
        return _said(case, IDENTICAL, made, answer)
    if made.fingerprint != action.fingerprint:
        words = recorded_words(action.recipe, made.recipe)
        return _cannot(
            case, f"what decided it cannot be had again: {'; '.join(words) or 'it is unknown what'}"
        )
    alike = likeness(replay.workspace.loader.content(action), replay.content(made))
    return _said(case, alike, made, answer)


def _said(case: Case, alike: Likeness, made: Materialized, answer: Answer) -> Reproduction:
    verdict = _VERDICTS[alike.kind]
    recorded = case.recorded
    return Reproduction(
        key=recorded.asset,
        version=recorded.version,
        verdict=verdict,
        text=_text(alike, recorded.rows),
        data_version=recorded.data_version,
        made=made.data_version,
        columns=alike.columns,
        rows=alike.rows,
        ulps=alike.ulps,
        log=answer.log,
    )


def _text(alike: Likeness, rows: int | None) -> str:
    order = f"{Verdict.ORDER}, " if alike.reordered else ""
    of = f" ({alike.rows:,} of {rows:,} rows)" if alike.rows is not None and rows is not None else ""
    where = f" in {_columns(alike.columns, rows)}" if alike.columns else ""
    match alike.kind:
        case "identical":
            return Verdict.IDENTICAL
        case "order":
            return Verdict.ORDER
        case "floats":
            return f"{order}floats differ by at most {alike.ulps:,} ulp{where}{of}"
        case _:
            detail = f": {alike.detail}" if alike.detail else ""
            return f"{order}differs{where}{of}{detail}"


def _columns(names: Sequence[str], rows: int | None) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    word = "" if rows is None else "column " if len(names) == 1 else "columns "
    return f"{word}{shown}{more}"


def _cannot(case: Case, why: str) -> Reproduction:
    recorded = case.recorded
    text = f"{Verdict.CANNOT}: {why}"
    return Reproduction(recorded.asset, recorded.version, Verdict.CANNOT, text, recorded.data_version)


def _observed_again(workspace: Workspace, case: Case, action: SourceObserved) -> Reproduction:
    """Read the kept files of a source again, and hash what they are."""
    if action.remote is not None:
        return _cannot(case, f"{action.remote.asset} is made by another project: reproduce it there")
    if action.manifest is None:
        return _cannot(case, "source not kept")
    objects = workspace.store.objects
    copies = artifacts.read(artifacts.resolve(action.manifest, objects), objects).data.paths
    files = tuple(_read_again(path, copy) for path, copy in copies)
    observer = Observer(Path(), None)  # one that remembers nothing
    seen = observer.observation_of_copy(recorded_source(action), files, (), copies)
    alike = IDENTICAL if seen.data_version == action.data_version else Likeness("differs")
    recorded = case.recorded
    return Reproduction(
        recorded.asset,
        recorded.version,
        _VERDICTS[alike.kind],
        _text(alike, recorded.rows),
        recorded.data_version,
        seen.data_version,
    )


def _read_again(path: str, copy: FileSource) -> SourceFile:
    with open_file(copy) as stream:
        digest, size = hash_file(stream)
    return SourceFile(path=path, size=size, hash=digest)


_VERDICTS = {
    "identical": Verdict.IDENTICAL,
    "order": Verdict.ORDER,
    "floats": Verdict.FLOATS,
    "differs": Verdict.DIFFERS,
}
