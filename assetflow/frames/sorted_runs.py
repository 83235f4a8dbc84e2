"""Owns sorting a table that does not fit memory: sorted runs on disk, merged. Equals ``sort_rows`` of the whole.

Knows nothing of how two rows compare: ``frames.ordering`` says.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetflow.frames.ordering import row_order, sort_rows
from assetflow.frames.stream import TableStream, gathered

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Room:
    """What a sort may take: bytes of a run, which is sorted in memory; of a batch of a run; runs merged at a time."""

    run_bytes: int = 128 << 20
    batch_bytes: int = 1 << 20
    runs: int = 64


def sorted_stream(stream: TableStream, sort_by: Sequence[str], room: Room | None = None) -> TableStream:
    """Return the rows ordered as ``sort_rows`` orders them, in bounded memory.

    The whole stream is gone through before the first row comes out. Runs lie in a folder of their own among the
    system's temporary files, which is removed at the end.
    """
    return TableStream(stream.schema, _sorted(stream, sort_by, room or Room()))


def _sorted(stream: TableStream, sort_by: Sequence[str], room: Room) -> Iterator[pa.Table]:
    with tempfile.TemporaryDirectory(prefix="assetflow-sort-") as folder:
        runs = _Runs(Path(folder), room.batch_bytes)
        full = gathered(filter(len, stream), room.run_bytes)
        paths = [runs.write(iter([sort_rows(rows, sort_by)])) for rows in full]
        while len(paths) > room.runs:
            groups = list(_in_groups(paths, room.runs))
            paths = [runs.write(_merged(runs, group, sort_by)) for group in groups]
        yield from _merged(runs, paths, sort_by)


def _in_groups(paths: list[Path], size: int) -> Iterator[list[Path]]:
    for start in range(0, len(paths), size):
        yield paths[start : start + size]


class _Runs:
    """Sorted tables as files of Arrow batches."""

    def __init__(self, folder: Path, batch_bytes: int) -> None:
        self._folder = folder
        self._batch_bytes = batch_bytes
        self._count = 0

    def write(self, tables: Iterator[pa.Table]) -> Path:
        """Write a run that comes in order, piece by piece."""
        import pyarrow as pa

        self._count += 1
        path = self._folder / f"{self._count}.arrows"
        first = next(tables)
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, first.schema) as writer:
            self._append(writer, first)
            for table in tables:
                self._append(writer, table)
        return path

    def read(self, path: Path) -> Iterator[pa.Table]:
        """Yield a run in its batches, none of them empty, and remove it at the end."""
        import pyarrow as pa

        with pa.OSFile(str(path), "rb") as source:
            for batch in pa.ipc.open_stream(source):
                if batch.num_rows:
                    yield pa.Table.from_batches([batch])
        path.unlink()

    def _append(self, writer: Any, table: pa.Table) -> None:
        rows = max(self._batch_bytes * len(table) // max(table.nbytes, 1), 1)
        writer.write_table(table, max_chunksize=rows)


@dataclass
class _Run:
    """One run while it is merged: the rows that were read and not yet given out, and the rest."""

    waiting: pa.Table
    rest: Iterator[pa.Table]
    ended: bool = False

    def refill(self, fewest: int) -> None:
        """Read on until there are at least so many rows."""
        import pyarrow as pa

        while not self.ended and len(self.waiting) < fewest:
            more = next(self.rest, None)
            self.ended = more is None
            self.waiting = self.waiting if more is None else pa.concat_tables([self.waiting, more])


def _merged(runs: _Runs, paths: Sequence[Path], sort_by: Sequence[str]) -> Iterator[pa.Table]:
    """Yield the rows of sorted runs in order.

    What has been read of all runs is sorted as one. Beyond the first row that is the last read of its run, rows that
    were not read yet might belong: up to there, the order is final.
    """
    import pyarrow as pa

    merging = [_Run(first, rest) for rest in map(runs.read, paths) if (first := next(rest, None)) is not None]
    fewest = max((len(run.waiting) for run in merging), default=0) // 2 + 1
    while merging:
        for run in merging:
            run.refill(fewest)
        rows = pa.concat_tables([run.waiting for run in merging])
        order = row_order(rows, sort_by)
        final = order.slice(0, _final_rows(order, merging))
        yield rows.take(final)
        for run, count in zip(merging, _taken(final, merging), strict=True):
            run.waiting = run.waiting.slice(count)
        merging = [run for run in merging if not run.ended or len(run.waiting)]


def _final_rows(order: pa.Array, merging: Sequence[_Run]) -> int:
    """Return up to which place of the order no row can come in any more."""
    import pyarrow as pa
    import pyarrow.compute as pc

    lasts, count = [], 0
    for run in merging:
        count += len(run.waiting)
        if not run.ended:
            lasts.append(count - 1)
    if not lasts:
        return count
    return int(pc.min(pc.index_in(pa.array(lasts, order.type), value_set=order)).as_py()) + 1


def _taken(final: pa.Array, merging: Sequence[_Run]) -> list[int]:
    """Return how many rows of each run are among the final ones: its first, or such as equal them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    of_run = pa.concat_arrays(
        [pa.repeat(pa.scalar(number, pa.int32()), len(run.waiting)) for number, run in enumerate(merging)]
    )
    counted = {item["values"]: item["counts"] for item in pc.value_counts(of_run.take(final)).to_pylist()}
    return [counted.get(number, 0) for number in range(len(merging))]
