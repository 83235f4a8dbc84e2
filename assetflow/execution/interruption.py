"""Owns Ctrl-C during a run: the first is noted, so that nothing is torn in the middle; the next one interrupts.

Knows nothing of what a run does about it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def held_back() -> Iterator[threading.Event]:
    """Give an event that the first interrupting signal sets; a second goes to whoever handled signals before.

    SIGTERM is held back where the caller handles it. Does nothing outside the main thread, where no signal arrives.
    """
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    held = {number: handler for number, handler in before.items() if callable(handler)}

    def handle(number: int, frame: FrameType | None) -> None:
        again = interrupted.is_set()
        interrupted.set()
        try:
            held[signal.Signals(number)](number, frame)  # a face may say that it was heard
        except KeyboardInterrupt:
            if again:
                raise

    for number in held:
        signal.signal(number, handle)
    try:
        yield interrupted
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)
