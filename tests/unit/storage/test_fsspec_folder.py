from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import fsspec
import pytest

from assetflow.storage.fsspec_folder import FsspecFolder, MemoryFolder
from assetflow.testing.bucket import Bucket


@pytest.fixture
def memory(tmp_path):
    return MemoryFolder(fsspec.filesystem("memory"), f"/{tmp_path.name}", f"memory://{tmp_path.name}")


def test_of_threads_that_create_one_file_in_memory_one_wins(memory):
    winners: Counter[int] = Counter()
    with ThreadPoolExecutor(8) as pool:
        for n in range(300):
            won = list(pool.map(lambda me, n=n: memory.create(f"log/{n}", b"%d" % me), range(8)))
            winners[won.count(True)] += 1
            assert memory.read(f"log/{n}") == b"%d" % won.index(True)

    assert winners == {1: 300}


def test_files_in_memory_are_seen_by_fsspec(memory):
    memory.create("log/1", b"one")
    memory.ensure("objects/ab/x", b"two")

    assert fsspec.open(memory.address("log/1")).open().read() == b"one"
    assert fsspec.filesystem("memory").find(memory._root) == [
        memory._full("log/1"),
        memory._full("objects/ab/x"),
    ]


def test_the_length_of_the_root_does_not_matter_to_listings(memory):
    memory.ensure("objects/ab/x", b"1")
    memory.ensure("objects/abc/y", b"2")

    assert memory.list("objects/ab") == ["x"]
    assert memory.list("objects") == ["ab", "abc"]


def test_a_listing_that_was_remembered_is_not_believed():
    bucket = Bucket()
    mine, theirs = (FsspecFolder(fs, "bucket/store", "") for fs in (bucket, bucket.another_client()))
    mine.ensure("objects/ab/1", b"1")
    assert mine.list("objects/ab") == ["1"]
    theirs.ensure("objects/ab/2", b"2")

    assert mine.list("objects/ab") == ["1", "2"]
    assert mine.absent(["objects/ab/2", "objects/ab/3", "objects/cd/4"]) == {"objects/ab/3", "objects/cd/4"}


def test_a_network_failure_is_not_taken_for_absence():
    class Unreachable(Bucket):
        def info(self, path, **_):
            raise ConnectionError("no route")

        def ls(self, path, detail=True, **_):
            raise ConnectionError("no route")

    folder = FsspecFolder(Unreachable(), "bucket/store", "")
    for ask in (
        lambda: folder.exists("log/1"),
        lambda: folder.absent(["objects/ab/1"]),
        lambda: folder.list("live"),
    ):
        with pytest.raises(ConnectionError):
            ask()


def test_many_files_come_in_order():
    folder = FsspecFolder(Bucket(), "bucket/store", "")
    for n in range(1200):
        folder.create(f"log/{n}", b"%d" % n)

    assert list(folder.read_many([f"log/{n}" for n in range(1200)])) == [b"%d" % n for n in range(1200)]


def test_a_stream_is_uploaded_whole_or_not_at_all():
    folder = FsspecFolder(Bucket(), "bucket/store", "")
    folder.ensure_stream([b"ab", memoryview(b"cd")], lambda: "objects/1")

    def broken():
        yield b"ef"
        raise RuntimeError("source is gone")

    with pytest.raises(RuntimeError):
        folder.ensure_stream(broken(), lambda: "objects/2")

    assert folder.read("objects/1") == b"abcd"
    assert folder.list("objects") == ["1"]
