"""Owns the programs that a run has started: each in a process group of its own, gone when the run ends.

What they print comes out of this process line by line, so that it goes to the log of the task that runs them. Knows
nothing of assets.
"""

from __future__ import annotations

import codecs
import os
import selectors
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self, TextIO

from assetflow.errors import CommandError

MOST_TOLD = 10  # last lines of stderr in an error
MOST_OF_LINE = 500
CHUNK = 1 << 16
MOST_CHUNKS_LEFT = 64  # more than the pipes of a program that has ended can hold
POLL_SECONDS = 0.1
GRACE_SECONDS = 0.5


class Programs:
    """The programs of one run. Use as a context manager: what still runs at its end is killed, with its children."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._is_over = True
            running = list(self._running)
        for process in running:
            _signal_group(process, signal.SIGTERM)
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_SECONDS)
            _signal_group(process, signal.SIGKILL)

    def run(self, arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> None:
        """Run a program to its end. A limit of time belongs into the loop that goes through its output.

        Raises:
            CommandError: it cannot be started, or ended with another exit code than 0; with what it said last.
        """
        process = self._start(arguments, env, cwd)
        try:
            last = _pass_on(process)
        finally:
            _signal_group(
                process, signal.SIGKILL
            )  # whatever it left behind, or itself when this was interrupted
            process.wait()
            with self._lock:
                self._running.discard(process)
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
        if process.returncode:
            raise _ended_badly(arguments, process.returncode, last)

    def _start(self, arguments: Sequence[str], env: Mapping[str, str], cwd: Path) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._is_over:
                raise CommandError(f"{arguments[0]} was not started: the run is over")
            try:
                process = subprocess.Popen(
                    list(arguments),
                    cwd=cwd,
                    env=dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    start_new_session=True,
                )
            except (OSError, ValueError) as error:
                raise _not_started(arguments[0], cwd, error) from error
            self._running.add(process)
        return process


class _Lines:
    """Writes bytes to a stream as text, line by line, so that two programs' lines do not run into each other."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._open = ""
        self.last: deque[str] = deque(maxlen=MOST_TOLD)

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        text = self._open + self._decoder.decode(chunk, final)
        whole, newline, self._open = text.rpartition("\n")
        if final or len(self._open) > CHUNK:  # a line without end must not fill the memory
            whole, newline, self._open = text, "", ""
        if whole or newline:
            self._stream.write(whole + newline)
            lines = whole[-MOST_TOLD * CHUNK :].split("\n")[-MOST_TOLD:]
            self.last.extend(line[:MOST_OF_LINE] for line in lines if line.strip())


def _pass_on(process: subprocess.Popen[bytes]) -> list[str]:
    """Pass on what a program prints until it has ended, and return the last lines of its stderr.

    Nobody waits for what it leaves behind with its streams open: that is killed, and what escapes is not read.
    """
    lines = {"stdout": _Lines(sys.stdout), "stderr": _Lines(sys.stderr)}
    with selectors.DefaultSelector() as selector:
        for name, written in lines.items():
            selector.register(_stream(process, name), selectors.EVENT_READ, written)
        chunks_left = MOST_CHUNKS_LEFT
        while selector.get_map() and chunks_left:
            has_ended = process.poll() is not None
            if has_ended:
                _signal_group(process, signal.SIGKILL)
                chunks_left -= 1
            ready = selector.select(0 if has_ended else POLL_SECONDS)
            for key, _ in ready:
                chunk = os.read(key.fd, CHUNK)
                key.data.feed(chunk, final=not chunk)
                if not chunk:
                    selector.unregister(key.fileobj)
            if has_ended and not ready:
                break
        for key in list(selector.get_map().values()):
            key.data.feed(b"", final=True)
    process.wait()
    return list(lines["stderr"].last)


def _stream(process: subprocess.Popen[bytes], name: str) -> IO[bytes]:
    stream: IO[bytes] | None = getattr(process, name)
    assert stream is not None
    return stream


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _not_started(program: str, cwd: Path, error: OSError | ValueError) -> CommandError:
    if isinstance(error, FileNotFoundError) and not cwd.is_dir():
        return CommandError(f"{program} cannot be started: there is no folder {cwd}", hint="mend cwd=")
    if isinstance(error, FileNotFoundError) and "/" not in program:
        hint = (
            "install it, or write its path; a script of the project is ./script.sh, and has to be executable"
        )
        return CommandError(f"there is no program {program!r} on its PATH", hint=hint)
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    named = f"name its interpreter: ['sh', {program!r}]" if isinstance(error, PermissionError) else None
    return CommandError(f"{program} cannot be started: {why}", hint=named)


def _ended_badly(arguments: Sequence[str], status: int, last: list[str]) -> CommandError:
    program = Path(arguments[0]).name
    how = f"ended with exit code {status}" if status > 0 else f"was ended by {_signal_name(-status)}"
    if not last:
        return CommandError(f"{program} {how}, and said nothing on stderr", status=status)
    lines = "".join(f"\n  {line}" for line in last) if len(last) > 1 else ""
    return CommandError(f"{program} {how}: {last[-1].strip()}{lines}", status=status)


def _signal_name(number: int) -> str:
    try:
        return f"signal {signal.Signals(number).name}"
    except ValueError:
        return f"signal {number}"
