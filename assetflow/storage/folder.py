"""Owns the port to whatever keeps a store's bytes: a few operations on paths relative to one root.

``LocalFolder`` does them with the operating system (fsspec takes 80 ms to import, and cannot create a local
file exclusively), ``FsspecFolder`` with any fsspec file system. Both raise what the file system raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

Bytes = bytes | memoryview


@dataclass(frozen=True)
class Entry:
    """A file in a folder: its name, its size in bytes, and when it was written, by the clock of what keeps it."""

    name: str
    size: int
    modified: float


class Folder(Protocol):
    """A root and the files below it. A path is relative, with ``/``; its names were checked by the caller."""

    @property
    def url(self) -> str:
        """Where it is; opening this again gives the same files."""

    def read(self, path: str) -> Bytes:
        """Return a file's bytes; raise FileNotFoundError when there is none."""

    def read_many(self, paths: Sequence[str]) -> Iterator[Bytes]:
        """Read many files, in order, faster than one by one where distance is what costs."""

    def chunks(self, path: str) -> Iterator[Bytes]:
        """Yield a file's bytes in pieces that fit memory; raise FileNotFoundError when there is none."""

    def exists(self, path: str) -> bool:
        """Whether the file is there now, whatever was listed before."""

    def absent(self, paths: Iterable[str]) -> set[str]:
        """Return those of ``paths`` that are not there."""

    def list(self, path: str) -> list[str]:
        """Return the names in a folder; none when it does not exist."""

    def entries(self, path: str) -> Sequence[Entry]:
        """Return all files in a folder, left-over temporary ones or not; none when it does not exist.

        All or an error: what is missing in a listing would be taken for gone.
        """

    def left_over(self, before: float) -> Iterable[str]:
        """Return the paths of temporary files that writers left when they died, written before that time."""

    def create(self, path: str, data: bytes) -> bool:
        """Make a file, whole and durable, and return True; or return False when there is one already."""

    def ensure(self, path: str, data: Bytes) -> None:
        """Have a file with exactly these bytes, whole or not at all; durable after ``flush``."""

    def ensure_stream(self, chunks: Iterable[Bytes], path: Callable[[], str]) -> None:
        """Like ``ensure``, for bytes that come in pieces. ``path`` is asked when all have come."""

    def replace(self, path: str, data: bytes) -> None:
        """Write a file, whole or not at all, over one that may exist; not durable."""

    def remove(self, path: str) -> None:
        """Remove a file; nothing happens when there is none."""

    def modified(self, path: str) -> float:
        """Return when a file was written, by the clock of what keeps it, in seconds since the epoch."""

    def sync(self, paths: Iterable[str]) -> None:
        """Make the bytes of these files durable by now, so that ``flush`` has less to wait for."""

    def flush(self) -> None:
        """Make durable what ``ensure`` wrote."""

    def local_path(self, path: str) -> Path | None:
        """Return where other programs of this machine can read the file; None where they cannot."""

    def address(self, path: str) -> str:
        """Return the full address of the file."""
