from __future__ import annotations

import io

import pytest

from assetflow.hashing import files
from assetflow.hashing.blobs import hash_single_file
from assetflow.hashing.digest import digest, hash_bytes
from assetflow.hashing.files import hash_directory, hash_file, hash_files

A, B = ("a.csv", hash_bytes(b"a")), ("b/c.csv", hash_bytes(b"c"))


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 1000])
def test_a_file_is_hashed_in_pieces_to_the_hash_of_its_bytes(monkeypatch, size):
    monkeypatch.setattr(files, "_BUFFER_BYTES", 8)
    data = bytes(index % 251 for index in range(size))

    assert hash_file(io.BytesIO(data)) == (hash_bytes(data), size)


def test_a_source_is_its_format_its_reader_and_its_files_in_order_of_path():
    assert hash_files("csv", 1, [B, A]) == digest("source/1", "csv", 1, *A, *B)


def test_another_format_reader_path_or_content_is_another_source():
    sources = [
        hash_files("csv", 1, [A, B]),
        hash_files("text", 1, [A, B]),
        hash_files("csv", 2, [A, B]),
        hash_files("csv", 1, [A]),
        hash_files("csv", 1, [("A.csv", A[1]), B]),
        hash_files("csv", 1, [(A[0], B[1]), B]),
        hash_files("csv", 1, []),
    ]

    assert len(set(sources)) == len(sources)


def test_a_folder_is_its_files_in_any_order_and_no_source():
    assert hash_directory(iter([B, A])) == hash_directory([A, B]) == digest("files/1", *A, *B)
    assert len({hash_directory([A, B]), hash_directory([A]), hash_directory([]), hash_single_file(*A)}) == 4
