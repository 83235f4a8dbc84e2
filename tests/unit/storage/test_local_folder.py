from __future__ import annotations

import errno
import os
import threading
from collections import Counter

import pytest

from assetflow.storage.local_folder import LocalFolder


class Recording:
    """The ``os`` module, with a list of what was done to which path."""

    def __init__(self):
        self.done: list[tuple[str, str]] = []
        self.paths: dict[int, str] = {}

    def __getattr__(self, name):
        call = getattr(os, name)
        return lambda *arguments, **named: self._note(name, call, arguments, named)

    def _note(self, name, call, arguments, named):
        result = call(*arguments, **named)
        if name == "open":
            self.paths[result] = arguments[0]
        first = arguments[0] if arguments else ""
        self.done.append(
            (name, self.paths.get(first, first) if isinstance(first, int) else str(arguments[-1]))
        )
        return result


def files_below(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_file_is_whole_whatever_its_size(tmp_path):
    folder = LocalFolder(tmp_path)
    for size in (0, 1, 1000, (256 << 10) - 1, 256 << 10, 3_000_001):
        data = os.urandom(size)
        folder.ensure(f"a/{size}", data)

        assert bytes(folder.read(f"a/{size}")) == data


def test_a_mapped_file_keeps_its_bytes_when_it_is_replaced_or_removed(tmp_path):
    folder = LocalFolder(tmp_path)
    folder.replace("big", b"x" * 1_000_000)
    mapped = folder.read("big")
    folder.replace("big", b"y" * 10)
    folder.remove("big")

    assert bytes(mapped) == b"x" * 1_000_000


def test_creating_twice_leaves_the_first(tmp_path):
    folder = LocalFolder(tmp_path)

    assert folder.create("log/1", b"first")
    assert not folder.create("log/1", b"second")
    assert bytes(folder.read("log/1")) == b"first"


def test_no_temporary_file_stays(tmp_path):
    folder = LocalFolder(tmp_path)
    folder.create("log/1", b"first")
    folder.create("log/1", b"second")
    folder.ensure("objects/a", b"a")
    folder.ensure("objects/a", b"a")
    folder.ensure("objects/a", b"other")
    folder.ensure_stream([b"b"], lambda: "objects/b")
    folder.replace("live/r", b"r")

    assert files_below(tmp_path) == ["live/r", "log/1", "objects/a", "objects/b"]


def test_temporary_files_of_others_are_not_listed(tmp_path):
    folder = LocalFolder(tmp_path)
    folder.create("log/1", b"first")
    (tmp_path / "log" / ".123-abc.tmp").write_bytes(b"half")

    assert folder.list("log") == ["1"]


def test_a_file_is_never_seen_half_written(tmp_path):
    folder = LocalFolder(tmp_path, durable=False)
    whole = {bytes([letter]) * 200_000 for letter in b"abc"}
    folder.replace("f", min(whole))
    stop = threading.Event()
    seen: Counter[bool] = Counter()

    def look():
        while not stop.is_set():
            seen[bytes(folder.read("f")) in whole] += 1

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(30):
        for data in whole:
            folder.replace("f", data)
    stop.set()
    reader.join()

    assert seen[True] > 0
    assert seen[False] == 0


def test_what_create_made_is_synced_before_it_shows_and_its_name_before_it_returns(tmp_path):
    system = Recording()
    LocalFolder(tmp_path / "store", system=system).create("log/1", b"body")
    link = system.done.index(("link", str(tmp_path / "store" / "log" / "1")))
    before = [path for call, path in system.done[:link] if call == "fsync"]
    after = {path for call, path in system.done[link:] if call == "fsync"}

    assert [path.rpartition("/")[0] for path in before] == [str(tmp_path / "store" / "log")]
    assert after == {str(tmp_path), str(tmp_path / "store"), str(tmp_path / "store" / "log")}


def test_flush_syncs_files_and_every_folder_that_has_a_new_name(tmp_path):
    system = Recording()
    folder = LocalFolder(tmp_path, system=system)
    folder.ensure("objects/ab/1", b"1")
    folder.ensure("objects/cd/2", b"2")
    folder.ensure_stream([b"3"], lambda: "objects/cd/3")
    folder.flush()
    synced = {path.removeprefix(str(tmp_path)) for call, path in system.done if call == "fsync"}

    assert synced >= {"/objects/ab/1", "/objects/cd/2", "", "/objects", "/objects/ab", "/objects/cd"}


def test_flushing_again_syncs_nothing(tmp_path):
    system = Recording()
    folder = LocalFolder(tmp_path, system=system)
    folder.ensure("objects/ab/1", b"1")
    folder.flush()
    system.done.clear()
    folder.flush()

    assert system.done == []


def test_what_another_process_wrote_and_may_not_have_synced_is_synced(tmp_path):
    LocalFolder(tmp_path).ensure("objects/ab/1", b"1")
    system = Recording()
    folder = LocalFolder(tmp_path, system=system)
    folder.ensure("objects/ab/1", b"1")
    folder.flush()

    assert ("fsync", str(tmp_path / "objects/ab/1")) in system.done
    assert "write" not in {call for call, _ in system.done}


def test_wrong_bytes_are_replaced_only_by_synced_ones(tmp_path):
    LocalFolder(tmp_path).ensure("objects/ab/1", b"wrong")
    system = Recording()
    LocalFolder(tmp_path, system=system).ensure("objects/ab/1", b"right")
    calls = [call for call, _ in system.done]

    assert calls.index("fsync") < calls.index("replace")


def test_without_durability_nothing_is_synced(tmp_path):
    system = Recording()
    folder = LocalFolder(tmp_path, durable=False, system=system)
    folder.create("log/1", b"1")
    folder.ensure("objects/ab/1", b"1")
    folder.ensure_stream([b"3"], lambda: "objects/cd/3")
    folder.flush()

    assert "fsync" not in {call for call, _ in system.done}


def test_a_flush_waits_for_the_flush_that_syncs_what_it_needs(tmp_path):
    class Slow(Recording):
        def fsync(self, descriptor):
            started.set()
            assert let_go.wait(10)
            os.fsync(descriptor)

    started, let_go = threading.Event(), threading.Event()
    folder = LocalFolder(tmp_path, system=Slow())
    folder.ensure("objects/1", b"1")
    first = threading.Thread(target=folder.flush)
    first.start()
    assert started.wait(10)
    second = threading.Thread(target=folder.flush)
    second.start()
    second.join(0.05)
    waited = second.is_alive()
    let_go.set()
    first.join()
    second.join()

    assert waited


def test_what_was_synced_early_leaves_the_flush_nothing_but_its_name(tmp_path):
    system = Recording()
    folder = LocalFolder(tmp_path, system=system)
    for path in ("objects/1", "objects/2"):
        folder.ensure(path, path.encode())
    folder.sync(["objects/1", "objects/unknown"])
    assert [path for call, path in system.done if call == "fsync"] == [str(tmp_path / "objects/1")]
    system.done.clear()
    folder.flush()

    synced = {path for call, path in system.done if call == "fsync"}
    assert {str(tmp_path / "objects/2"), str(tmp_path / "objects")} <= synced
    assert str(tmp_path / "objects/1") not in synced


def test_a_flush_syncs_what_an_early_sync_has_not_ended_with(tmp_path):
    class Slow(Recording):
        def fsync(self, descriptor):
            if threading.current_thread() is early:
                started.set()
                assert let_go.wait(10)
            self.done.append(("synced", self.paths[descriptor]))

    started, let_go = threading.Event(), threading.Event()
    system = Slow()
    folder = LocalFolder(tmp_path, system=system)
    early = threading.Thread(target=folder.sync, args=[["objects/1"]])
    folder.ensure("objects/1", b"1")
    early.start()
    assert started.wait(10)
    folder.flush()
    synced = list(system.done)
    let_go.set()
    early.join()

    assert ("synced", str(tmp_path / "objects/1")) in synced


def test_a_flush_that_failed_is_made_up_by_the_next(tmp_path):
    class Failing(Recording):
        fails = True

        def fsync(self, descriptor):
            if self.fails:
                raise OSError(errno.EIO, "broken")
            self.done.append(("synced", self.paths[descriptor]))

    system = Failing()
    folder = LocalFolder(tmp_path, system=system)
    folder.ensure("objects/1", b"1")
    with pytest.raises(OSError, match="broken"):
        folder.sync(["objects/1"])
    with pytest.raises(OSError, match="broken"):
        folder.flush()
    system.fails = False
    folder.flush()

    assert {str(tmp_path / "objects/1"), str(tmp_path / "objects")} <= {
        p for call, p in system.done if call == "synced"
    }


def test_an_object_that_is_put_again_is_young_again(tmp_path):
    folder = LocalFolder(tmp_path)
    folder.ensure("objects/1", b"1")
    os.utime(tmp_path / "objects/1", (1000, 1000))
    folder.ensure("objects/1", b"1")

    assert folder.modified("objects/1") > 1_000_000


def test_opening_and_asking_an_absent_folder_makes_nothing(tmp_path):
    folder = LocalFolder(tmp_path / "store")
    assert not folder.exists("log/1")
    assert folder.list("live") == []
    assert folder.absent(["objects/ab/1"]) == {"objects/ab/1"}
    folder.remove("live/x")
    folder.flush()

    assert list(tmp_path.iterdir()) == []


def test_only_old_temporary_files_are_left_over_and_nothing_else_is_looked_at(tmp_path):
    system = Recording()
    folder = LocalFolder(tmp_path, system=system)
    for path in (".1-ff.tmp", "objects/ab/.2-ff.tmp", "log/.3-ff.tmp"):
        folder.replace(path, b"half")
    for path in ("log/1.json", "objects/ab/x.tmp", "objects/ab/.hidden"):
        folder.replace(path, b"whole")
    os.utime(tmp_path / "log/.3-ff.tmp", (2e9, 2e9))
    system.done.clear()

    assert sorted(folder.left_over(1.9e9)) == [".1-ff.tmp", "objects/ab/.2-ff.tmp"]
    assert [name for name, _ in system.done].count("stat") == 3
    assert list(LocalFolder(tmp_path / "nowhere").left_over(1.9e9)) == []
