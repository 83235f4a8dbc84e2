"""The stores that assetflow comes with keep the contract that it asks of users' own."""

from __future__ import annotations

from pathlib import Path

from fsspec.implementations.memory import MemoryFileSystem

from assetflow.storage.store import Store, open_store
from assetflow.testing.fakes import FSSPEC_CALLS, Fault, Faulty
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
