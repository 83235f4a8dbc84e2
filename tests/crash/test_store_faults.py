"""Every single call that a write and a commit make is broken in every way, and once the machine dies at it."""

from __future__ import annotations

import errno
import itertools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assetflow.errors import StoreError
from assetflow.model.commit import Writer
from assetflow.model.runs import Skipped
from assetflow.storage.clock import SystemClock
from assetflow.storage.head import Head, advance
from assetflow.storage.local_folder import LocalFolder
from assetflow.storage.log_writer import LogWriter
from assetflow.storage.store import Store, open_store
from assetflow.testing.bucket import Bucket
from assetflow.testing.fakes import FSSPEC_CALLS, OS_CALLS, Crash, FakeClock, Fault, Faulty

WRITER = Writer(host="h", pid=1, user="u", release="0")
DATA = [b"one", b"two" * 1000, bytes(range(256)) * 1025]

FAULTS: dict[str, dict[str, Any]] = {
    "error": {"fault": Fault.FAIL},
    "busy": {"fault": Fault.FAIL, "error": lambda: OSError(errno.EBUSY, "busy")},
    "disk full from here on": {
        "fault": Fault.FAIL,
        "error": lambda: OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
        "lasting": True,
    },
    "no permission": {"fault": Fault.FAIL, "error": lambda: PermissionError(errno.EACCES, "no")},
    "lost reply": {"fault": Fault.LOSE_REPLY},
    "truncated": {"fault": Fault.TRUNCATE},
    "crash": {"fault": Fault.CRASH},
}


class Unsynced:
    """The ``os`` module, but that fsync takes no time."""

    def __getattr__(self, name):
        return getattr(os, name)

    def fsync(self, descriptor):
        os.fstat(descriptor)


@dataclass
class LocalPlace:
    root: Path
    calls = OS_CALLS

    def broken(self, nth, **fault):
        system = Faulty(Unsynced(), self.calls, nth=nth, **fault)
        store = Store(LocalFolder(self.root / "store", system=system), project="shop", clock=FakeClock())
        return store, system

    def sound(self):
        return open_store(self.root / "store", project="shop", durable=False)

    def left_over(self):
        return [path.name for path in self.root.rglob("*.tmp")]


@dataclass
class BucketPlace:
    fs: Bucket
    calls = FSSPEC_CALLS

    def broken(self, nth, **fault):
        system = Faulty(self.fs.another_client(), self.calls, nth=nth, **fault)
        return open_store("bucket/store", fs=system, project="shop", clock=FakeClock()), system

    def sound(self):
        return open_store("bucket/store", fs=self.fs.another_client(), project="shop")

    def left_over(self):
        return []


def write(store, label):
    """Put objects, and commit that they are there, under a sign of life."""
    with store.live.begin(f"run-{label}"):
        names = [store.objects.put(data + label.encode(), "bin") for data in DATA]
        names.append(store.objects.put_stream([b"stream ", label.encode()], "bin")[0])
        store.objects.missing(names)
        writer = LogWriter(store, writer=WRITER, clock=FakeClock())
        return writer.commit(lambda _news: [Skipped(run="r", asset=label, reason=",".join(names))])


def labels(store):
    """Read the log as anybody would, and every object that it names."""
    head, found = Head(), []
    for number, body in store.log.read_since(0):
        head, commit = advance(head, number, body)
        for action in commit.actions:
            if isinstance(action, Skipped):
                found.append(action.asset)
                for name in action.reason.split(","):
                    store.objects.read(name)
    return found


def broken_at_every_call(place_of, fault):
    """Yield, for each call that is made, the place, the calls made, and what was raised."""
    for nth in itertools.count(1):
        place = place_of(nth)
        store, system = place.broken(nth, **FAULTS[fault])
        raised = None
        try:
            write(store, "new")
        except (StoreError, Crash) as error:
            raised = error
        if len(system.made) < nth:
            assert raised is None
            return
        yield place, system, raised


@pytest.fixture(params=["local", "bucket"])
def place_of(request, tmp_path):
    """Makes a place for each number: empty for odd ones, and with an older commit for even ones."""

    def make(nth):
        place = LocalPlace(tmp_path / str(nth)) if request.param == "local" else BucketPlace(Bucket())
        if nth % 2 == 0:
            write(place.sound(), "old")
        return place

    return make


@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "truncated"])
def test_a_reader_sees_old_or_new_and_the_next_write_needs_no_repair(place_of, fault):
    tried = 0
    for place, _system, raised in broken_at_every_call(place_of, fault):
        tried += 1
        old = ["old"] if tried % 2 == 0 else []
        seen = labels(place.sound())
        assert seen in (old, [*old, "new"])
        assert raised is not None or seen == [*old, "new"], "a success that was not one"
        write(place.sound(), "next")
        write(place.sound(), "new")
        assert labels(place.sound()) == [*seen, "next", "new"]
    assert tried > 10


def test_a_write_that_was_cut_off_shows_nowhere_on_a_local_disk(tmp_path):
    for place, _system, _raised in broken_at_every_call(
        lambda nth: LocalPlace(tmp_path / str(nth)), "truncated"
    ):
        assert labels(place.sound()) in ([], ["new"])
        write(place.sound(), "next")


def test_a_bucket_that_cuts_objects_off_is_mended_by_the_next_write():
    """No bucket should; if it does, the name of an object tells, and a commit is an error for everybody."""
    for place, system, raised in broken_at_every_call(lambda _nth: BucketPlace(Bucket()), "truncated"):
        store = place.sound()
        if isinstance(raised, StoreError) and "not a commit" in str(raised):
            for use in (lambda store=store: labels(store), lambda store=store: write(store, "next")):
                with pytest.raises(StoreError):
                    use()
        else:
            assert labels(store) in ([], ["new"]), system.made
            write(store, "new")
            assert "new" in labels(store)


@pytest.mark.parametrize("fault", ["error", "truncated", "disk full from here on"])
def test_no_temporary_file_is_left_unless_its_removal_is_what_failed(tmp_path, fault):
    for place, system, _raised in broken_at_every_call(lambda nth: LocalPlace(tmp_path / str(nth)), fault):
        removal_failed = "unlink" in system.made[int(place.root.name) - 1 :] and (
            fault == "disk full from here on" or system.made[int(place.root.name) - 1] == "unlink"
        )
        assert removal_failed or place.left_over() == []


def test_a_full_disk_is_told_in_words(tmp_path):
    for place, _system, raised in broken_at_every_call(
        lambda nth: LocalPlace(tmp_path / str(nth)), "disk full from here on"
    ):
        if raised is not None:
            assert "the disk is full" in str(raised)
            assert str(place.root) in str(raised)


def test_a_store_in_a_folder_that_may_not_be_written_says_so(tmp_path):
    """Not by the folder's mode, which the tests' user may be above."""
    refuse = {"open", "mkdir", "link"}
    system = Faulty(
        os, refuse, nth=1, error=lambda: PermissionError(errno.EACCES, "Permission denied"), lasting=True
    )
    store = Store(LocalFolder(tmp_path / "store", system=system), project=None, clock=SystemClock())

    with pytest.raises(StoreError, match="permission denied") as caught:
        write(store, "new")
    assert "give this user the right to write there" in str(caught.value)
