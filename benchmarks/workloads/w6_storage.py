"""W6: what many versions of one large table take on disk."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.command import Command
from benchmarks.tools.assetflow import ENVIRONMENT
from benchmarks.tools.tool import program
from benchmarks.workloads.workload import Step, Target, Workload

OURS = "assetflow"

_ABOUT = """\
One asset gives W2's table of {rows:,} rows, and then {versions} more versions of it, each materialized: 1 % of
the first rows appended; 100 consecutive rows changed in place; 100 rows inserted or deleted in the middle, in
turns. *bytes in versions* is the size of the whole store in the end, log included, over that of a store that
holds the last version alone. Every part is then read by DuckDB and by polars as an ordinary Parquet file, and
the last version must come back as it was. What comes out is the same each time, so it is done once."""

_KINDS = (
    ("append", "1 % appended, each time", 1.3),
    ("change", "100 rows changed in place, each time", 3.0),
    ("move", "100 rows inserted or deleted, each time", 5.0),
)


def storage(rows: int, versions: int) -> Workload:
    """Return W6."""
    return Workload(
        name="W6",
        title=f"storage: {versions + 1} versions of {rows:,} rows",
        about=_ABOUT.format(rows=rows, versions=versions),
        baseline="",
        steps=partial(_steps, rows, versions),
        targets=tuple(_target(name, bound) for _, name, bound in _KINDS),
        most_rounds=1,
    )


def _target(step: str, bound: float) -> Target:
    def value(samples):
        return samples.numbers(step, OURS, "bytes in versions")

    return Target(f"{step}: bytes in versions", value, at_most=bound, unit="x")


def _steps(rows: int, versions: int, folder: Path, _number: int) -> Iterator[Step]:
    for kind, name, _ in _KINDS:
        argv = program("store_versions", kind, str(rows), str(versions), str(folder / kind))
        yield Step(name, OURS, Command(argv, folder, ENVIRONMENT, time_limit=1800))
