"""Times what is asked of the ledger of the project here: KEY MATERIALIZATIONS."""

from __future__ import annotations

import sys
import time

from figures import tell

import assetflow as af


def main(key: str, count: int) -> None:
    """Ask for all and for the last twenty; the first question, which finds the log's head, is not counted."""
    project = af.open(".")
    project.sync_ledger()
    begin = time.perf_counter()
    entries = project.history(key)
    whole = time.perf_counter()
    project.history(key, 20)
    last = time.perf_counter()
    assert len(entries) == count, len(entries)
    tell({"history of all s": whole - begin, "history of the last 20 s": last - whole})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
