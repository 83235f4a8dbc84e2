"""The file system of a query holds what it was given, and only reads."""

from __future__ import annotations

import threading

import pytest

from assetflow.ledger.part_files import PartFiles


def test_a_part_is_read_like_a_file():
    part = PartFiles([b"zero", memoryview(b"0123456789")]).open("parts://1")

    assert (part.read(3), part.tell(), part.read(), part.read()) == (b"012", 3, b"3456789", b"")
    assert (part.seek(2), part.read(2), part.seek(1, 1), part.read(1)) == (2, b"23", 5, b"5")
    assert (part.seek(-2, 2), part.read(5)) == (8, b"89")


def test_each_thread_has_a_position_of_its_own():
    part = PartFiles([b"0123456789"]).open("parts://0")
    part.seek(5)
    found = []
    thread = threading.Thread(target=lambda: found.append(part.read(2)))
    thread.start()
    thread.join()

    assert found == [b"01"]
    assert part.read(2) == b"56"


def test_parts_are_told_apart_by_number():
    files = PartFiles([b"a", b"bcd"])

    assert files.info("parts://1") == {"name": "1", "size": 3, "type": "file"}
    assert files.exists("parts://1")
    assert not files.exists("parts://2")
    with pytest.raises(FileNotFoundError):
        files.open("parts://2")


@pytest.mark.parametrize("mode", ["wb", "ab", "r+b", "xb"])
def test_nothing_can_be_opened_for_writing(mode):
    with pytest.raises(PermissionError, match="parts://0 cannot be written"):
        PartFiles([b"a"]).open("parts://0", mode)
