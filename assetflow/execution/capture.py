"""Owns the capture of what tasks print and log: each task's own text, bounded, while many run in one process.

``sys.stdout`` and ``sys.stderr`` are replaced for the time of a run by streams that look up whose code is
running; what no task printed goes where it always went.
"""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TextIO

HALF = 512 * 1024


class TaskLog:
    """Text of one task: the first and the last half megabyte of it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._first: list[str] = []
        self._last: list[str] = []
        self._first_size = 0
        self._last_size = 0
        self._dropped = 0

    def write(self, text: str) -> None:
        """Add ``text``."""
        with self._lock:
            room = HALF - self._first_size
            if room > 0:
                self._first.append(text[:room])
                self._first_size += min(room, len(text))
                text = text[room:]
            if text:
                self._last.append(text)
                self._last_size += len(text)
                self._shorten()

    def text(self) -> str:
        """Return what is kept, with a line that says how much was left out."""
        with self._lock:
            gap = f"\n... {self._dropped} characters left out ...\n" if self._dropped else ""
            return "".join(self._first) + gap + "".join(self._last)

    def _shorten(self) -> None:
        if self._last_size <= 2 * HALF:
            return
        kept = "".join(self._last)[-HALF:]
        self._dropped += self._last_size - len(kept)
        self._last, self._last_size = [kept], len(kept)


_current: ContextVar[TaskLog | None] = ContextVar("assetflow_task_log", default=None)


@contextlib.contextmanager
def captured(log: TaskLog) -> Iterator[None]:
    """Send what this thread's code prints and logs to ``log``."""
    token = _current.set(log)
    try:
        yield
    finally:
        _current.reset(token)


@contextlib.contextmanager
def routed() -> Iterator[None]:
    """Route printing and logging of this process by task, until the block is left."""
    out, err = sys.stdout, sys.stderr
    handler = _TaskHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    sys.stdout, sys.stderr = _Router(out), _Router(err)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        sys.stdout, sys.stderr = out, err


class _Router(io.TextIOBase):
    """Text stream that writes to the running task's log, or else to the stream that it stands for."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        log = _current.get()
        if log is None:
            return self._stream.write(text)
        log.write(text)
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def fileno(self) -> int:
        return self._stream.fileno()

    def isatty(self) -> bool:
        return _current.get() is None and self._stream.isatty()

    @property
    def encoding(self) -> str:  # type: ignore[override] # the base class types it as a plain attribute
        return self._stream.encoding

    def writable(self) -> bool:
        return True


class _TaskHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        log = _current.get()
        if log is not None:
            log.write(self.format(record) + "\n")
