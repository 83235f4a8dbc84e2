"""Owns what stands in for the world in tests: a clock moved by hand, and things whose calls break on demand.

Knows nothing of pytest.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

OS_CALLS = frozenset(
    [
        "open",
        "read",
        "write",
        "fsync",
        "link",
        "replace",
        "unlink",
        "mkdir",
        "stat",
        "fstat",
        "listdir",
        "utime",
    ]
)
FSSPEC_CALLS = frozenset(["cat_file", "info", "ls", "pipe_file", "put_file", "rm_file", "modified"])


class FakeClock:
    """A clock that stands until it is moved; sleeping moves it. Safe for threads.

    Starts at the machine's time unless told otherwise: stores compare it with the times of their files.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime.now(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the time it was moved to."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Return at once, and later by ``seconds``."""
        self.advance(seconds=seconds)

    def advance(self, **duration: float) -> None:
        """Move by a duration, in the words of ``timedelta``: ``clock.advance(days=1)``."""
        with self._lock:
            self._now += timedelta(**duration)


class Fault(Enum):
    """What happens at the chosen call."""

    FAIL = "nothing is done, and an error raised"
    LOSE_REPLY = "it is done, and an error raised"
    TRUNCATE = "it is done with half of the bytes, and an error raised"
    CRASH = "nothing is done, by this call or any after it: the process is dead"


class Crash(BaseException):
    """The process is taken to be dead from here on. No ``except Exception`` may stop it."""


class Faulty:
    """Stands in for ``target``, and breaks one of its calls.

    Args:
        target: a file system, for ``open_store(fs=...)``, or the ``os`` module, for a ``LocalFolder``.
        calls: names of the methods that count, such as ``OS_CALLS``.
        nth: which of them breaks, from 1 on; 0 for none.
        fault: how.
        error: what is raised.
        lasting: whether every later call breaks as well.
    """

    creates_exclusively = True

    def __init__(
        self,
        target: Any,
        calls: Collection[str],
        *,
        nth: int = 0,
        fault: Fault = Fault.FAIL,
        error: Callable[[], BaseException] = lambda: OSError(errno.EIO, os.strerror(errno.EIO)),
        lasting: bool = False,
    ) -> None:
        self.made: list[str] = []
        self._target = target
        self._calls = frozenset(calls)
        self._nth = nth
        self._fault = fault
        self._error = error
        self._lasting = lasting or fault is Fault.CRASH
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._target, name)
        if name not in self._calls:
            return attribute
        return lambda *arguments, **named: self._call(name, attribute, arguments, named)

    def _call(
        self, name: str, call: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]
    ) -> Any:
        with self._lock:
            self.made.append(name)
            number = len(self.made)
        if not self._nth or number < self._nth or (number > self._nth and not self._lasting):
            return call(*arguments, **named)
        if self._fault is Fault.CRASH:
            raise Crash(f"dead since call {self._nth}")
        if self._fault is Fault.LOSE_REPLY:
            call(*arguments, **named)
        if self._fault is Fault.TRUNCATE and any(
            isinstance(value, bytes | memoryview) for value in arguments
        ):
            call(*(_half(value) for value in arguments), **named)
        raise self._error()


def _half(value: Any) -> Any:
    return value[: len(value) // 2] if isinstance(value, bytes | memoryview) else value
