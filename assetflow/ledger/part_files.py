"""Owns the file system through which a person's query reads published parts. It cannot write.

DuckDB's own switch that lets given paths be read lets them be written too, by a COPY inside a WITH. Nothing
can be written here, whatever DuckDB takes a statement for; and parts of a store far away are read like any
others. This module imports fsspec, so it is imported where a query runs, and nowhere else.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fsspec.spec import AbstractFileSystem

Buffer = bytes | memoryview
PREFIX = "parts://"


class PartFiles(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """The files ``parts://0``, ``parts://1``, ... with the bytes of ``buffers``."""

    protocol = "parts"
    cachable = False  # each query has its own

    def __init__(self, buffers: Sequence[Buffer]) -> None:
        super().__init__()
        self._buffers = {str(number): buffer for number, buffer in enumerate(buffers)}

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path.removeprefix(PREFIX)

    def info(self, path: str, **_options: Any) -> dict[str, Any]:
        """Return name and size of a part."""
        name = self._strip_protocol(path)
        return {"name": name, "size": len(self._find(name)), "type": "file"}

    def exists(self, path: str, **_options: Any) -> bool:
        """Say whether there is such a part."""
        return self._strip_protocol(path) in self._buffers

    def glob(self, path: str, **_options: Any) -> list[str]:
        """Return the part itself: names hold no patterns."""
        return [self._strip_protocol(path)]

    def modified(self, _path: str) -> datetime:
        """Return one time for all: parts never change."""
        return datetime(2000, 1, 1, tzinfo=UTC)

    def open(self, path: str, mode: str = "rb", **_options: Any) -> PartFile:
        """Open a part for reading; any other mode is refused."""
        if mode != "rb":
            message = f"{path} cannot be written"
            raise PermissionError(message)
        return PartFile(self._find(self._strip_protocol(path)))

    def _find(self, name: str) -> Buffer:
        try:
            return self._buffers[name]
        except KeyError:
            raise FileNotFoundError(name) from None


class PartFile:
    """One open part. DuckDB's threads share it, each to seek and then read, so each has its own position."""

    def __init__(self, buffer: Buffer) -> None:
        self._buffer = buffer
        self._thread = threading.local()

    def seek(self, position: int, whence: int = 0) -> int:
        """Move this thread's position and return it."""
        start = {0: 0, 1: self.tell(), 2: len(self._buffer)}[whence]
        self._thread.position = start + position
        return self.tell()

    def tell(self) -> int:
        """Return this thread's position."""
        return getattr(self._thread, "position", 0)

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes from this thread's position on (all that are left when negative)."""
        start = self.tell()
        end = len(self._buffer) if size < 0 else start + size
        found = bytes(self._buffer[start:end])
        self._thread.position = start + len(found)
        return found

    def close(self) -> None:
        """Do nothing: the buffer belongs to whoever gave it."""
