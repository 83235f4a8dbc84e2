"""Owns who this process is: what a commit says of its writer, and how others on this host see it live or die.

Knows nothing of stores. Where there is no ``/proc`` a process says nothing that others could check.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from assetflow.model.commit import Writer

_PROC = Path("/proc")
_DEAD_STATES = frozenset("ZX")  # a zombie waits for its parent; nothing of it runs


@dataclass(frozen=True)
class Process:
    """One process among all that ever were on all machines.

    ``boot``: id of the machine's boot, ``namespace``: of its pids, both "" where the machine tells neither.
    ``started``: when the process started, in ticks since the boot; with it a pid that is given again is
    another process.
    """

    host: str
    boot: str
    namespace: str
    pid: int
    started: str


def this_process() -> Process:
    """Return what identifies the calling process."""
    return Process(
        host=os.uname().nodename,
        boot=_text("sys/kernel/random/boot_id"),
        namespace=_link("self/ns/pid"),
        pid=os.getpid(),
        started=_started(os.getpid()) or "",
    )


def this_writer(release: str) -> Writer:
    """Return what the calling process's commits say of it. ``release`` is that of assetflow."""
    return Writer(host=os.uname().nodename, pid=os.getpid(), user=_user(), release=release)


def shares_pids(process: Process, here: Process) -> bool:
    """Whether ``process``, if it lives, can be seen from ``here``."""
    return bool(here.boot and here.namespace) and (process.boot, process.namespace) == (
        here.boot,
        here.namespace,
    )


def runs_here(process: Process) -> bool:
    """Whether a process of this host still runs: its pid exists, and started when it did."""
    started = _started(process.pid)
    return _hidden(process.pid) if started is None else started == process.started


def _started(pid: int) -> str | None:
    """Field 22 of ``/proc/<pid>/stat``; None when there is no such process, or only what is left of one."""
    text = _text(f"{pid}/stat")
    fields = text.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
    if not fields or fields[0] in _DEAD_STATES:
        return None
    return fields[19]


def _hidden(pid: int) -> bool:
    """Whether it exists but ``/proc`` is mounted so that other users' processes do not show."""
    if _text(f"{pid}/stat"):
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return str(os.getuid())


def _text(name: str) -> str:
    try:
        return (_PROC / name).read_text().strip()
    except OSError:
        return ""


def _link(name: str) -> str:
    try:
        return str((_PROC / name).readlink())
    except OSError:
        return ""
