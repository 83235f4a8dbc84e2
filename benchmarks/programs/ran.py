"""Notes that a user function runs, so that no tool's own count is believed. Imported by generated projects."""

from __future__ import annotations

import os
import time


def ran(name: str) -> None:
    """Append the name and the time to the file that BENCH_RAN names, in one write."""
    path = os.environ.get("BENCH_RAN")
    if path:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            os.write(file, f"{name}\t{time.monotonic()}\n".encode())
        finally:
            os.close(file)
