"""Laws of the ledger: it is the log, however it came to be, and what was read at a commit stays."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from assetflow.ledger.ledger import Ledger
from assetflow.ledger.tables import TABLES
from assetflow.model.actions import Action, Unknown
from assetflow.model.commit import Commit, Writer
from assetflow.model.environments import (
    Accepted,
    EnvironmentCreated,
    EnvironmentDeleted,
    Hold,
    Move,
    Moved,
    Pinned,
    Promoted,
    RolledBack,
    Unpinned,
)
from assetflow.model.manifest import Manifest, ManifestRef, Part
from assetflow.model.recipe import InputVersion, Recipe
from assetflow.model.runs import (
    EffectStarted,
    Failed,
    HeldBack,
    Published,
    RunFinished,
    RunStarted,
    Skipped,
    Superseded,
)
from assetflow.model.store import Forgotten, ForgottenVersion, PartitionAdded, StoreCreated
from assetflow.model.verdicts import CheckEvaluated, Verdict
from assetflow.model.versions import Attempt, Materialized, SourceFile, SourceObserved
from assetflow.storage.head import chain

whole_ledgers = settings(max_examples=20)  # each example makes DuckDB databases, at 11 ms and more apiece

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
assets = st.sampled_from(["a", "b", "retail/c"])
partitions = st.sampled_from(["", "eu"])
versions = st.sampled_from(["v1", "v2", "v3"])
runs = st.sampled_from(["r1", "r2"])
envs = st.sampled_from(["dev", "prod"])
times = st.sampled_from(["2026-11-23T05:00:00.000000Z", "2026-11-23T05:00:00+02:00"])
seconds = st.sampled_from([0.0, 1.5])
counts = st.none() | st.integers(0, 2**62)
json_values = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | texts
columns = st.lists(st.tuples(texts, texts), max_size=2).map(tuple)
parts = st.builds(Part, object=texts, bytes=st.integers(0, 9), version=versions | st.just(""), rows=counts)
manifests = st.none() | st.one_of(
    st.builds(
        Manifest,
        kind=st.sampled_from(["table", "value"]),
        format=st.sampled_from(["parquet", "arrow"]),
        bytes=st.integers(0, 9),
        columns=st.none() | columns,
        parts=st.lists(parts, max_size=2).map(tuple),
        inline=st.none() | texts,
    ),
    st.builds(
        ManifestRef, object=texts, kind=st.just("table"), format=st.just("parquet"), bytes=st.integers(0, 9)
    ),
)
attempts = st.lists(
    st.builds(Attempt, number=st.integers(1, 3), started_at=times, seconds=seconds, error=st.none() | texts),
    max_size=2,
).map(tuple)
recipes = st.builds(
    Recipe,
    code_version=texts,
    config=st.none() | st.dictionaries(texts, json_values, max_size=2),
    token=st.none() | texts,
    inputs=st.lists(
        st.builds(
            InputVersion,
            parameter=texts,
            asset=assets,
            version=st.none() | versions,
            data_version=st.none() | versions,
            columns=st.none() | columns,
        ),
        max_size=2,
    ).map(tuple),
    deps=st.lists(st.tuples(assets, st.none() | versions), max_size=2).map(tuple),
)
of_asset: dict[str, Any] = {"run": runs, "asset": assets, "partition": partitions}
of_version: dict[str, Any] = {
    **of_asset,
    "version": versions,
    "data_version": versions,
    "fingerprint": versions,
}

holds = st.builds(
    Hold,
    asset=assets,
    partition=partitions,
    code_version=st.none() | versions,
    config_hash=texts,
    because=st.sampled_from(["promoted", "rolled_back"]),
)
moved: dict[str, Any] = {
    "env": envs,
    "moves": st.lists(
        st.builds(
            Move,
            asset=assets,
            partition=partitions,
            version=st.none() | versions,
            previous=st.none() | versions,
        ),
        max_size=3,
        unique_by=lambda move: (move.asset, move.partition),
    ).map(tuple),
    "holds": st.lists(holds, max_size=2).map(tuple),
    "lifts": st.lists(holds, max_size=2).map(tuple),
}
actions: st.SearchStrategy[Action] = st.one_of(
    st.builds(RunStarted, run=runs, env=envs, selection=texts, started_at=times, snapshot=st.integers(0, 9)),
    st.builds(
        Materialized,
        **of_version,
        kind=st.sampled_from(["python", "effect"]),
        code_version=texts,
        recipe=recipes,
        manifest=manifests,
        started_at=times,
        seconds=seconds,
        rows=counts,
        bytes=st.integers(0, 2**62),
        executor=texts,
        attempts=attempts,
        metadata=st.dictionaries(texts, json_values, max_size=2),
        log=st.none() | texts,
    ),
    st.builds(
        SourceObserved,
        **of_version,
        url=texts,
        format=texts,
        identity=st.sampled_from(["bytes", "content"]),
        files=st.lists(st.builds(SourceFile, path=texts, size=st.integers(0, 9), hash=texts), max_size=2).map(
            tuple
        ),
        columns=st.none() | columns,
        manifest=manifests,
        observed_at=times,
        seconds=seconds,
        bytes=st.integers(0, 9),
    ),
    st.builds(
        CheckEvaluated,
        **of_version,
        check=texts,
        code_version=texts,
        verdicts=st.lists(
            st.builds(
                Verdict,
                name=texts,
                severity=st.sampled_from(["error", "warn"]),
                passed=st.booleans(),
                failing_rows=counts,
                message=texts,
            ),
            max_size=2,
        ).map(tuple),
        started_at=times,
        seconds=seconds,
    ),
    st.builds(Failed, **of_asset, env=envs, fingerprint=st.none() | versions, attempts=attempts),
    st.builds(Skipped, **of_asset, reason=texts, because=st.none() | assets),
    st.builds(Published, **of_asset, env=envs, version=versions),
    st.builds(PartitionAdded, name=texts, keys=st.lists(texts, max_size=3).map(tuple)),
    st.builds(Superseded, **of_asset, env=envs, version=versions, by=st.none() | versions, reason=texts),
    st.builds(HeldBack, **of_asset, env=envs, version=versions, because=assets, reason=texts),
    st.builds(
        Forgotten,
        versions=st.lists(
            st.builds(
                ForgottenVersion, asset=assets, partition=partitions, version=versions, data_version=versions
            ),
            max_size=2,
        ).map(tuple),
        objects=st.lists(texts, max_size=2).map(tuple),
        reason=st.sampled_from(["gc", "forget"]),
    ),
    st.builds(
        Promoted, **moved, source=envs, source_store=st.none() | texts, source_commit=st.integers(1, 9)
    ),
    st.builds(RolledBack, **moved, to=st.none() | st.integers(1, 9)),
    st.builds(Accepted, **moved, checks=st.lists(versions, max_size=2).map(tuple)),
    st.builds(Pinned, **moved),
    st.builds(Unpinned, env=envs, asset=assets, partition=partitions),
    st.builds(EnvironmentCreated, **moved, origin=st.none() | envs),
    st.builds(EnvironmentDeleted, **moved),
    st.builds(EffectStarted, **of_asset, env=envs, fingerprint=versions, started_at=times),
    st.builds(
        RunFinished,
        run=runs,
        status=st.sampled_from(["succeeded", "failed", "cancelled"]),
        finished_at=times,
        seconds=seconds,
        counts=st.dictionaries(
            st.sampled_from(["built", "reused", "imagined"]), st.integers(0, 9), max_size=2
        ),
    ),
    st.builds(Unknown, type=st.just("of_the_future"), required=st.booleans()),
)


@st.composite
def logs(draw: st.DrawFn) -> list[list[Action]]:
    """What each commit of a log says."""
    return draw(st.lists(st.lists(actions, max_size=4), max_size=4))


class FakeStore:
    """A log in a list, which grows when told to."""

    url = "fake://store"

    def __init__(self) -> None:
        self.log = self
        self.bodies: list[bytes] = []

    @property
    def store_id(self) -> str | None:
        return "the store" if self.bodies else None

    def append(self, *said: Action) -> None:
        number = len(self.bodies) + 1
        time = f"2026-11-23T05:00:{number:02}.000000Z"
        commit = Commit(
            id=str(number),
            number=number,
            parent=chain(self.bodies[-1]) if self.bodies else "",
            time=time,
            wall=time,
            writer=Writer(host="h", pid=1, user="u", release="r"),
            actions=said if self.bodies else (StoreCreated(store_id="the store"), *said),
        )
        self.bodies.append(commit.to_bytes())

    def read(self, number: int) -> bytes:
        return self.bodies[number - 1]

    def read_since(self, known: int) -> Iterator[tuple[int, bytes]]:
        return iter([(number, body) for number, body in enumerate(self.bodies, 1) if number > known])


def rows_of(ledger: Ledger) -> list[tuple[str, str]]:
    """Every row of every table, with the table's name."""
    with ledger.session() as session:
        return sorted(session._ask(_ALL_ROWS, ()))


