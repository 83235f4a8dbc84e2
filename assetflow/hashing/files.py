"""Owns the identity of files, folders and sources.

Knows nothing of where files lie: it is handed open files, or paths and hashes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from assetflow.hashing.digest import BytesHash, Digest

_BUFFER_BYTES = 1 << 20


def hash_file(open_binary: BinaryIO) -> tuple[str, int]:
    """Return ``hash_bytes`` and the size of what is left to read of an open file, in bounded memory."""
    of_bytes = BytesHash()
    size = 0
    while block := open_binary.read(_BUFFER_BYTES):
        of_bytes.update(block)
        size += len(block)
    return of_bytes.hexdigest(), size


def hash_files(file_format: str, reader_number: int, files: Iterable[tuple[str, str]]) -> str:
    """Return the ``source/1`` data version of a source.

    ``reader_number``: of the definition by which its format is read. ``files``: (relative path, hash), in any
    order.
    """
    return _of_files(Digest("source/1").add(file_format, reader_number), files)


def hash_directory(files: Iterable[tuple[str, str]]) -> str:
    """Return the ``files/1`` data version of a folder: of its (relative path, hash) pairs, in any order."""
    return _of_files(Digest("files/1"), files)


def _of_files(preimage: Digest, files: Iterable[tuple[str, str]]) -> str:
    for path, file_hash in sorted(files):
        preimage.add(path, file_hash)
    return preimage.hexdigest()
