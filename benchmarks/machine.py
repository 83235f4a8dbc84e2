"""Owns what the figures were taken on: the machine, the versions, and how quiet it was."""

from __future__ import annotations

import os
import platform
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.samples import Spread

_LOOPS = 2_000_000
_LIBRARIES = ("pyarrow", "duckdb", "polars", "pandas", "numpy", "xxhash", "fsspec")


def machine() -> dict[str, str]:
    """Describe the machine: no names, no paths."""
    return {
        "processor": _field("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def versions() -> dict[str, str]:
    """Return the versions of assetflow and of what it stands on, in this interpreter."""
    from assetflow.release import RELEASE

    return {"assetflow": RELEASE, **{name: metadata.version(name) for name in _LIBRARIES}}


class Noise:
    """Listens to the machine between turns: how long the same loop takes each time, and the load."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self._loads: list[float] = []

    def listen(self) -> None:
        """Run the loop once and note the load."""
        begin = time.perf_counter()
        total = 0
        for number in range(_LOOPS):
            total += number
        self._seconds.append(time.perf_counter() - begin)
        self._loads.append(os.getloadavg()[0])

    def to_json(self) -> dict[str, Any]:
        """Return the spreads of both."""
        return {"loop": _spread(self._seconds), "load": _spread(self._loads)}


def _spread(numbers: list[float]) -> dict[str, float] | None:
    spread = Spread.of(numbers)
    return vars(spread) if spread else None


def _field(file: str, name: str) -> str | None:
    try:
        lines = Path(file).read_text().splitlines()
    except OSError:
        return None
    found = [line.partition(":")[2].strip() for line in lines if line.startswith(name)]
    return found[0] if found else None
