"""Laws of `gc` and `forget`: whatever goes on at once, nothing needed is lost, and in the end all else goes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from kept_model import DAY, KeptModel, path

from assetflow.errors import ClockError, StoreError, UsageError
from assetflow.execution.committer import Bundle, Committer
from assetflow.execution.meanwhile import Meanwhile
from assetflow.execution.safekeeping import Safekeeping
from assetflow.hashing.digest import hash_bytes
from assetflow.hashing.fingerprint import version_id
from assetflow.model.commit import Writer
from assetflow.model.manifest import Manifest, Part
from assetflow.model.recipe import InputVersion, Recipe
from assetflow.model.runs import Published, RunFinished, RunStarted
from assetflow.model.verdicts import CheckEvaluated, Verdict
from assetflow.model.versions import Attempt, Materialized
from assetflow.operate.forget import forget
from assetflow.operate.gc import gc
from assetflow.operate.past import Past
from assetflow.operate.workspace import Workspace
from assetflow.settings.settings import Keeping, Settings
from assetflow.storage import artifacts
from assetflow.storage.log_writer import LogWriter
from assetflow.storage.store import Store
from assetflow.testing.dated_folder import DatedFolder
from assetflow.testing.fakes import Crash, FakeClock

TIME = "2026-11-23T05:00:00.000000Z"
WRITER = Writer(host="h", pid=1, user="u", release="0")
ASSETS = ("raw", "sales")
ENVS = ("dev", "prod", "other")
KEEPING = {"dev": Keeping(retention=2 * DAY, keep_last=1), "prod": Keeping(retention=10 * DAY, keep_last=2)}
RETENTION = {"dev": (2 * DAY, 1), "prod": (10 * DAY, 2), "other": (30 * DAY, 3)}
RUNS = st.tuples(st.sampled_from(ENVS), st.sampled_from(ASSETS), st.integers(0, 11))
NOTHING_KNOWN = SimpleNamespace(known_artifact=lambda *_: None, known_part=lambda *_: None)
DEAD_AFTER = 200.0  # seconds of silence


@dataclass
class Run:
    """A run that has stored what it made, or found stored, and has not committed it."""

    name: str
    committer: Committer
    bundle: Bundle
    beats: bool = True
    may_lose: bool = False


@dataclass
class Mover:
    """A command that has chosen a version for an environment, and has not committed that."""

    writer: LogWriter
    action: Published


class Stores(RuleBasedStateMachine):
    """Writers, commands, clocks and collectors at once, each as a process of its own, against the log itself."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.folder = DatedFolder(self.clock)
        self.model = KeptModel(self.folder)
        self.workspace = Workspace(
            Settings(store="", env="dev", environments=("dev", "prod"), keeping=KEEPING),
            self.store(),
            None,
            lambda: (),
        )
        self.forcing = self.store()
        self.forcing_writer = LogWriter(self.forcing, writer=WRITER, clock=self.clock)
        self.runs: list[Run] = []
        self.movers: list[Mover] = []
        self.forgotten_by_hand: set[str] = set()
        self.number = 0

    def store(self, clock: FakeClock | None = None) -> Store:
        return Store(self.folder, project=None, clock=clock or self.clock)

    def process(self, env: str) -> Workspace:
        """The project as another process has it: with a store of its own, and the same ledger for the sake of time."""
        made = self.workspace.in_env(self.workspace.settings.model_copy(update={"env": env}))
        made.store = self.store()
        return made

    # -- writers

    @rule(env=st.sampled_from(ENVS), asset=st.sampled_from(ASSETS), code=st.integers(0, 11))
    def a_run_makes_something(self, env: str, asset: str, code: int) -> None:
        if len(self.runs) < 4:
            self.runs.append(self.begin(env, asset, code))

    def begin(self, env: str, asset: str, code: int) -> Run:
        self.number += 1
        name = f"run-{self.number}"
        process = self.process(env)
        past = Past(process, ASSETS)
        with process.ledger.session() as session:
            process.store.objects.forget(session.forgotten_objects())
        self.sign(name)
        inputs = self.inputs_of(asset, past)
        fingerprint = f"{asset}-{code}-{[item.data_version for item in inputs]}"
        usable = past.records(asset, fingerprint)
        if usable and past.unsound(usable) == frozenset():
            bundle = Bundle((), (usable[0].action,))
        else:
            bundle = self.made(process.store, past, name, asset, code, fingerprint, inputs)
        tree = bundle.actions[0].tree if bundle.actions else None
        started = RunStarted(run=name, env=env, selection="", started_at=TIME, snapshot=past.head, tree=tree)
        writer = LogWriter(process.store, writer=WRITER, head=past.commit, clock=self.clock)
        keeping = Safekeeping(process.store.objects)

        def find(key: str, version: str) -> Any:
            recorded = past.version(key, version)
            return recorded.action if recorded else None

        committer = Committer(writer, started, Meanwhile(env, past.seen, find, {}), keeping)
        return Run(name, committer, bundle)

    def is_published(self, env: str, asset: str, code: int) -> str:
        """Make a version and publish it, by a run that asks nobody what is stored; return it."""
        self.number += 1
        store, writer, run = self.forcing, self.forcing_writer, f"run-{self.number}"
        writer.commit(lambda _news: None)  # reads what was forgotten
        self.model.read()
        raw = self.model.pointers().get((env, "raw")) if asset == "sales" else None
        inputs = [] if raw is None else [self.reading(raw, self.model.records[raw][0].body["data_version"])]
        fingerprint = f"{asset}-{code}-{[item.data_version for item in inputs]}"
        bundle = self.made(store, NOTHING_KNOWN, run, asset, code, fingerprint, inputs)
        started = RunStarted(run=run, env=env, selection="", started_at=TIME, snapshot=0)
        moved = Published(run=run, env=env, asset=asset, version=bundle.publish[0].version)
        writer.commit(lambda _news: [started, *bundle.actions, moved], run=run)
        return bundle.publish[0].version

    def reading(self, raw: str, data_version: str) -> InputVersion:
        return InputVersion(parameter="raw", asset="raw", version=raw, data_version=data_version, rows=1)

    def inputs_of(self, asset: str, past: Past) -> list[InputVersion]:
        raw = past.published.get("raw")
        if asset == "raw" or raw is None:
            return []
        return [self.reading(raw.version, raw.data_version)]

    def made(self, store, past, run, asset, code, fingerprint, inputs) -> Bundle:
        """Store what is not known to be stored: parts shared by several data, in lists of their own or not."""
        shape = code % 6 if code < 12 else code  # two codes make the same data
        data_version = f"data-{shape}-{[item.data_version for item in inputs]}"
        numbers = {shape, shape // 2 + 10, 20}
        manifest = past.known_artifact(data_version, "parquet")
        if manifest is None:
            parts = tuple(
                past.known_part(f"part-{number}", "parquet") or self.part(store, number) for number in numbers
            )
            manifest = Manifest(kind="table", format="parquet", bytes=1, rows=1, parts=parts)
        with mock.patch.object(artifacts, "MAX_IN_COMMIT", 0 if shape % 2 else 8192):
            settled = artifacts.settle(manifest, store.objects)
        files = {f"{n}.py": store.objects.put(b"code %d" % n, "py") for n in (code, 99)}
        tree = store.objects.put(json.dumps({"number": 1, "files": files}).encode(), "json")
        version = version_id(asset, "", fingerprint, data_version)
        materialized = Materialized(
            run=run,
            asset=asset,
            kind="python",
            version=version,
            data_version=data_version,
            fingerprint=fingerprint,
            code_version=str(code),
            recipe=Recipe(code_version=str(code), inputs=tuple(inputs)),
            manifest=settled,
            started_at=TIME,
            seconds=0.1,
            bytes=1,
            executor="inline",
            attempts=(Attempt(number=1, started_at=TIME, seconds=0.1),),
            tree=tree,
            log=store.objects.put(b"log %d" % (code % 3), "log"),
        )
        cases = Manifest(kind="table", format="parquet", bytes=1, parts=(self.part(store, 30 + code),))
        judged = CheckEvaluated(
            run=run,
            asset=asset,
            version=version,
            data_version=data_version,
            check="c",
            fingerprint=f"c-{data_version}",
            code_version="c",
            verdicts=(Verdict(name="c", severity="warn", passed=False, failing_rows=1, cases=cases),),
            started_at=TIME,
            seconds=0.1,
        )
        return Bundle((materialized, judged), (materialized,))

    def part(self, store: Store, number: int) -> Part:
        data = b"part %d " % number * 10
        return Part(
            object=store.objects.put(data, "parquet"), bytes=len(data), version=f"part-{number}", rows=1
        )

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def a_run_commits(self, data: st.DataObject) -> None:
        self.end(self.runs.pop(data.draw(st.integers(0, len(self.runs) - 1))))

    def end(self, run: Run) -> None:
        run.committer.add(run.bundle)
        end = RunFinished(run=run.name, status="succeeded", finished_at=TIME, seconds=1, counts={})
        run.committer.finish(lambda _lost: (end,), always=False)
        self.folder.files.pop(f"live/{run.name}", None)
        lost = [reason for reason in run.committer.lost.values() if "forgotten" in reason]
        assert not lost or run.may_lose, lost

    @initialize(made=st.lists(RUNS, min_size=4, max_size=12), hours=st.sampled_from([9, 30]))
    def there_is_a_history(self, made: list[tuple[str, str, int]], hours: int) -> None:
        self.runs_go_on_in_peace(made, hours)

    @rule(made=st.lists(RUNS, min_size=1, max_size=6), hours=st.sampled_from([1, 9, 30]))
    def runs_go_on_in_peace(self, made: list[tuple[str, str, int]], hours: int) -> None:
        for env, asset, code in made:
            self.is_published(env, asset, code)
            self.time_goes_by(hours * 3600.0)

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), killed=st.booleans())
    def a_run_stops(self, data: st.DataObject, killed: bool) -> None:
        """It is killed; or falls asleep with its laptop, shows no sign of life, and may go on much later."""
        run = self.runs[data.draw(st.integers(0, len(self.runs) - 1))]
        run.beats = False
        if killed:
            self.runs.remove(run)
            self.folder.files[f"objects/ab/.{self.number}-ff.tmp"] = (b"half", self.clock.now().timestamp())

    # -- commands

    @rule(env=st.sampled_from(ENVS), data=st.data())
    def somebody_chooses_a_version(self, env: str, data: st.DataObject) -> None:
        """Promotion or rollback: any version that is not forgotten."""
        known = sorted(version for version in self.model.records if self.model.live(version))
        if known and len(self.movers) < 2:
            version = data.draw(st.sampled_from(known))
            with self.workspace.ledger.session() as session:
                head = session.head
            asset = self.model.records[version][0].body["asset"]
            writer = LogWriter(self.store(), writer=WRITER, head=head, clock=self.clock)
            self.movers.append(Mover(writer, Published(run="by hand", env=env, asset=asset, version=version)))

    @precondition(lambda self: self.movers)
    @rule()
    def somebody_publishes_it(self) -> None:
        mover = self.movers.pop(0)
        if self.model.live(mover.action.version):
            mover.writer.commit(lambda _news: [mover.action])
        else:
            with pytest.raises(StoreError, match="was forgotten by commit"):
                mover.writer.commit(lambda _news: [mover.action])

    @rule(data=st.data())
    def somebody_forgets_a_version(self, data: st.DataObject) -> None:
        known = sorted(self.model.records)
        if not known:
            return
        version = data.draw(st.sampled_from(known))
        records = self.model.records[version]
        asset = records[0].body["asset"]
        before = dict(self.folder.files)
        identity = (asset, records[0].body["data_version"])
        same = {
            v
            for v, r in self.model.records.items()
            if (r[0].body["asset"], r[0].body["data_version"]) == identity
        }
        live = bool(self.model.live(version))
        if live and same & set(self.model.pointers().values()):
            with pytest.raises(UsageError, match="publishes"):
                forget(self.process("dev"), f"{asset}@{version}", lambda _env: self.workspace)
            assert self.folder.files == before
            return
        forget(self.process("dev"), f"{asset}@{version}", lambda _env: self.workspace)
        for run in self.runs:
            run.may_lose = True
        self.model.read()
        self.forgotten_by_hand |= same if live else set()
        others = {n for v in self.model.records for r in self.model.live(v) for n in self.model.all_of(r)}
        gone = {n for record in records for n in self.model.data_of(record)} - others
        assert not live or not [name for name in gone if path(name) in self.folder.files]

    # -- time and collectors

    @rule(seconds=st.sampled_from([1.0, 3600.0, 0.6 * DAY, 1.1 * DAY, 5 * DAY, 40 * DAY]))
    def time_goes_by(self, seconds: float) -> None:
        self.clock.advance(seconds=seconds)
        for run in self.runs:
            if run.beats:
                self.sign(run.name)
            elif seconds > DEAD_AFTER:
                run.may_lose = True

    @rule()
    def gc_runs(self) -> None:
        gc(self.process("dev"), yes=True)
        after = dict(self.folder.files)
        gc(self.process("dev"), yes=True)
        assert self.folder.files == after

    @rule(calls=st.integers(0, 12))
    def gc_is_killed(self, calls: int) -> None:
        self.folder.broken_after = calls
        try:
            gc(self.process("dev"), yes=True)
        except Crash:
            pass
        finally:
            self.folder.broken_after = None
        for name in [name for name in self.folder.files if name.startswith("live/gc-")]:
            self.sign(name.removeprefix("live/"))

    @rule(
        how=st.sampled_from(["dry run", "listing cut off", "clock behind", "clock ahead"]),
        which=st.integers(0, 4),
    )
    def gc_must_not_change_anything(self, how: str, which: int) -> None:
        before = self.stored()
        process = self.process("dev")
        if how == "dry run":
            gc(process)
        elif how == "listing cut off":
            self.gc_with_half_a_listing(which)
        else:
            process.store = self.store(FakeClock(self.clock.now()))
            process.store.clock.advance(days=400 if how == "clock ahead" else -400)
            with pytest.raises(ClockError):
                gc(process, yes=True)
        assert self.stored() == before

    def stored(self) -> dict[str, Any]:
        """All files, but for signs of life: those of the dead may go at any time."""
        return {name: file for name, file in self.folder.files.items() if not name.startswith("live/")}

    def gc_with_half_a_listing(self, which: int) -> None:
        entries, asked = self.folder.entries, iter(range(1000))

        def failing(place: str) -> Any:
            if next(asked) >= which:
                raise ConnectionError("cut off")
            return entries(place)

        with mock.patch.object(self.folder, "entries", failing), pytest.raises(StoreError, match="cut off"):
            gc(self.process("dev"), yes=True)

    def sign(self, run: str) -> None:
        """Show that a run of another machine is alive now."""
        began = TIME
        if f"live/{run}" in self.folder.files:
            began = json.loads(self.folder.files[f"live/{run}"][0])["began"]
        else:
            began = self.clock.now().isoformat()
        process = {"host": "far", "boot": "other", "namespace": "n", "pid": 1, "started": "1"}
        body = {"format": 1, "run": run, "began": began, **process}
        self.folder.files[f"live/{run}"] = (json.dumps(body).encode(), self.clock.now().timestamp())

    # -- what holds

    @invariant()
    def what_counts_is_there(self) -> None:
        """Every record that counts is whole; what is published counts; no forgotten name is used again."""
        self.model.read()
        assert self.model.broken == []
        for version in self.model.records:
            for record in self.model.live(version):
                assert all(map(self.model.is_whole, self.model.all_of(record))), version
        for place, version in self.model.pointers().items():
            assert self.model.live(version), place

    @invariant()
    def what_must_be_kept_is_kept(self) -> None:
        """What retention, the last versions, grace and inputs ask for is there, with its code, log and failing rows."""
        needed = self.model.needed_versions(self.clock.now().timestamp(), RETENTION)
        for version in needed - self.forgotten_by_hand:
            records = self.model.live(version)
            assert records, version
            identity = (records[0].body["asset"], records[0].body["data_version"])
            for asset, data_version, cases in self.model.checks:
                if (asset, data_version) == identity and not cases & self.model.dead.keys():
                    assert all(map(self.model.is_whole, cases))

    def teardown(self) -> None:
        """Once nobody writes any more, all that nothing needs goes."""
        self.runs.clear()
        for _ in range(2):
            self.clock.advance(days=100)
            gc(self.process("dev"), yes=True)
        self.what_counts_is_there()
        self.what_must_be_kept_is_kept()
        live = {v: self.model.live(v) for v in self.model.records if self.model.live(v)}
        kept = self.model.needed_versions(self.clock.now().timestamp(), RETENTION) | self.made_last()
        kept = self.model.with_recorded_inputs(kept) & live.keys()
        needed = {name for version in kept for record in live[version] for name in self.model.all_of(record)}
        identities = {
            (live[version][0].body["asset"], live[version][0].body["data_version"]) for version in kept
        }
        needed |= {
            name for asset, data, cases in self.model.checks if (asset, data) in identities for name in cases
        }
        stored = {name.rpartition("/")[2] for name in self.folder.files if name.startswith("objects/")}
        assert stored - needed == set()
        assert [name for name in self.folder.files if name.endswith(".tmp")] == []

    def made_last(self) -> set[str]:
        """The last versions that were made for each environment."""
        by: dict[tuple[str, str], list[str]] = {}
        placed = [
            (record.commit, record.env, record.body["asset"], version)
            for version in self.model.records
            for record in self.model.live(version)
        ]
        for _, env, asset, version in sorted(placed):
            by.setdefault((env, asset), []).append(version)
        found = set()
        for (env, _), versions in by.items():
            found |= set(list(dict.fromkeys(reversed(versions)))[: RETENTION[env][1]])
        return found


