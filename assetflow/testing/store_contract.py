"""Owns the contract of a store: what any file system must keep for assetflow to trust it.

For users who want to keep a store on a file system of their own::

    class TestMyStore(StoreContract):
        def open(self, place):
            return open_store(f"bucket/{place.name}", fs=MyFileSystem(), project="contract")

Knows nothing of particular file systems. pytest is imported only when a test runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from assetflow.errors import DamagedError, StoreError, StoreFormatError
from assetflow.hashing.digest import hash_bytes
from assetflow.model.actions import Action
from assetflow.model.commit import Commit
from assetflow.model.runs import Skipped
from assetflow.model.store import StoreCreated
from assetflow.storage.clock import SystemClock
from assetflow.storage.head import Head, advance
from assetflow.storage.host import this_writer
from assetflow.storage.log import CommitLog
from assetflow.storage.log_writer import LogWriter
from assetflow.storage.store import Store

ESCAPES = (
    "../../etc/passwd",
    "/etc/passwd",
    "ab/../" + "0" * 32 + ".bin",
    "0" * 32 + ".bin\x00",
    "0" * 32 + ".bin\n",
    "0" * 32 + "/x.bin",
    "0" * 32,
    "0" * 31 + "\N{FULLWIDTH DIGIT ZERO}.bin",
    "0" * 32 + ".CON.bin",
    "",
)
_T = TypeVar("_T")


class StoreContract:
    """Tests that a store passes. A subclass has a name with ``Test`` first, and says how to open one."""

    threads = 6

    def open(self, place: Path) -> Store:
        """Open the store at ``place``: a folder of this machine, or what it is called where yours is.

        Called again with the same ``place`` it opens the same store, as another process would.
        """
        raise NotImplementedError

    def test_what_was_put_is_read_back_under_a_name_that_begins_with_its_hash(self, tmp_path: Path) -> None:
        """Empty, small and large alike."""
        store = self.open(tmp_path)
        for data in (b"", b"small", bytes(range(256)) * 4096):
            name = store.objects.put(data, "bin")
            store.objects.flush()
            assert name == f"{hash_bytes(data)}.bin"
            assert bytes(self.open(tmp_path).objects.read(name)) == data

    def test_putting_the_same_bytes_again_changes_nothing(self, tmp_path: Path) -> None:
        """As a whole or in pieces."""
        store = self.open(tmp_path)
        name = store.objects.put(b"one two three", "bin")
        assert store.objects.put(memoryview(b"one two three"), "bin") == name
        assert store.objects.put_stream([b"one ", b"", memoryview(b"two three")], "bin") == (name, 13)
        assert bytes(store.objects.read(name)) == b"one two three"

    def test_damage_is_an_error_and_putting_the_bytes_again_mends_it(self, tmp_path: Path) -> None:
        """Never the wrong data."""
        store = self.open(tmp_path)
        name = store.objects.put(b"right", "bin")
        for wrong in (b"wrong", b"righ", b"right!", b""):
            store.folder.replace(f"objects/{name[:2]}/{name}", wrong)
            assert _raised(DamagedError, store.objects.read, name).objects == (name,)
            assert store.objects.put(b"right", "bin") == name
            assert bytes(store.objects.read(name)) == b"right"

    def test_missing_objects_are_found_by_name(self, tmp_path: Path) -> None:
        """In a store that holds some, and in one that holds nothing."""
        absent = [f"{hash_bytes(bytes([n]))}.bin" for n in range(20)]
        store = self.open(tmp_path)
        assert store.objects.missing(absent) == set(absent)
        present = [store.objects.put(bytes([n]), "bin") for n in range(0, 20, 3)]
        assert store.objects.missing(absent) == set(absent) - set(present)
        assert _raised(DamagedError, store.objects.read, absent[1]).objects == (absent[1],)

    def test_bytes_of_a_forgotten_name_are_stored_under_another(self, tmp_path: Path) -> None:
        """As a whole or in pieces, and again when that is forgotten too; each is read back by its own name."""
        store = self.open(tmp_path)
        first = store.objects.put(b"data", "bin")
        store.objects.forget({first: 7})
        second = store.objects.put(b"data", "bin")
        assert second == f"{first[:32]}-7.bin"
        assert store.objects.put_stream([b"da", b"ta"], "bin") == (second, 4)
        store.objects.forget({second: 19})
        third = store.objects.put(b"data", "bin")
        assert third == f"{first[:32]}-19.bin"
        for name in (first, second, third):
            assert bytes(store.objects.read(name)) == b"data"
            assert store.objects.require_sound(name) == 4

    def test_every_object_is_listed_with_its_size_and_its_time_and_no_other_file(
        self, tmp_path: Path
    ) -> None:
        """Also what another process stored since the last listing."""
        store, other = self.open(tmp_path), self.open(tmp_path)
        assert store.objects.listed() == {}
        names = {other.objects.put(bytes(n), "bin"): n for n in range(30)}
        other.objects.flush()
        store.folder.replace("objects/ab/notes.txt", b"of somebody else")
        listed = store.objects.listed()
        assert {name: entry.size for name, entry in listed.items()} == names
        now = store.folder.modified(_object_path(other.objects.put(b"now", "bin")))
        assert all(abs(now - entry.modified) < 60 for entry in listed.values())
        assert len(store.objects.listed()) == 31

    def test_what_is_deleted_is_gone_and_deleting_it_again_does_nothing(self, tmp_path: Path) -> None:
        """Many at once."""
        store = self.open(tmp_path)
        names = [store.objects.put(bytes([n]), "bin") for n in range(40)]
        for _ in range(2):
            store.objects.remove(names[:39])
        assert set(store.objects.listed()) == set(names[39:])
        assert store.objects.missing(names) == set(names[:39])

    def test_damage_is_found_without_keeping_the_bytes(self, tmp_path: Path) -> None:
        """Of small and of large objects, of missing ones too."""
        store = self.open(tmp_path)
        for size in (0, 5, (16 << 20) + 1):
            name = store.objects.put(bytes(size), "bin")
            assert store.objects.require_sound(name) == size
            store.folder.replace(_object_path(name), bytes(size + 1))
            assert _raised(DamagedError, store.objects.require_sound, name).objects == (name,)
            store.objects.remove([name])
            assert _raised(DamagedError, store.objects.require_sound, name).objects == (name,)

    def test_commits_are_listed_and_have_a_time(self, tmp_path: Path) -> None:
        """The store's own."""
        store = self.open(tmp_path)
        self.writer(store).commit(lambda _news: [_note("x")])
        assert self.open(tmp_path).log.numbers() == [1, 2]
        assert store.log.written(2) >= store.log.written(1) > 0
        _raised(DamagedError, store.log.written, 3)

    def test_names_cannot_leave_the_store(self, tmp_path: Path) -> None:
        """Whatever a changed record says."""
        store = self.open(tmp_path)
        for name in ESCAPES:
            for use in (store.objects.read, store.objects.url, store.objects.local_path):
                _raised(StoreError, use, name)
            _raised(StoreError, store.objects.missing, [name])
            _raised(StoreError, store.objects.put, b"", name)
            _raised(StoreError, store.live.begin, f"{name}/")

    def test_a_store_that_nobody_wrote_is_an_empty_log(self, tmp_path: Path) -> None:
        """Asking it does not make it."""
        store = self.open(tmp_path)
        assert (store.store_id, store.log.head(0), list(store.log.read_since(0))) == (None, 0, [])
        assert store.live.runs() == []
        assert store.live.remove_dead() == ()
        assert self.writer(store).commit(lambda _news: None) is None
        assert store.folder.list("log") == []

    def test_a_number_once_taken_is_never_changed(self, tmp_path: Path) -> None:
        """The writer itself is told that it won, however often it asks."""
        log = self.open(tmp_path).log
        assert log.append(1, b'{"id":"mine"}', "mine")
        assert log.append(1, b'{"id":"mine"}', "mine")
        assert not log.append(1, b'{"id":"other"}', "other")
        assert bytes(log.read(1)) == b'{"id":"mine"}'

    def test_of_many_who_want_a_number_one_gets_it(self, tmp_path: Path) -> None:
        """And the log holds the winner's bytes."""
        bodies = [f'{{"id":"{n}"}}'.encode() for n in range(self.threads)]
        logs = [self.open(tmp_path).log for _ in bodies]
        for number in range(1, 11):
            won = self.together(partial(_append, logs, bodies, number))
            assert won.count(True) == 1
            assert bytes(logs[0].read(number)) == bodies[won.index(True)]

    def test_the_head_is_found_from_any_known_commit(self, tmp_path: Path) -> None:
        """By a store opened, and asked, before the commits were written."""
        reader, log = self.open(tmp_path).log, self.open(tmp_path).log
        for last in range(1, 20):
            assert reader.head(last - 1) == last - 1
            assert log.append(last, f'{{"id":"{last}"}}'.encode(), str(last))
            assert {reader.head(known) for known in range(last + 1)} == {last}
        assert [number for number, _ in reader.read_since(7)] == list(range(8, 20))

    def test_writers_at_once_leave_one_unbroken_log(self, tmp_path: Path) -> None:
        """Each commit once, each later than the one before, no number left out, one store id."""
        rounds = 5

        def write(n: int) -> list[int]:
            writer = self.writer(self.open(tmp_path))
            notes = [[_note(f"{n}-{m}")] for m in range(rounds)]
            commits = [writer.commit(partial(_always, note)) for note in notes]
            return [commit.number for commit in commits if commit]

        numbers = sorted(number for written in self.together(write) for number in written)
        commits = self.commits(self.open(tmp_path))
        assert numbers == list(range(2, self.threads * rounds + 2))
        assert sorted(_noted(commits)) == sorted(
            f"{n}-{m}" for n in range(self.threads) for m in range(rounds)
        )
        assert all(earlier.time < later.time for earlier, later in pairwise(commits))
        assert [type(action) for commit in commits for action in commit.actions].count(StoreCreated) == 1

    def test_who_loses_a_race_builds_again_on_what_won(self, tmp_path: Path) -> None:
        """And is shown every commit that it has not seen, once."""
        first, second = self.writer(self.open(tmp_path)), self.writer(self.open(tmp_path))
        first.commit(lambda _news: [_note("first")])
        seen: list[Sequence[Commit]] = []

        def build(news: Sequence[Commit]) -> list[Action]:
            seen.append(news)
            if len(seen) == 1:
                first.commit(lambda _news: [_note("between")])
            return [_note("second")]

        commit = second.commit(build)
        assert commit is not None
        assert [_noted(news) for news in seen] == [["first"], ["first", "between"]]
        assert _noted(self.commits(self.open(tmp_path))) == ["first", "between", "second"]
        assert second.commit(lambda news: [_note("more")] if news else None) is None

    def test_the_store_of_another_project_is_refused(self, tmp_path: Path) -> None:
        """By its name in commit 1; a project without a name neither claims nor checks."""
        store = self.open(tmp_path)
        self.writer(Store(store.folder, project="ours", clock=SystemClock())).commit(
            lambda _news: [_note("x")]
        )
        theirs = Store(store.folder, project="theirs", clock=SystemClock())
        _raised(StoreFormatError, lambda: theirs.store_id)
        _raised(StoreFormatError, lambda: self.writer(theirs).commit(lambda _news: [_note("y")]))
        assert Store(store.folder, project=None, clock=SystemClock()).store_id

    def test_a_run_is_alive_until_it_is_stopped(self, tmp_path: Path) -> None:
        """To everybody who asks."""
        store, other = self.open(tmp_path), self.open(tmp_path)
        with store.live.begin("run-1"):
            assert other.live.alive("run-1")
            assert [(run.run, run.alive) for run in other.live.runs()] == [("run-1", True)]
            assert other.live.remove_dead() == ()
        assert not other.live.alive("run-1")
        assert other.live.runs() == []

    def writer(self, store: Store) -> LogWriter:
        """Return a writer for the whole log of ``store``."""
        return LogWriter(store, writer=this_writer("contract"))

    def commits(self, store: Store) -> list[Commit]:
        """Return every commit of ``store``; that each follows the one before is checked."""
        head, commits = Head(), []
        for number, body in store.log.read_since(0):
            head, commit = advance(head, number, body)
            commits.append(commit)
        return commits

    def together(self, act: Callable[[int], _T]) -> list[_T]:
        """Return what ``act`` gave for each number, all having been called at once."""
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(act, range(self.threads)))


def _append(logs: Sequence[CommitLog], bodies: Sequence[bytes], number: int, n: int) -> bool:
    return logs[n].append(number, bodies[n], str(n))


def _always(actions: Sequence[Action], _news: Sequence[Commit]) -> Sequence[Action]:
    return actions


def _object_path(name: str) -> str:
    return f"objects/{name[:2]}/{name}"


def _note(text: str) -> Action:
    return Skipped(run="contract", asset="asset", reason=text)


def _noted(commits: Sequence[Commit]) -> list[str]:
    return [action.reason for commit in commits for action in commit.actions if isinstance(action, Skipped)]


def _raised(kind: type[Any], act: Callable[..., object], *arguments: object) -> Any:
    import pytest

    with pytest.raises(kind) as caught:
        act(*arguments)
    return caught.value
