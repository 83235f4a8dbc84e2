"""Owns how signals end a command: a request to end becomes KeyboardInterrupt, which runs know how to answer.

Knows nothing of what is being ended.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

_PATIENCE = 0.5  # seconds for threads that are about to end
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


def leave(code: int) -> NoReturn:
    """End the process with ``code``, without waiting for threads that hang in a user's code.

    What is registered for the exit runs and open files are closed, as ever; but objects are not taken apart one by
    one: with the libraries of a data project loaded that takes Python a third of a second, on every command.
    Ctrl-C comes too late from here on: it would only hide the code.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stuck = not _threads_ended()
    if not stuck:
        atexit._run_exitfuncs()  # noqa: SLF001 - what multiprocessing ends its children with too
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    if not stuck:
        _close_files()
    os._exit(code)


def _threads_ended() -> bool:
    """Have the threads end that Python itself would wait for; say whether all did, soon.

    Those of a pool wait for work for ever, until they are told that none will come.
    """
    left = [one for one in threading.enumerate() if not one.daemon and one is not threading.main_thread()]

    def end() -> None:
        for told in reversed(threading._threading_atexits):  # type: ignore[attr-defined] # noqa: SLF001 - as Python does at its end
            told()
        for thread in left:
            thread.join()

    ending = threading.Thread(target=end, daemon=True)
    if left:
        ending.start()
        ending.join(_PATIENCE)
    return not ending.is_alive()


def _close_files() -> None:
    """Close the files that a user's modules hold open, so that what was written to them is not lost."""
    if not _something_is_written_to():
        return  # to look through all objects takes longer than many a command
    kind = io.IOBase.__base__  # the concrete one: asking an abstract class would run the objects' own code
    assert kind is not None
    gc.unfreeze()  # what is frozen is not among the objects
    things = gc.get_objects()
    kinds = {one for one in set(map(type, things)) if issubclass(one, kind)}  # far fewer types than things
    files = [thing for thing in things if type(thing) in kinds]
    for file in sorted(files, key=_depth):
        with contextlib.suppress(Exception):  # as Python does at its end: nobody is left to be told
            file.close()


def _something_is_written_to() -> bool:
    """Say whether this process opened anything for writing that is open still; where nobody can tell, it may have.

    What Python opens is closed on exec; what was open when the process began is not, and nobody's but the caller's.
    """
    try:
        import fcntl

        descriptors = [int(path.name) for path in Path("/dev/fd").iterdir()]
    except (ImportError, OSError):
        return True
    for descriptor in descriptors:
        with contextlib.suppress(OSError):  # the folder of descriptors was one of them
            is_own = fcntl.fcntl(descriptor, fcntl.F_GETFD) & fcntl.FD_CLOEXEC
            if is_own and fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
                return True
    return False


def _depth(file: object) -> int:
    """Return how near a file is to the disk: what still holds text or packs it comes before what it writes to."""
    if isinstance(file, io.TextIOWrapper):
        return 0
    return 2 if type(file).__module__ == "_io" else 1


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