@pytest.mark.torture
def test_nothing_needed_is_lost_whatever_goes_on_and_in_the_end_all_else_goes(rounds):
    """200 times 50 steps are 10,000 operations."""
    run_state_machine_as_test(
        Stores, settings=settings(max_examples=rounds(200), stateful_step_count=50, deadline=None)
    )


def test_a_history_of_100_versions_shrinks_to_what_retention_says():
    stores = Stores()
    for code in range(100, 200):
        stores.is_published("prod", "raw", code)
        stores.time_goes_by(DAY)
    before = sum(len(data) for data, _ in stores.folder.files.values())

    collected = gc(stores.process("dev"), yes=True)
    stores.model.read()
    live = [version for version in stores.model.records if stores.model.live(version)]
    stores.time_goes_by(1.1 * DAY)
    deleted = gc(stores.process("dev"), yes=True)

    assert (len(collected.forgotten), len(live)) == (89, 11)  # 10 days, and what was there when they began
    assert (deleted.deleted, deleted.deleted_bytes) == (collected.objects, collected.bytes)
    objects = {name: data for name, (data, _) in stores.folder.files.items() if name.startswith("objects/")}
    assert len(objects) < 0.2 * (collected.objects + len(objects))
    assert sum(map(len, objects.values())) < 0.2 * before
    stores.what_counts_is_there()