_ALL_ROWS = " UNION ALL ".join(
    f"SELECT '{table.name}', CAST(to_json(t) AS VARCHAR) FROM assetflow.{table.name} t" for table in TABLES
)


def read_up_to_date(ledger: Ledger) -> None:
    with ledger.session() as session:
        session.pointers("dev")


@whole_ledgers
@given(logs(), st.lists(st.booleans(), min_size=4, max_size=4), st.integers(1, 3), st.integers(1, 2))
def test_a_ledger_that_was_kept_up_to_date_equals_one_made_anew(log, looks, batch, batches):
    store = FakeStore()
    maintained = Ledger(None, store)
    for said, looked in zip(log, looks, strict=False):
        store.append(*said)
        if looked:
            read_up_to_date(maintained)

    with mock.patch.multiple("assetflow.ledger.apply", _BATCH=batch, _BATCHES=batches):
        rebuilt = rows_of(Ledger(None, store))
    assert rows_of(maintained) == rebuilt


@settings(max_examples=5)  # each makes two files, and DuckDB takes a tenth of a second for one
@given(logs())
def test_a_file_that_many_processes_opened_in_turn_equals_one_made_anew(log):
    store = FakeStore()
    with TemporaryDirectory() as folder:
        for said in log:
            store.append(*said)
            read_up_to_date(Ledger(Path(folder), store))
        maintained = rows_of(Ledger(Path(folder), store))
        Ledger(Path(folder), store).rebuild()

        assert rows_of(Ledger(Path(folder), store)) == maintained == rows_of(Ledger(None, store))


