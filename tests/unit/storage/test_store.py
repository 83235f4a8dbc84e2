from __future__ import annotations

import gc
import subprocess
import sys

import fsspec
import pytest
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem

from assetflow.errors import StoreError
from assetflow.storage.store import open_store
from assetflow.testing.bucket import Bucket


def test_opening_makes_nothing(tmp_path):
    store = open_store(tmp_path / "store")

    assert store.is_local
    assert store.url == str(tmp_path / "store")
    assert list(tmp_path.iterdir()) == []


def test_a_relative_path_is_fixed_when_it_is_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = open_store("store")
    monkeypatch.chdir("/")

    assert store.url == str(tmp_path / "store")


@pytest.mark.parametrize("prefix", ["", "file://", "local://"])
def test_every_way_to_write_a_local_path_is_the_same_store(tmp_path, prefix):
    name = open_store(tmp_path / "a store").objects.put(b"1", "bin")

    assert bytes(open_store(f"{prefix}{tmp_path}/a store").objects.read(name)) == b"1"


def test_each_bare_memory_store_is_its_own():
    first, second = open_store("memory://"), open_store("memory://")
    name = first.objects.put(b"1", "bin")

    assert not first.is_local
    assert second.objects.missing([name]) == {name}
    assert bytes(open_store(first.url).objects.read(name)) == b"1"


def test_a_bare_memory_store_is_gone_with_its_last_reference():
    store = open_store("memory://")
    store.objects.put(b"1", "bin")
    root = "/" + store.url.removeprefix("memory://")
    assert fsspec.filesystem("memory").find(root)
    del store
    gc.collect()

    assert fsspec.filesystem("memory").find(root) == []


@pytest.mark.parametrize(
    "url",
    [
        "dir::file:///tmp/x",
        "simplecache::memory://x",
        "ftp://host/x",
        "http://host/x",
        "sftp://host/x",
        "smb://host/x",
        "github://a:b@c/x",
    ],
)
def test_a_file_system_that_cannot_create_exclusively_is_refused(url):
    with pytest.raises(StoreError) as caught:
        open_store(url)

    assert caught.value.hint == "use a local path, memory://, s3://, gs:// or abfs://"


@pytest.mark.parametrize("fs", [LocalFileSystem(), DirFileSystem("/tmp", fs=LocalFileSystem())])
def test_a_file_system_object_that_only_looks_and_then_writes_is_refused(fs):
    with pytest.raises(StoreError, match="cannot create a file on condition") as caught:
        open_store("x", fs=fs)

    for name in ("local path", "memory://", "s3://", "gs://", "abfs://"):
        assert name in str(caught.value)


def test_a_file_system_of_ones_own_may_vouch_for_itself():
    assert not open_store("bucket/x", fs=Bucket()).is_local


def test_a_package_that_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(StoreError, match='pip install "assetflow\\[s3\\]"'):
        open_store("s3://bucket/store")


def test_an_unknown_protocol_is_refused():
    with pytest.raises(StoreError, match="nonsense"):
        open_store("nonsense://bucket/store")


def test_a_local_store_imports_nothing_heavy():
    code = (
        "import sys; from assetflow.storage.store import open_store; s = open_store('/nonexistent/store');"
        "assert s.store_id is None; from assetflow.storage.log_writer import LogWriter;"
        "print(sorted({'fsspec', 'pyarrow', 'numpy', 'duckdb', 'asyncio'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