@pytest.fixture
def forgettable() -> tuple[Stores, str]:
    """A store with a version that nothing keeps."""
    stores = Stores()
    versions = [stores.is_published("dev", "raw", code) for code in (300, 1, 8, 9)]
    stores.time_goes_by(5 * DAY)
    return stores, versions[0]


def is_whole(stores: Stores, version: str) -> bool:
    """Whether it counts, is published, and stays so when all that is forgotten was deleted."""
    for _ in range(2):
        stores.what_counts_is_there()
        gc(stores.process("dev"), yes=True)
        stores.clock.advance(days=2)
    stores.what_counts_is_there()
    return stores.model.pointers()["dev", "raw"] == version and bool(stores.model.live(version))


def test_a_version_that_a_run_reuses_is_put_on_record_again_when_it_was_forgotten_meanwhile(forgettable):
    stores, old = forgettable
    run = stores.begin("dev", "raw", 300)
    assert run.bundle.actions == ()
    collected = gc(stores.process("dev"), yes=True)
    assert old in {one.version for one in collected.forgotten}

    stores.end(run)

    assert is_whole(stores, old)
    assert len(stores.model.records[old]) == 2


def test_parts_that_a_run_found_stored_are_stored_again_when_they_were_forgotten_meanwhile(forgettable):
    stores, _ = forgettable
    run = stores.begin("dev", "raw", 301)  # finds a part of 300 stored, and names it in a list of its own
    old_part = f"{hash_bytes(b'part 160 ' * 10)}.parquet"
    assert stores.folder.files[path(old_part)][1] < stores.clock.now().timestamp() - DAY
    gc(stores.process("dev"), yes=True)
    stores.model.read()
    assert old_part in stores.model.dead

    stores.end(run)

    assert is_whole(stores, run.bundle.publish[0].version)
    assert [name for name in stores.folder.files if "-" in name and name.endswith(".parquet")]


