"""Makes the log of the project here RUNS runs longer, and keeps a copy of the ledger as it is then: RUNS."""

from __future__ import annotations

import shutil
import sys

import assetflow as af
from benchmarks.long_log import make_log

LEDGER_BEFORE = "ledger-before"


def main(runs: int) -> None:
    """Append, sync, copy the ledger."""
    project = af.open(".")
    make_log(".assetflow/store", len(project.keys), runs)
    project.sync_ledger()
    ledger = project.ledger_path
    assert ledger is not None
    shutil.copy(ledger, LEDGER_BEFORE)


if __name__ == "__main__":
    main(int(sys.argv[1]))
