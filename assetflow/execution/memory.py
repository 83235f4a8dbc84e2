"""Owns the most memory that a process held: of this one since a moment, of one that ended, and how that is said.

It is resident memory: what lay in RAM, shared libraries and all, not what was asked for.
"""

from __future__ import annotations

import contextlib
import re
import resource
import sys
from pathlib import Path

_UNIT = 1 if sys.platform == "darwin" else 1024
_RESET = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


def begin_anew() -> None:
    """Have the peak of this process count from now on, where the system can; else it counts from its start."""
    with contextlib.suppress(OSError):
        _RESET.write_text("5")


def peak_memory() -> int:
    """Return the most bytes that this process held since ``begin_anew``."""
    with contextlib.suppress(OSError):
        found = _PEAK.search(_STATUS.read_text())
        if found is not None:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT


def peak_of(ended: resource.struct_rusage) -> int | None:
    """Return the most bytes that a child held that has ended; None where that cannot be told.

    The system counts what its parent held when it was started, so only a larger figure is surely its own.
    """
    most = ended.ru_maxrss
    return most * _UNIT if most > resource.getrusage(resource.RUSAGE_SELF).ru_maxrss else None


def shown(count: int) -> str:
    """Return a number of bytes in words."""
    return f"{count / 1e6:,.0f} MB"
