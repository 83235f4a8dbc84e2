"""The stores that assetflow comes with keep the contract that it asks of users' own."""

from __future__ import annotations

import errno
import itertools
import time
from pathlib import Path

import pytest

from assetflow.storage.clock import SystemClock
from assetflow.storage.store import Store, open_store
from assetflow.testing.bucket import Bucket
from assetflow.testing.dated_folder import DatedFolder
from assetflow.testing.fakes import FakeClock
from assetflow.testing.store_contract import StoreContract


class TestLocalStore(StoreContract):
    def open(self, place: Path) -> Store:
        return open_store(place / "new" / "store", project="ours")


class TestLocalStoreWithoutSync(StoreContract):
    def open(self, place: Path) -> Store:
        return open_store(f"file://{place}/store", project="ours", durable=False)


class TestMemoryStore(StoreContract):
    def open(self, place: Path) -> Store:
        return open_store(f"memory://{place.name}-{hash(place)}", project="ours")


class TestDatedStore(StoreContract):
    """The one whose times a test moves by hand."""

    @pytest.fixture(autouse=True)
    def folder(self):
        self.kept = DatedFolder(SystemClock())

    def open(self, place: Path) -> Store:
        return Store(self.kept, project="ours", clock=SystemClock())


class TestBucket(StoreContract):
    """What S3 is like: listings remembered, no two requests at the very same time."""

    @pytest.fixture(autouse=True)
    def bucket(self):
        self.fs = Bucket()

    def open(self, place: Path) -> Store:
        return open_store(f"bucket/{place.name}", fs=self.fs.another_client(), project="ours")


class TestUnreliableBucket(TestBucket):
    """What S3 is like on a bad day."""

    def open(self, place: Path) -> Store:
        fs = Unreliable(self.fs.another_client())
        return open_store(f"bucket/{place.name}", fs=fs, project="ours", clock=FakeClock())


class Unreliable:
    """A bucket whose conditional PUTs land unheard, meet a 409, or take their time, in turn."""

    creates_exclusively = True

    def __init__(self, bucket):
        self.bucket = bucket
        self.troubles = itertools.cycle(["lost", "409", "late", "lost", "none"])

    def __getattr__(self, name):
        return getattr(self.bucket, name)

    def pipe_file(self, path, value, mode="overwrite"):
        trouble = next(self.troubles) if mode == "create" else "none"
        if trouble == "409":
            raise OSError(errno.EBUSY, "ConditionalRequestConflict")
        if trouble == "late":
            time.sleep(0.005)
        self.bucket.pipe_file(path, value, mode=mode)
        if trouble == "lost":
            raise ConnectionResetError(errno.ECONNRESET, "connection reset by peer")
