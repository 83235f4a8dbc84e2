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
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from assetflow.storage.objects import Objects

HALF = 512 * 1024
LOG_LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class TaskLog:
    """Text of one task: the first and the last half megabyte of it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._first: list[str] = []
        self._last: list[str] = []
        self._first_size = 0
        self._last_size = 0
        self._dropped = 0
        self._end = "\n"

    def write(self, text: str) -> None:
        """Add ``text``."""
        with self._lock:
            self._end = text[-1:] or self._end
            room = HALF - self._first_size
            if room > 0:
                self._first.append(text[:room])
                self._first_size += min(room, len(text))
                text = text[room:]
            if text:
                self._last.append(text)
                self._last_size += len(text)
                self._shorten()

    def write_heading(self, text: str) -> None:
        """Add a line of assetflow's own, which stands out from what was printed."""
        start = "" if self._end == "\n" else "\n"
        self.write(f"{start}--- {text} ---\n")

    def text(self) -> str:
        """Return what is kept, with a line that says how much was left out."""
        with self._lock:
            gap = f"\n... {self._dropped} characters left out ...\n" if self._dropped else ""
            return "".join(self._first) + gap + "".join(self._last)

    def keep(self, objects: Objects) -> str | None:
        """Store what is kept, and return the object's name; None where nothing was written."""
        text = self.text()
        return objects.put(text.encode("utf-8", "backslashreplace"), "log") if text else None

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


def head(text: str) -> None:
    """Put a heading into the log of the task whose code this thread runs; nowhere, where it runs none."""
    log = _current.get()
    if log is not None:
        log.write_heading(text)


@contextlib.contextmanager
def routed() -> Iterator[None]:
    """Route printing and logging of this process by task, until the last of such blocks is left."""
    _routing.enter()
    try:
        yield
    finally:
        _routing.leave()


class _Routing:
    """The routing of the process's streams, in place while at least one run needs it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._undo = contextlib.ExitStack()

    def enter(self) -> None:
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._begin()

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._undo.close()

    def _begin(self) -> None:
        handler = _TaskHandler()
        handler.setFormatter(logging.Formatter(LOG_LINE))
        logging.getLogger().addHandler(handler)
        self._undo.callback(logging.getLogger().removeHandler, handler)
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            router = _Router(stream)
            setattr(sys, name, router)
            self._undo.callback(_put_back, name, router, stream)


# State of the module, because what it guards is state of the process: there is one sys.stdout and one root logger,
# however many runs overlap in it.
_routing = _Routing()


def _put_back(name: str, router: _Router, stream: TextIO) -> None:
    if getattr(sys, name) is router:  # else somebody else has replaced it meanwhile, and will put back theirs
        setattr(sys, name, stream)


class _Router(io.TextIOBase):
    """Text stream that writes to the running task's log, or else to the stream that it stands for."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.buffer = _BinaryRouter(self, stream)

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


class _BinaryRouter(io.RawIOBase):
    """What a router has for ``buffer``: bytes to the running task's log as text, or else to the stream's own buffer."""

    def __init__(self, router: _Router, stream: TextIO) -> None:
        self._router = router
        self._stream = stream

    def write(self, data: ReadableBuffer, /) -> int:
        binary = getattr(self._stream, "buffer", None) if _current.get() is None else None
        size = memoryview(data).nbytes
        if binary is None:
            self._router.write(bytes(data).decode("utf-8", errors="replace"))
            return size
        self._stream.flush()  # what was printed before comes before
        binary.write(data)
        return size

    def flush(self) -> None:
        self._router.flush()

    def fileno(self) -> int:
        return self._stream.fileno()

    def writable(self) -> bool:
        return True


class _TaskHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        log = _current.get()
        if log is not None:
            log.write(self.format(record) + "\n")