@whole_ledgers
@given(logs())
def test_the_records_of_the_ledger_are_the_actions_of_the_log(log):
    store = FakeStore()
    for said in log:
        store.append(*said)
    made = [action for said in log for action in said if isinstance(action, Materialized | SourceObserved)]
    judged = [action for said in log for action in said if isinstance(action, CheckEvaluated)]
    latest = {(check.asset, check.data_version, check.fingerprint): check for check in judged}

    with Ledger(None, store).session() as session:
        assert [record.action for record in session.records()] == made
        newest = {version: record.action for version, record in session.versions(["v1", "v2", "v3"]).items()}
        found = session.verdicts(list(itertools.product(["a", "b", "retail/c"], ["v1", "v2", "v3"])))
        assert session.head.number == len(log)

    assert newest == {action.version: action for action in made}
    assert {(check.asset, check.data_version, check.fingerprint): check for check in found} == latest
    assert len(found) == len(latest)


@whole_ledgers
@given(logs())
def test_what_was_forgotten_counts_again_once_it_is_made_again(log):
    store = FakeStore()
    counts: dict[tuple[str, str, str], list[Materialized | SourceObserved]] = {}
    for said in log:
        store.append(*said)
        for action in said:
            if isinstance(action, Materialized | SourceObserved):
                counts.setdefault((action.asset, action.partition, action.version), []).append(action)
        for action in said:
            for one in action.versions if isinstance(action, Forgotten) else ():
                counts.pop((one.asset, one.partition, one.version), None)
    made = [action for actions in counts.values() for action in actions]

    with Ledger(None, store).session() as session:
        found = session.made_versions()
        assert sorted((one.asset, one.partition, one.version, one.data_version) for one in found) == sorted(
            (action.asset, action.partition, action.version, action.data_version) for action in made
        )
        for asset in ("a", "b", "retail/c"):
            of_asset = [action for action in made if action.asset == asset]
            assert session.fingerprints([asset]) == {action.fingerprint for action in of_asset}
            stored = {action.data_version for action in of_asset if action.manifest is not None}
            assert session.stored_names([asset])[0] == stored
            for name in ("v1", "v2", "v3"):
                near = [
                    one.action for one in session.records_near(name, [asset], 9) if one.fingerprint == name
                ]
                assert len(near) == len([action for action in of_asset if action.fingerprint == name])
        dead = {name for said in log for a in said if isinstance(a, Forgotten) for name in a.objects}
        assert session.forgotten_objects().keys() == dead


@whole_ledgers
@given(logs())
def test_what_was_published_at_a_commit_is_the_same_whatever_came_after(log):
    store = FakeStore()
    ledger = Ledger(None, store)
    model: dict[tuple[str, str], str] = {}
    seen: list[dict[tuple[str, str], str]] = []
    for said in log:
        store.append(*said)
        for action in said:
            for env, asset, partition, version in _moves_told(action):
                if env == "dev" and version is not None:
                    model[asset, partition] = version
                elif env == "dev":
                    model.pop((asset, partition), None)
        seen.append(dict(model))
        assert pointers(ledger, None) == model

    assert [pointers(ledger, number) for number in range(1, len(log) + 1)] == seen


def pointers(ledger: Ledger, at: int | None) -> dict[tuple[str, str], str]:
    with ledger.session() as session:
        return {key: pointer.version for key, pointer in session.pointers("dev", at).items()}


