"""Owns a store's files in memory whose times are those of a clock that a test moves by hand.

Knows nothing of what the files mean. Every call can be made to fail: see ``broken_after``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from assetflow.storage.atomic import is_temporary
from assetflow.storage.clock import Clock
from assetflow.storage.folder import Bytes, Entry
from assetflow.testing.fakes import Crash


class DatedFolder:
    """Files in memory for ``Store(DatedFolder(clock), project=None, clock=clock)``.

    ``broken_after``: number of further calls that change something after which every such call raises ``Crash``.
    """

    url = "dated://store"

    def __init__(self, clock: Clock) -> None:
        self.files: dict[str, tuple[bytes, float]] = {}
        self.broken_after: int | None = None
        self._clock = clock

    def read(self, path: str) -> Bytes:
        """Return a file's bytes."""
        try:
            return self.files[path][0]
        except KeyError:
            raise FileNotFoundError(path) from None

    def read_many(self, paths: Sequence[str]) -> Iterator[Bytes]:
        """Read files in order."""
        return map(self.read, paths)

    def chunks(self, path: str) -> Iterator[Bytes]:
        """Yield the file in one piece."""
        yield self.read(path)

    def exists(self, path: str) -> bool:
        """Whether the file is there."""
        return path in self.files

    def absent(self, paths: Iterable[str]) -> set[str]:
        """Return those that are not there."""
        return {path for path in paths if path not in self.files}

    def list(self, path: str) -> list[str]:
        """Return the names in a folder."""
        below = (name[len(path) + 1 :] for name in list(self.files) if name.startswith(f"{path}/"))
        return sorted({name.partition("/")[0] for name in below})

    def entries(self, path: str) -> Sequence[Entry]:
        """Return all files in a folder."""
        found = [name for name in list(self.files) if name.rpartition("/")[0] == path]
        return [
            Entry(name.rpartition("/")[2], len(self.files[name][0]), self.files[name][1]) for name in found
        ]

    def left_over(self, before: float) -> list[str]:
        """Return the temporary files of dead writers."""
        old = (name for name, (_, written) in self.files.items() if written < before)
        return [name for name in old if is_temporary(name.rpartition("/")[2])]

    def create(self, path: str, data: bytes) -> bool:
        """Make a file unless there is one."""
        if path in self.files:
            return False
        self._write(path, data)
        return True

    def ensure(self, path: str, data: Bytes) -> None:
        """Have a file with these bytes, as young as if it were new."""
        self._write(path, bytes(data))

    def ensure_stream(self, chunks: Iterable[Bytes], path: Callable[[], str]) -> None:
        """Have a file with the bytes of all chunks."""
        data = b"".join(bytes(chunk) for chunk in chunks)
        self._write(path(), data)

    def replace(self, path: str, data: bytes) -> None:
        """Write a file."""
        self._write(path, data)

    def remove(self, path: str) -> None:
        """Remove a file."""
        self._change()
        self.files.pop(path, None)

    def modified(self, path: str) -> float:
        """Return when a file was written."""
        try:
            return self.files[path][1]
        except KeyError:
            raise FileNotFoundError(path) from None

    def sync(self, paths: Iterable[str]) -> None:
        """Nothing waits."""

    def flush(self) -> None:
        """Nothing waits."""

    def local_path(self, path: str) -> Path | None:  # noqa: ARG002 -- the port's signature
        """There is no local path."""
        return None

    def address(self, path: str) -> str:
        """Return the address of the file."""
        return f"{self.url}/{path}"

    def _write(self, path: str, data: bytes) -> None:
        self._change()
        self.files[path] = data, self._clock.now().timestamp()

    def _change(self) -> None:
        if self.broken_after is None:
            return
        if self.broken_after == 0:
            raise Crash("dead")
        self.broken_after -= 1
