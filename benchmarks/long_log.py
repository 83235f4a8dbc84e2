"""Makes long logs: what a project's store holds after years of runs, in minutes and without running anything.

The commits are as a run would write them, chained and numbered; only what they say was made was never made.
"""

from __future__ import annotations

import argparse
import json
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

import xxhash

from assetflow.model.actions import Action
from assetflow.model.commit import Commit, Writer
from assetflow.model.manifest import Manifest, Part
from assetflow.model.recipe import InputVersion, Recipe
from assetflow.model.runs import Published, RunFinished, RunStarted
from assetflow.model.store import StoreCreated
from assetflow.model.versions import Attempt, Materialized
from assetflow.storage.clock import SystemClock, parse_time, time_text
from assetflow.storage.head import Head, advance, chain
from assetflow.storage.store import Store, open_store

_STEP = timedelta(milliseconds=1)
_RUN = "run-placeholder"
_HASH = re.compile(f"([0-9a-f]{{32}}|{_RUN})")


def make_log(store_path: Path | str, assets: int, runs: int, *, actions_per_commit: int = 400) -> int:
    """Append ``runs`` runs to a store's log, each of which makes and publishes ``assets`` assets anew.

    The assets are those on record, and made-up ones where there are fewer. In the end what was published before is
    published again, as after an edit that was undone, so that a plan finds what it found before.

    Returns:
        The number of the last commit.
    """
    store = open_store(store_path, durable=False)
    log = _Log(store, actions_per_commit)
    on_record = _made(store)
    templates = [*on_record.values(), *_made_up(assets - len(on_record))][:assets]
    texts = [_Template.of(action, log.env) for action in templates]
    for number in range(runs):
        run = f"run-{number:07d}"
        moved = _moved(templates, run)
        log.append(run, _actions(run, log.env, [text.said(moved) for text in texts]))
    log.append("run-undone", _undone(log.env, list(on_record.values())))
    return log.head.number


def _moved(templates: Iterable[Materialized], run: str) -> dict[str, str]:
    """Return another hash for each that stands for data, and the run for its placeholder."""
    moved = {_RUN: run}
    for made in templates:
        of_columns = made.manifest.columns or () if made.manifest else ()
        own = (made.version, made.data_version, made.fingerprint, *(digest for _, digest in of_columns))
        moved.update((digest, _hash(run + digest)) for digest in own)
    return moved


def _hash(text: str) -> str:
    return xxhash.xxh3_128_hexdigest(text.encode())


@dataclass(frozen=True)
class _Template:
    """The JSON of one materialization and of its publication, cut at every hash."""

    made: tuple[str, ...]
    published: tuple[str, ...]

    @classmethod
    def of(cls, action: Materialized, env: str) -> _Template:
        moved = Published(run=_RUN, env=env, asset=action.asset, version=action.version)
        return cls(_cut(action.model_copy(update={"run": _RUN})), _cut(moved))

    def said(self, moved: dict[str, str]) -> tuple[str, str]:
        made = "".join([moved.get(piece, piece) for piece in self.made])
        return made, "".join([moved.get(piece, piece) for piece in self.published])


def _cut(action: Action) -> tuple[str, ...]:
    return tuple(_HASH.split(_text(action)))


def _text(action: Action) -> str:
    return json.dumps(action.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))


class _Log:
    """Appends to one log what the caller says, in commits of bounded length."""

    def __init__(self, store: Store, actions_per_commit: int) -> None:
        self._store = store
        self._length = actions_per_commit
        self._writer = Writer(host="box", pid=1, user="ann", release="0.0.0")
        self.env = "dev"
        self.head = Head()
        for number, body in store.log.read_since(0):
            self.head, commit = advance(self.head, number, body)
            self.env = next((a.env for a in commit.actions if isinstance(a, RunStarted)), self.env)
        if self.head.number == 0:
            self._commit(None, [_text(StoreCreated(store_id=uuid.uuid4().hex))])

    def append(self, run: str, actions: Iterator[str]) -> None:
        while some := list(islice(actions, self._length)):
            self._commit(run, some)

    def _commit(self, run: str | None, actions: list[str]) -> None:
        last = parse_time(self.head.time) if self.head.time else SystemClock().now()
        time = time_text(last + _STEP)
        number = self.head.number + 1
        commit_id = uuid.uuid4().hex
        empty = Commit(
            id=commit_id,
            number=number,
            parent=self.head.hash,
            time=time,
            wall=time,
            writer=self._writer,
            run=run,
            actions=(),
        ).to_bytes()
        assert empty.endswith(b"[]}")
        body = empty[:-2] + ",".join(actions).encode() + b"]}"
        assert self._store.log.append(number, body, commit_id)
        self.head = replace(self.head, number=number, hash=chain(body), time=time)


def _actions(run: str, env: str, said: list[tuple[str, str]]) -> Iterator[str]:
    time = time_text(SystemClock().now())
    yield _text(
        RunStarted(run=run, env=env, selection="", started_at=time, snapshot=0, command="materialize")
    )
    for made_and_published in said:
        yield from made_and_published
    counts = {"built": len(said)}
    yield _text(RunFinished(run=run, status="succeeded", finished_at=time, seconds=1.0, counts=counts))


def _undone(env: str, before: list[Materialized]) -> Iterator[str]:
    said = [
        ("", _text(Published(run="run-undone", env=env, asset=made.asset, version=made.version)))
        for made in before
    ]
    return (text for text in _actions("run-undone", env, said) if text)


def _made(store: Store) -> dict[str, Materialized]:
    head = Head()
    found: dict[str, Materialized] = {}
    for number, body in store.log.read_since(0):
        head, commit = advance(head, number, body)
        found.update({a.asset: a for a in commit.actions if isinstance(a, Materialized)})
    return found


def _made_up(count: int) -> list[Materialized]:
    """Return materializations of tables of two columns, each read from the two before."""
    made: list[Materialized] = []
    for number in range(count):
        made.append(_made_up_one(f"asset_{number:04d}", made[-2:]))
    return made


def _made_up_one(key: str, before: list[Materialized]) -> Materialized:
    version, data, fingerprint, day, amount, code = (
        _hash(f"{what} {key}") for what in ("v", "d", "f", "day", "amount", "code")
    )
    part = Part(object=f"{data}.parquet", bytes=100_000, version=data, rows=1000)
    inputs = tuple(
        InputVersion(
            parameter=f"p{n}", asset=made.asset, version=made.version, data_version=made.data_version
        )
        for n, made in enumerate(before)
    )
    return Materialized(
        run=_RUN,
        asset=key,
        kind="python",
        version=version,
        data_version=data,
        fingerprint=fingerprint,
        code_version=code,
        recipe=Recipe(code_version=code, inputs=inputs),
        manifest=Manifest(
            kind="table",
            format="parquet",
            bytes=100_000,
            rows=1000,
            columns=(("day", day), ("amount", amount)),
            parts=(part,),
        ),
        started_at="2026-11-23T08:00:00.000000Z",
        seconds=0.5,
        rows=1000,
        bytes=100_000,
        executor="threads",
        attempts=(Attempt(number=1, started_at="2026-11-23T08:00:00.000000Z", seconds=0.5),),
    )


def main() -> None:
    """Make a log from the command line."""
    parser = argparse.ArgumentParser(description=make_log.__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("assets", type=int)
    parser.add_argument("runs", type=int)
    parser.add_argument("--actions-per-commit", type=int, default=400)
    asked = parser.parse_args()
    make_log(asked.store, asked.assets, asked.runs, actions_per_commit=asked.actions_per_commit)


if __name__ == "__main__":
    main()
