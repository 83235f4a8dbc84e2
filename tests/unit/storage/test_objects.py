from __future__ import annotations

import errno
import os

import pytest

from assetflow.errors import DamagedError, SourceError, StoreError
from assetflow.storage.local_folder import LocalFolder
from assetflow.storage.objects import Objects
from assetflow.storage.store import open_store
from assetflow.testing.fakes import Faulty


@pytest.fixture
def objects(tmp_path):
    return Objects(LocalFolder(tmp_path))


def test_an_object_lies_in_the_folder_of_its_first_two_digits(objects, tmp_path):
    name = objects.put(b"data", "parquet")

    assert objects.local_path(name) == tmp_path / "objects" / name[:2] / name
    assert objects.url(name) == str(tmp_path / "objects" / name[:2] / name)
    assert (tmp_path / "objects" / name[:2] / name).read_bytes() == b"data"


def test_the_name_of_known_bytes_never_changes(objects):
    assert objects.put(b"", "bin") == "99aa06d3014798d86001c324468d497f.bin"
    assert objects.put(b"assetflow", "txt") == "5977daa1aaaa8700b7b3d38ff9d8b2c7.txt"


def test_an_object_stored_again_under_the_number_of_a_commit_is_read_by_that_name(objects, tmp_path):
    name = objects.put(b"data", "bin")
    again = f"{name[:32]}-17.bin"
    (tmp_path / "objects" / name[:2] / name).rename(tmp_path / "objects" / name[:2] / again)

    assert bytes(objects.read(again)) == b"data"


def test_a_flipped_bit_is_found_in_small_and_in_mapped_objects(objects):
    for size in (10, 1_000_000):
        name = objects.put(os.urandom(size), "bin")
        path = objects.local_path(name)
        data = bytearray(path.read_bytes())
        data[size // 2] ^= 1
        path.write_bytes(data)

        with pytest.raises(DamagedError, match=name) as caught:
            objects.read(name)
        assert caught.value.objects == (name,)


def test_what_a_stream_raises_is_what_its_reader_gets(objects, tmp_path):
    def broken(error):
        yield b"begin"
        raise error

    for error in (SourceError("it changed"), PermissionError(errno.EACCES, "not yours"), ValueError("odd")):
        with pytest.raises(type(error)) as caught:
            objects.put_stream(broken(error), "bin")
        assert caught.value is error
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EACCES, "permission denied"),
        (errno.EROFS, "read-only"),
        (errno.EOPNOTSUPP, "no hard links"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_disk_that_cannot_take_an_object_says_why_and_keeps_nothing(tmp_path, number, message):
    system = Faulty(os, ["write", "link"], nth=1, error=lambda: OSError(number, os.strerror(number)))
    with pytest.raises(StoreError, match=message) as caught:
        Objects(LocalFolder(tmp_path, system=system)).put(b"data", "bin")

    assert str(tmp_path) in str(caught.value)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_store_below_a_file_says_so(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreError, match="NotADirectoryError"):
        Objects(LocalFolder(tmp_path / "file" / "store")).put(b"data", "bin")


def test_a_lent_object_is_read_elsewhere_without_being_copied(objects, tmp_path):
    name = objects.put(b"data", "bin")
    elsewhere = tmp_path / "elsewhere"
    objects.lend(name, elsewhere)
    objects.lend(name, elsewhere)

    assert bytes(Objects(LocalFolder(elsewhere)).read(name)) == b"data"
    assert (elsewhere / "objects" / name[:2] / name).is_symlink()


def test_what_is_written_where_an_object_was_lent_leaves_the_object_alone(objects, tmp_path):
    name = objects.put(b"data", "bin")
    elsewhere = Objects(LocalFolder(tmp_path / "elsewhere"))
    objects.lend(name, tmp_path / "elsewhere")
    (tmp_path / "objects" / name[:2] / name).write_bytes(b"damaged")
    assert elsewhere.put(b"data", "bin") == name

    assert bytes(elsewhere.read(name)) == b"data"
    assert (tmp_path / "objects" / name[:2] / name).read_bytes() == b"damaged"


def test_an_object_that_lies_far_away_is_lent_as_a_copy(tmp_path):
    far = open_store("memory://").objects
    name = far.put(b"data", "bin")
    far.lend(name, tmp_path)

    assert bytes(Objects(LocalFolder(tmp_path)).read(name)) == b"data"


def test_a_missing_object_is_not_lent(objects, tmp_path):
    for one in (objects, open_store("memory://").objects):
        with pytest.raises(DamagedError, match="is missing"):
            one.lend(f"{'0' * 32}.bin", tmp_path / "elsewhere")