def test_a_run_whose_data_were_erased_meanwhile_publishes_nothing_and_says_so(forgettable):
    stores, old = forgettable
    run = stores.begin("dev", "raw", 300)
    forget(stores.process("dev"), f"raw@{old}", lambda _env: stores.workspace)
    run.may_lose = True

    stores.end(run)

    stores.what_counts_is_there()
    assert "forgotten" in run.committer.lost["raw"]
    assert stores.model.pointers()["dev", "raw"] != old
    assert stores.model.live(old) == []


def test_a_command_that_would_publish_what_was_forgotten_meanwhile_is_refused(forgettable):
    stores, old = forgettable
    with stores.workspace.ledger.session() as session:
        head = session.head
    writer = LogWriter(stores.store(), writer=WRITER, head=head, clock=stores.clock)
    gc(stores.process("dev"), yes=True)

    with pytest.raises(StoreError, match="was forgotten by commit"):
        writer.commit(lambda _news: [Published(run="by hand", env="dev", asset="raw", version=old)])


def test_what_others_come_to_need_while_gc_plans_is_not_forgotten(forgettable, monkeypatch):
    """The commit comes between gc's plan and its own."""
    stores, old = forgettable
    run = stores.begin("dev", "raw", 300)
    commit = LogWriter.commit

    def after_the_run(writer, build, **named):
        monkeypatch.setattr(LogWriter, "commit", commit)
        stores.end(run)
        return commit(writer, build, **named)

    monkeypatch.setattr(LogWriter, "commit", after_the_run)
    collected = gc(stores.process("dev"), yes=True)

    assert old not in {one.version for one in collected.forgotten}
    assert is_whole(stores, old)
    assert len(stores.model.records[old]) == 1
