"""Owns how signals end a command: a request to end becomes KeyboardInterrupt, which runs know how to answer.

Knows nothing of what is being ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

_ENDING = ("SIGTERM", "SIGHUP")  # what init systems, CI and closed terminals send


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Raise KeyboardInterrupt in the main thread when the process is asked to end."""
    with _handled(_ENDING, _interrupt):
        yield


@contextlib.contextmanager
def told_of_interrupts(tell: Callable[[], None]) -> Iterator[None]:
    """Call ``tell`` at Ctrl-C (and the like) before it becomes KeyboardInterrupt."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        tell()
        _interrupt(number, frame)

    with _handled(("SIGINT", *_ENDING), interrupt):
        yield


def leave(code: int) -> None:
    """End the process with ``code``; where threads still hang in a user's code, without waiting for them.

    Ctrl-C comes too late from here on: it would only hide the code.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stuck = [
        thread
        for thread in threading.enumerate()
        if not thread.daemon and thread is not threading.main_thread()
    ]
    if stuck:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def _handled(names: Sequence[str], handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in names:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays nohup
                before[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
