"""`python -m benchmarks`: measure, print, and write docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.machine import Noise, machine, versions
from benchmarks.report import page, section, targets_table
from benchmarks.results import Results
from benchmarks.turns import take_turns
from benchmarks.workloads.catalog import own_workloads
from benchmarks.workloads.sizes import FULL, QUICK
from benchmarks.workloads.workload import Workload

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 where a result was refused."""
    asked = _parser().parse_args(arguments)
    if asked.report:
        return _write(_workloads(asked, ROOT), Results(RESULTS))
    with tempfile.TemporaryDirectory(prefix="assetflow-bench-") as temporary:
        scratch = Path(asked.scratch or temporary).resolve()
        scratch.mkdir(parents=True, exist_ok=True)
        return _measure(asked, _workloads(asked, scratch), scratch)


def _workloads(asked: argparse.Namespace, scratch: Path) -> list[Workload]:
    return own_workloads(QUICK if asked.quick else FULL, scratch)


def _measure(asked: argparse.Namespace, workloads: Sequence[Workload], scratch: Path) -> int:
    known = {workload.name.lower(): workload for workload in workloads}
    unknown = [name for name in asked.only if name.lower() not in known]
    if unknown:
        print(
            f"no workload {', '.join(unknown)}; there are {', '.join(w.name for w in workloads)}",
            file=sys.stderr,
        )
        return 2
    chosen = [known[name.lower()] for name in asked.only] or workloads
    results = Results(scratch / "quick.json" if asked.quick else RESULTS)
    refused = False
    for workload in chosen:
        noise = Noise()
        samples = take_turns(
            workload, scratch, asked.repeat, noise, lambda said: print(said, file=sys.stderr)
        )
        circumstances = {
            "date": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
            "versions": versions(),
            "noise": noise.to_json(),
        }
        results.put(workload.name, samples, circumstances)
        print(section(workload, samples, circumstances))
        print(targets_table([(workload, target, samples) for target in workload.targets]))
        refused |= bool(samples.refused)
    if not asked.quick:
        _write(workloads, results)
    return int(refused)


def _write(workloads: Sequence[Workload], results: Results) -> int:
    entries = [(w, results.entries[w.name]) for w in workloads if w.name in results.entries]
    PAGE.write_text(page(entries))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="W1", help="only these workloads")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="rounds of each (5)")
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes, to see that all works; writes no page"
    )
    parser.add_argument(
        "--scratch", metavar="FOLDER", help="where data and environments lie, and stay (a temporary folder)"
    )
    parser.add_argument("--report", action="store_true", help="measure nothing, only write the page anew")
    return parser


if __name__ == "__main__":
    sys.exit(main())
