"""Owns one worker process: its start, one conversation about an errand, and its end, with all that it started.

What it prints, by whatever way, is read here and nowhere else: bounded, and not lost with it. Knows nothing of projects
and assets: what is said goes through as it comes.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from assetflow.errors import UsageError, WorkerError
from assetflow.execution.capture import TaskLog
from assetflow.execution.errand import Errand, Question, Raised, Ready, Returned
from assetflow.execution.memory import peak_of, shown

GRACE_SECONDS = 2.0
"""How long what is told to end may take to do so."""

Answer = Callable[[Question], Any]
_PIECE = 1 << 16
_MOST_PIECES = 16
_PAUSE = 0.005


class Worker:
    """A process of its own, and a group of its own for all that it starts. Does one errand at a time.

    It ends when this process does, however that ends: the pipe ``life`` breaks then.

    Args:
        program: Python code that serves; its arguments are two file descriptors, the way to here and ``life``.
        setup: what is said to it first; the answer is ``Ready``.
    """

    def __init__(self, program: str, setup: Any) -> None:
        self.is_fit = True
        self._is_ready = False
        self._grace_ends: float | None = None
        self.forgotten = 0
        self._lock = threading.Lock()
        self._ended: tuple[int, int | None] | None = None
        ours, theirs = socket.socketpair()
        life, self._life = os.pipe()
        self._output, output = os.pipe()
        os.set_blocking(self._output, False)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", program, str(theirs.fileno()), str(life)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(theirs.fileno(), life),
                start_new_session=True,
            )
        except OSError:
            ours.close()
            os.close(self._life)
            os.close(self._output)
            raise
        finally:
            theirs.close()
            os.close(life)
            os.close(output)
        self._connection = Connection(ours.detach())
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._connection, selectors.EVENT_READ)
        self._selector.register(self._output, selectors.EVENT_READ)
        self._say(setup)

    @property
    def lives(self) -> bool:
        """Whether it has not ended, as nobody asked it to."""
        return not self._has_ended()

    def do(self, errand: Errand, *, log: TaskLog, answer: Answer, timeout: float | None) -> Returned | Raised:
        """Have an errand done; what is printed meanwhile goes to ``log``.

        Raises:
            TimeoutError: it took longer than ``timeout`` seconds; the worker and all that it started were ended.
            WorkerError: the worker ended.
            UsageError: it could not even begin.
        """
        if not self._is_ready:
            self._await_ready(log)
        self._drain(TaskLog())  # what the last one left printing is no part of this one
        self._say(errand)
        came: Returned | Raised = self._converse(log, answer, timeout)
        if isinstance(came, Raised) and came.worn:
            self.end()
        return came

    def let_go(self) -> None:
        """Have an idle one begin to end by itself, as it does without a way to here."""
        self._connection.close()

    def end(self) -> None:
        """Wait for its end, by force if need be, and let go of all ways to it; nothing happens the second time."""
        if self.is_fit:
            self.is_fit = False
            self._connection.close()
            self._kill_after_grace()
            self._selector.close()
            for descriptor in (self._output, self._life):
                os.close(descriptor)

    def stop(self) -> None:
        """Tell it and all that it started to end, and make what does not; who waits for its errand gets an error."""
        self.tell_to_end()
        self._kill_after_grace()

    def tell_to_end(self) -> None:
        """Begin to stop it."""
        self._signal(signal.SIGTERM)
        self._grace_ends = self._grace_ends or time.monotonic() + GRACE_SECONDS

    def _await_ready(self, log: TaskLog) -> None:
        """Wait until it has imported what it needs; only if it could not is what was printed of interest."""
        printed = TaskLog()
        try:
            ready: Ready = self._converse(printed, _no_answer, None)
        except WorkerError:
            log.write(printed.text())
            raise
        if ready.problem:
            log.write(printed.text())
            self.end()
            raise UsageError(
                f"a worker process cannot import the project: {ready.problem}",
                hint="the same modules are imported there anew; were files changed since this run began?",
            )
        self._is_ready = True

    def _converse(self, log: TaskLog, answer: Answer, timeout: float | None) -> Any:
        """Answer its questions and read what it prints, until it says something else."""
        deadline = None if timeout is None else time.monotonic() + timeout
        text = _decoder()
        while True:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                self.stop()
                self._drain(log, text)
                self.end()
                raise TimeoutError(f"timed out after {_seconds(timeout or 0.0)}")
            ready = [key.fileobj for key, _ in self._selector.select(left)]
            if self._output in ready:
                self._read(log, text)
            if self._connection not in ready:
                continue
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                raise self._death(log, text) from None
            if not isinstance(message, Question):
                self._drain(log, text)
                return message
            self._say(answer(message))

    def _say(self, message: Any) -> None:
        with contextlib.suppress(
            BrokenPipeError, ConnectionError
        ):  # it has ended: reading its answer tells why
            self._connection.send(message)

    def _read(self, log: TaskLog, text: codecs.IncrementalDecoder) -> bool:
        """Read a piece of what it printed, if there is any; return whether there was."""
        try:
            data = os.read(self._output, _PIECE)
        except BlockingIOError:
            return False
        if not data:  # nobody can print any more
            with contextlib.suppress(KeyError):
                self._selector.unregister(self._output)
        log.write(text.decode(data))
        return bool(data)

    def _drain(self, log: TaskLog, text: codecs.IncrementalDecoder | None = None) -> None:
        """Read what it printed so far: no more than a pipe holds, or who goes on printing would keep us."""
        text = text or _decoder()
        for _ in range(_MOST_PIECES):
            if not self._read(log, text):
                return

    def _death(self, log: TaskLog, text: codecs.IncrementalDecoder) -> WorkerError:
        """Return how it ended, having seen to it that all it started ends too."""
        self._kill_after_grace()
        self._drain(log, text)
        self.end()
        assert self._ended is not None
        return death(*self._ended)

    def _kill_after_grace(self) -> None:
        """Let it end for a while; then end all that is left of its group."""
        until = self._grace_ends or time.monotonic() + GRACE_SECONDS
        while not self._has_ended() and time.monotonic() < until:
            time.sleep(_PAUSE)
        self._signal(signal.SIGKILL)
        while not self._has_ended():
            time.sleep(_PAUSE)

    def _has_ended(self) -> bool:
        """Whether the process has ended; its end is then noted, with the most memory it had."""
        with self._lock:
            if self._ended is None:
                self._ended = self._seen_end()
                if self._ended is not None:
                    self._process.returncode = self._ended[0]  # nobody else need ask for it
            return self._ended is not None

    def _seen_end(self) -> tuple[int, int | None] | None:
        try:
            pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
        except ChildProcessError:  # somebody in this process asked for all children's ends
            return 0, None
        return (os.waitstatus_to_exitcode(status), peak_of(usage)) if pid else None

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says the latter of the dead
            os.killpg(self._process.pid, number)


def death(code: int, peak: int | None) -> WorkerError:
    """Return how a worker ended that should not have, in words; ``code`` is negative for a signal."""
    if code >= 0:
        return WorkerError(
            f"the worker process ended with exit code {code}",
            hint="something in it calls os._exit, or gave up",
        )
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    if name != "SIGKILL":
        return WorkerError(f"the worker process was killed by {name}")
    held = f"; it held {shown(peak)} at most" if peak is not None else ""
    return WorkerError(
        f"the worker process was killed by SIGKILL, as a system does whose memory runs out{held}",
        hint="give the task less at once, or more memory",
    )


def _seconds(seconds: float) -> str:
    return f"{seconds:g} s"


def _decoder() -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder("utf-8")("replace")


def _no_answer(question: Question) -> Any:
    raise AssertionError(f"nobody can say {question.name} yet")