@whole_ledgers
@given(logs())
def test_the_tables_say_what_the_actions_say(log):
    store = FakeStore()
    for said in log:
        store.append(*said)
    placed = [
        (number, position, action)
        for number, said in enumerate(log, 1)
        for position, action in enumerate(said, 1 if number == 1 else 0)
    ]

    with Ledger(None, store).session() as session:
        for table, (columns, told) in _TOLD.items():
            expected = [(n, p, *row) for n, p, action in placed for row in told(action)]
            found = session._ask(f"SELECT commit_number, position, {columns} FROM assetflow.{table}", ())
            assert sorted(found, key=repr) == sorted(expected, key=repr), table


def _moves_told(action: Action) -> list[tuple[str, str, str, str | None]]:
    if isinstance(action, Published):
        return [(action.env, action.asset, action.partition, action.version)]
    moves = action.moves if isinstance(action, Moved) else ()
    return [(action.env, move.asset, move.partition, move.version) for move in moves]


def _holds_told(action: Action) -> list[tuple[Any, ...]]:
    if not isinstance(action, Moved):
        return []
    begun = [(action.env, *hold.what, True) for hold in action.holds]
    return [*begun, *((action.env, *hold.what, False) for hold in action.lifts)]


def _inputs_told(action: Action) -> list[tuple[Any, ...]]:
    if not isinstance(action, Materialized):
        return []
    read = [
        (i.parameter, i.asset, i.version, None if i.columns is None else [name for name, _ in i.columns])
        for i in action.recipe.inputs
    ]
    return [*read, *((None, key, None, None) for key, _ in action.recipe.deps)]


def _parts_told(action: Action) -> list[tuple[Any, ...]]:
    manifest = action.manifest if isinstance(action, Materialized | SourceObserved) else None
    if isinstance(manifest, ManifestRef):
        return [("manifest", manifest.object, manifest.bytes, None)]
    return [("part", part.object, part.bytes, part.rows) for part in manifest.parts] if manifest else []


def _columns_told(action: Action) -> list[tuple[Any, ...]]:
    if not isinstance(action, Materialized | SourceObserved):
        return []
    own = action.columns if isinstance(action, SourceObserved) else None
    columns = action.manifest.columns if action.manifest and action.manifest.columns is not None else own
    return [(ordinal, name, digest) for ordinal, (name, digest) in enumerate(columns or ())]


def _checks_told(action: Action) -> list[tuple[Any, ...]]:
    if not isinstance(action, CheckEvaluated):
        return []
    return [(v.name, v.severity, v.passed, v.failing_rows, v.message) for v in action.verdicts]


def _failures_told(action: Action) -> list[tuple[Any, ...]]:
    if not isinstance(action, Failed):
        return []
    last = action.attempts[-1] if action.attempts else None
    return [(action.asset, action.fingerprint, len(action.attempts), last.error if last else None)]


_TOLD: dict[str, tuple[str, Callable[[Action], list[tuple[Any, ...]]]]] = {
    "inputs": ("parameter, input_asset, input_version, columns", _inputs_told),
    "parts": ("role, object, bytes, rows", _parts_told),
    "columns": ("ordinal, name, hash", _columns_told),
    "checks": ("name, severity, passed, failing_rows, message", _checks_told),
    "failures": ("asset, fingerprint, attempts, error", _failures_told),
    "evaluations": (
        "check_name, passed",
        lambda action: [(action.check, action.passed)] if isinstance(action, CheckEvaluated) else [],
    ),
    "metadata": (
        "name",
        lambda action: [(name,) for name in action.metadata] if isinstance(action, Materialized) else [],
    ),
    "forgettings": (
        "asset, partition, version, data_version, reason",
        lambda a: (
            [(v.asset, v.partition, v.version, v.data_version, a.reason) for v in a.versions]
            if isinstance(a, Forgotten)
            else []
        ),
    ),
    "forgotten_objects": (
        "object",
        lambda a: [(name,) for name in a.objects] if isinstance(a, Forgotten) else [],
    ),
    "publications": ("env, asset, partition, version", _moves_told),
    "holds": ("env, asset, partition, code_version, config_hash, in_force", _holds_told),
    "pins": (
        "env, asset, partition, version",
        lambda a: (
            _moves_told(a)
            if isinstance(a, Pinned)
            else [(a.env, a.asset, a.partition, None)]
            if isinstance(a, Unpinned)
            else []
        ),
    ),
    "acceptances": (
        "env, fingerprint",
        lambda a: [(a.env, check) for check in a.checks] if isinstance(a, Accepted) else [],
    ),
    "environments": (
        'env, "exists"',
        lambda a: (
            [(a.env, isinstance(a, EnvironmentCreated))]
            if isinstance(a, EnvironmentCreated | EnvironmentDeleted)
            else []
        ),
    ),
}
