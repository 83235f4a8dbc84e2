"""W7: what differs between two versions of one large table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from benchmarks.command import Command, Measured
from benchmarks.measuring import measure
from benchmarks.samples import Samples
from benchmarks.tools.assetflow import COMMAND, ENVIRONMENT
from benchmarks.tools.tool import program
from benchmarks.workloads.workload import Step, Target, Workload, WrongResultError

OURS, SCAN = "assetflow", "DuckDB, a scan of both"
KEY = ("--key", "id")

_ABOUT = """\
Two versions of W2's table of {rows:,} rows differ in 1,000 rows. *changed everywhere*: in one column, so that no part
is shared, and each row keeps its place. *changed, added, removed everywhere*: 400, 300 and 300 rows, so that nothing
keeps its place. *changed together*: 1,000 consecutive rows, so that nearly all parts are shared. `assetflow diff sales
--key id --json` must tell the right counts; with `--rows` whole rows are compared. In turns with it a process that
imports DuckDB alone sums up every column of both versions, from the same files."""

_EXPECTED = {
    "spread": ("changed everywhere", (0, 0, 1000)),
    "moved": ("changed, added, removed everywhere", (300, 300, 400)),
    "together": ("changed together", (0, 0, 1000)),
}
_BOUNDS = {"spread": 2.0, "moved": 5.0, "together": 1.0}


def diff(rows: int) -> Workload:
    """Return W7."""
    return Workload(
        name="W7",
        title=f"diff: two versions of {rows:,} rows that differ in 1,000",
        about=_ABOUT.format(rows=rows),
        baseline=SCAN,
        steps=partial(_steps, rows),
        targets=(*_ratios(), Target("peak memory, the most of all", _most_memory, at_most=2000, unit="MB")),
    )


def _ratios() -> Iterator[Target]:
    for kind, (name, _) in _EXPECTED.items():

        def ratio(samples: Samples, name: str = name) -> list[float]:
            return samples.ratio((name, OURS, "wall"), (name, SCAN, "wall"))

        yield Target(f"{name}: time, as a ratio to the scan", ratio, at_most=_BOUNDS[kind], unit="x")


def _most_memory(samples: Samples) -> list[float]:
    return [
        max(samples.numbers(step, OURS, "peak")) / 1e6 for step, subject in samples.taken if subject == OURS
    ]


def _steps(rows: int, folder: Path, number: int) -> Iterator[Step]:
    for kind, (name, (added, removed, changed)) in _EXPECTED.items():
        home = folder.parent / f"two-versions-{kind}"
        if number == 0:
            _make(kind, rows, home)
        scan = Command(program("scan_versions", str(home / "files.json")), home)
        by_key = Command((*COMMAND, "diff", "sales", *KEY, "--json"), home, ENVIRONMENT, exit_code=1)
        by_rows = Command((*COMMAND, "diff", "sales", "--rows", "--json"), home, ENVIRONMENT, exit_code=1)
        whole_rows = (added + changed, removed + changed, None)
        yield Step(name, SCAN, scan)
        yield Step(name, OURS, by_key, verify=_counts(added, removed, changed))
        yield Step(f"{name}, whole rows", OURS, by_rows, verify=_counts(*whole_rows))


def _make(kind: str, rows: int, home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / "assetflow.toml").write_text('name = "versions"\n')
    made = measure(Command(program("two_versions", kind, str(rows), str(home)), home, ENVIRONMENT))
    if made.exit_code != 0:
        raise WrongResultError(f"the versions cannot be made: {made.err[-300:]}")


def _counts(added: int, removed: int, changed: int | None) -> Callable[[Measured], Mapping[str, float]]:
    def verify(measured: Measured) -> Mapping[str, float]:
        told = json.loads(measured.out)["changes"]["rows"]
        came = (told["added"], told["removed"], told["changed"])
        if came != (added, removed, changed):
            raise WrongResultError(
                f"added, removed, changed are {came}, they must be {added, removed, changed}"
            )
        return {}

    return verify
