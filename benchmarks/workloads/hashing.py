"""Hashing the large table, beside reading the same bytes once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.command import Command
from benchmarks.samples import Samples
from benchmarks.tools.assetflow import ENVIRONMENT
from benchmarks.tools.tool import program
from benchmarks.workloads.workload import Step, Target, Workload

STEP = "hashing"
OURS = "assetflow"

_ABOUT = """\
W2's table of {rows:,} rows in memory. *ratio* is the speed of its content hash in one thread over that of
xxh3-128 over the very same buffers (values, offsets, validity), each the best of three turns in one process;
*two threads* is how much faster two threads are than one, beside the same for xxh3-128. The columns with nulls
are `quantity` and one of floats that is null in the same rows. The Parquet file is written with pyarrow's
defaults."""


def hashing(rows: int) -> Workload:
    """Return the comparison."""
    return Workload(
        name="hashing",
        title="the hash of a table's content",
        about=_ABOUT.format(rows=rows),
        baseline="",
        steps=partial(_steps, rows),
        targets=_targets(),
    )


def _steps(rows: int, folder: Path, _number: int) -> Iterator[Step]:
    argv = program("hash_speed", str(rows), str(folder / "table.parquet"))
    yield Step(STEP, OURS, Command(argv, folder, ENVIRONMENT))


def _targets() -> tuple[Target, ...]:
    def at_least(promise: str, figure: str, bound: float) -> Target:
        return Target(promise, lambda samples: samples.numbers(STEP, OURS, figure), at_least=bound, unit="x")

    def of_writing(samples: Samples) -> list[float]:
        written = (STEP, OURS, "whole table: written as Parquet s")
        return samples.ratio((STEP, OURS, "whole table: s"), written)

    return (
        at_least("fixed width, as a ratio to xxh3-128", "fixed width: ratio", 0.8),
        at_least("10 % nulls, as a ratio to xxh3-128", "fixed width, 10 % nulls: ratio", 0.3),
        at_least("short strings, as a ratio to xxh3-128", "short strings: ratio", 0.5),
        at_least("two threads over one", "whole table: two threads", 1.6),
        Target("whole table, as a ratio to writing it as Parquet", of_writing, at_most=0.1, unit="x"),
    )
