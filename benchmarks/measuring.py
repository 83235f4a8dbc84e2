"""Owns measuring one process from outside: time, memory, and the user functions that ran in it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.command import Command, Measured

RAN = "BENCH_RAN"
"""Environment variable: the file that each user function appends a line to (benchmarks/programs/ran.py)."""

FIGURES = "BENCH_FIGURES"
"""Environment variable: the file that a program may write its own figures to, as JSON."""

_NOT_AS_INSTALLED = frozenset({"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"})
"""Settings of whoever measures that a user has not: installed packages come with their bytecode, and are not compiled
anew by each process, which alone would take longer than most of what is measured."""

_EVERY = 0.05
_TICKS = os.sysconf("SC_CLK_TCK")


def measure(command: Command) -> Measured:
    """Run ``command`` to its end, or kill it and all its processes at its time limit."""
    with tempfile.TemporaryDirectory(prefix="assetflow-bench-") as name:
        notes = Path(name)
        environment = {name: value for name, value in os.environ.items() if name not in _NOT_AS_INSTALLED}
        environment |= command.environment
        environment |= {RAN: str(notes / "ran"), FIGURES: str(notes / "figures")}
        with notes.joinpath("out").open("wb") as out, notes.joinpath("err").open("wb") as err:
            busy = _busy_seconds()
            begin = time.monotonic()
            process = subprocess.Popen(
                command.argv,
                cwd=command.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            exit_code, usage, tree = _wait(process, command.time_limit)
            wall = time.monotonic() - begin
            cpu = usage.ru_utime + usage.ru_stime
            others = max(0.0, _busy_seconds() - busy - cpu) / wall
        ran = _lines(notes / "ran")
        return Measured(
            exit_code=exit_code,
            wall=wall,
            cpu=cpu,
            peak=usage.ru_maxrss * 1024,
            tree=max(tree, usage.ru_maxrss * 1024),
            others=others,
            out=_text(notes / "out"),
            err=_text(notes / "err"),
            ran=tuple(line.split("\t")[0] for line in ran),
            first=min(float(line.split("\t")[1]) for line in ran) - begin if ran else None,
            figures=json.loads(_text(notes / "figures") or "{}"),
        )


def _wait(process: subprocess.Popen[bytes], time_limit: float):
    watch = _Watch(process.pid)
    watch.start()
    killer = threading.Timer(time_limit, _kill, [process.pid])
    killer.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        _kill(process.pid)
        raise
    finally:
        killer.cancel()
        watch.stopped.set()
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.join()
    _kill(process.pid)  # what it left behind would disturb the next one
    return process.returncode, usage, watch.peak


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


class _Watch(threading.Thread):
    """Looks again and again how much memory a process and all below it hold together."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.stopped = threading.Event()
        self.peak = 0
        self._pid = pid

    def run(self) -> None:
        while not self.stopped.wait(_EVERY):
            self.peak = max(self.peak, sum(map(_resident, _tree(self._pid))))


def _tree(pid: int) -> list[int]:
    found = [pid]
    for parent in found:  # grows while it is walked
        for file in Path(f"/proc/{parent}/task").glob("*/children"):
            found += map(int, _text(file).split())
    return found


def _resident(pid: int) -> int:
    fields = _text(Path(f"/proc/{pid}/statm")).split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") if fields else 0


def _busy_seconds() -> float:
    """Seconds that all processors were busy since the machine started; 0 where there is no /proc."""
    fields = _text(Path("/proc/stat")).partition("\n")[0].split()[1:]
    return sum(int(field) for place, field in enumerate(fields[:8]) if place not in (3, 4)) / _TICKS


def _lines(file: Path) -> list[str]:
    return _text(file).splitlines()


def _text(file: Path) -> str:
    """Return the text of a file, or nothing where it does not exist or no longer does."""
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""
