"""Owns writing a local file so that a reader, or a crash, finds it whole or not at all.

Everything goes through ``system``, which is the ``os`` module, so that tests can break any single call.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)


@contextmanager
def temporary_file(
    system: Any, folder: str, chunks: Iterable[bytes | memoryview], *, sync: bool
) -> Iterator[str]:
    """Write a temporary file into ``folder`` and give its path; what is left of it afterwards is removed.

    It lies in the folder of the final file, because a rename over file systems is a copy. Its name begins
    with a dot: no reader takes it for a file of the store.
    """
    path = f"{folder}/.{os.getpid()}-{os.urandom(8).hex()}.tmp"
    descriptor = system.open(path, _NEW, 0o666)
    try:
        try:
            for chunk in chunks:
                _write(system, descriptor, chunk)
            if sync:
                system.fsync(descriptor)
        finally:
            system.close(descriptor)
        yield path
    finally:
        with suppress(OSError):
            system.unlink(path)


def is_temporary(name: str) -> bool:
    """Whether a file of this name is one that was not finished."""
    return name.startswith(".") and name.endswith(".tmp")


def sync_path(system: Any, path: str) -> None:
    """Make a file's bytes, or a folder's names, outlive a power failure."""
    descriptor = system.open(path, os.O_RDONLY)
    try:
        system.fsync(descriptor)
    finally:
        system.close(descriptor)


def _write(system: Any, descriptor: int, data: bytes | memoryview) -> None:
    rest = memoryview(data).cast("B")
    while rest.nbytes:
        rest = rest[system.write(descriptor, rest) :]
