"""W5: an asset much larger than memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from benchmarks.command import Command, Measured
from benchmarks.measuring import measure
from benchmarks.samples import Samples
from benchmarks.tools.assetflow import COMMAND, ENVIRONMENT
from benchmarks.tools.tool import RAN, program, write_files
from benchmarks.workloads.workload import Step, Target, Workload, WrongResultError

OURS = "assetflow"
BATCH_ROWS = 250_000
ROW_BYTES = 32

_ABOUT = """\
A generator yields record batches of {batch:,} rows (int64, float64, timestamp, int64), {size:.1f} GB in all and
half of that, {times:.0f} times what the process may hold at most ({allowed:,.0f} MB of resident memory,
watched). It is written, checked by `not_null`, `range`, `row_count` and a check of its own that reads batches,
and read by an asset that takes a `pyarrow.RecordBatchReader` and adds up; the sums must be right."""

_PROJECT = """\
from collections.abc import Iterator

import assetflow as af
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ran import ran

BATCHES = {batches}
ROWS = {rows}


@af.asset(checks=[af.not_null("id", "amount"), af.range("amount", min=0, max=100), af.row_count(min=BATCHES * ROWS)])
def readings() -> Iterator[pa.RecordBatch]:
    ran("readings")
    random = np.random.default_rng(7)
    amount = pa.array(random.random(ROWS) * 100)
    for number in range(BATCHES):
        ids = np.arange(number * ROWS, (number + 1) * ROWS)
        read_at = pa.array(ids * 1000).cast(pa.timestamp("us"))
        device = pa.array(random.integers(0, 1 << 40, ROWS))
        columns = [pa.array(ids), amount, read_at, device]
        yield pa.RecordBatch.from_arrays(columns, names=["id", "amount", "read_at", "device"])


@af.check(readings)
def ids_are_in_order(readings: pa.RecordBatchReader) -> bool:
    expected = 0
    for batch in readings:
        if batch.num_rows and batch["id"][0].as_py() != expected:
            return False
        expected += batch.num_rows
    return expected == BATCHES * ROWS


@af.asset
def sums(readings: pa.RecordBatchReader) -> pa.Table:
    ran("sums")
    rows = ids = 0
    for batch in readings:
        rows += batch.num_rows
        ids += pc.sum(batch["id"]).as_py() or 0
    return pa.table({{"rows": [rows], "ids": [ids]}})
"""


def memory(streamed_bytes: int, allowed_bytes: int) -> Workload:
    """Return W5."""
    said = {
        "batch": BATCH_ROWS,
        "size": streamed_bytes / 1e9,
        "times": streamed_bytes / allowed_bytes,
        "allowed": allowed_bytes / 1e6,
    }
    half, whole = _name(streamed_bytes // 2), _name(streamed_bytes)

    def peak(samples: Samples) -> list[float]:
        return [number / 1e6 for number in samples.numbers(whole, OURS, "peak")]

    def longer(samples: Samples) -> list[float]:
        return samples.ratio((whole, OURS, "peak"), (half, OURS, "peak"))

    return Workload(
        name="W5",
        title=f"memory: {streamed_bytes / 1e9:.1f} GB through {allowed_bytes / 1e6:,.0f} MB",
        about=_ABOUT.format(**said),
        baseline="",
        steps=partial(_steps, (streamed_bytes // 2, streamed_bytes)),
        targets=(
            Target("peak memory", peak, at_most=allowed_bytes / 1e6, unit="MB"),
            Target("peak memory of twice the length, as a ratio", longer, at_most=1.1, unit="x"),
        ),
        shows_functions=True,
    )


def _name(size: int) -> str:
    return f"{size / 1e9:.2f} GB streamed"


def _steps(sizes: tuple[int, ...], folder: Path, _number: int) -> Iterator[Step]:
    for size in sizes:
        home = folder / str(size)
        batches = max(2, size // ROW_BYTES // BATCH_ROWS)
        files = {
            "ran.py": RAN,
            "stream.py": _PROJECT.format(batches=batches, rows=BATCH_ROWS),
            "assetflow.toml": 'name = "stream"\nmodules = ["stream"]\n',
        }
        command = Command((*COMMAND, "materialize"), home, ENVIRONMENT)
        verify = _verifier(home, batches * BATCH_ROWS)
        yield Step(_name(size), OURS, command, partial(write_files, files, home), verify)


def _verifier(home: Path, rows: int) -> Callable[[Measured], Mapping[str, float]]:
    def verify(measured: Measured) -> Mapping[str, float]:
        if sorted(measured.ran) != ["readings", "sums"]:
            raise WrongResultError(f"{measured.ran} ran, it must be readings and sums, once each")
        said = measure(Command(program("load_rows", "sums"), home, ENVIRONMENT))
        came = json.loads(said.out) if said.exit_code == 0 else said.err[-300:]
        if came != [{"rows": rows, "ids": rows * (rows - 1) // 2}]:
            raise WrongResultError(f"the sums are {came}")
        return {}

    return verify
