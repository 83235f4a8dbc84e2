"""`python -m benchmarks`: measure, print, and write docs/benchmarks.md."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.machine import Noise, machine, versions
from benchmarks.peers.environment import NotInstalledError
from benchmarks.report import page, section, targets_table
from benchmarks.results import Results
from benchmarks.turns import take_turns
from benchmarks.workloads.catalog import own_workloads, peer_workloads, peers
from benchmarks.workloads.sizes import FULL, QUICK

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 where a result was refused."""
    asked = _parser().parse_args(arguments)
    if asked.report:
        return _write(Results(RESULTS))
    with tempfile.TemporaryDirectory(prefix="assetflow-bench-") as temporary:
        scratch = Path(asked.scratch or temporary).resolve()
        scratch.mkdir(parents=True, exist_ok=True)
        return _measure(asked, scratch)


def _measure(asked: argparse.Namespace, scratch: Path) -> int:
    sizes = QUICK if asked.quick else FULL
    workloads = peer_workloads(sizes, scratch) if asked.peers else own_workloads(sizes, scratch)
    known = {workload.name.lower(): workload for workload in workloads}
    unknown = [name for name in asked.only if name.lower() not in known]
    if unknown:
        _say(f"no workload {', '.join(unknown)}; there are {', '.join(w.name for w in workloads)}")
        return 2
    chosen = [known[name.lower()] for name in asked.only] or workloads
    absent, installed = _install(scratch) if asked.peers else ({}, {})
    results = Results(scratch / "quick.json" if asked.quick else RESULTS)
    refused = False
    for workload in chosen:
        noise = Noise()
        samples = take_turns(workload, scratch, asked.repeat, noise, _say, absent=absent)
        circumstances = {
            "date": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
            "versions": {**versions(), **installed},
            "noise": noise.to_json(),
        }
        results.put(workload.name, samples, circumstances)
        print(section(workload, samples, circumstances))
        print(targets_table([(workload, target, samples) for target in workload.targets]))
        refused |= bool(samples.refused)
    if not asked.quick:
        _write(results)
    return int(refused and not asked.peers)


def _install(scratch: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Install all peers; return why some are absent, and the versions of the others."""
    absent, installed = {}, {}
    for environment, peer in peers(scratch).items():
        _say(f"installing {peer.name}")
        package = re.split("[=<>]", peer.packages[0])[0]
        try:
            environment.install(peer.packages)
            installed[package] = environment.version(package)
        except NotInstalledError as error:
            absent[peer.name] = str(error)
            _say(f"{peer.name}: {error}")
    return absent, installed


def _write(results: Results) -> int:
    """Write the page: what is known of each workload at its full size."""
    workloads = [*own_workloads(FULL, ROOT), *peer_workloads(FULL, ROOT)]
    PAGE.write_text(page([(w, results.entries[w.name]) for w in workloads if w.name in results.entries]))
    return 0


def _say(said: str) -> None:
    print(said, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="W1", help="only these workloads")
    parser.add_argument("--peers", action="store_true", help="measure other tools on the same work")
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
