"""Owns a stored table that is read part by part, as often as anyone likes, and never held whole unless asked.

Knows nothing of stores: the bytes of a part, verified, come from a function.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assetflow.errors import AssetflowError, DamagedError
from assetflow.frames.pipeline import in_order
from assetflow.frames.table_codec import join, part_from_bytes, select_schema
from assetflow.hashing.boundaries import limits_of
from assetflow.hashing.tables import CHUNK_ROWS, canonical_table
from assetflow.model.manifest import Part

if TYPE_CHECKING:
    import pyarrow as pa

PartReader = Callable[[Part], bytes | memoryview]
PartFinder = Callable[[Part], Path | None]


@dataclass(frozen=True)
class PartedTable:
    """A stored table, or some columns of it.

    ``schema``: canonical, of the chosen columns. ``format``: of the parts, ``parquet`` or ``arrow``. ``stored``: how
    many columns the parts have. The bytes that ``read_part`` gives are verified; ``find_part`` says where other
    programs of this machine can read a part, or None.
    """

    schema: pa.Schema
    format: str
    parts: tuple[Part, ...]
    stored: int
    read_part: PartReader = field(repr=False, compare=False)
    find_part: PartFinder = field(repr=False, compare=False)

    @property
    def num_rows(self) -> int:
        """Rows of the whole table."""
        return sum(part.rows or 0 for part in self.parts)

    @property
    def column_names(self) -> list[str]:
        """Names of the chosen columns, in order."""
        return list(self.schema.names)

    @property
    def nbytes(self) -> int:
        """About how many bytes it takes in memory: told from the parts, which are cut by their size."""
        mean = limits_of(self.stored).mean_bytes
        return len(self.parts) * mean * len(self.schema) // max(self.stored, 1)

    @property
    def files(self) -> tuple[Path, ...] | None:
        """The parts as files of this machine, each verified now; None where they lie elsewhere."""
        found = [self.find_part(part) for part in self.parts]
        if not all(found):
            return None
        for part in self.parts:
            self.read_part(part)
        return tuple(path for path in found if path is not None)

    def select(self, names: Sequence[str]) -> PartedTable:
        """Return the table with these columns, in this order; the others are not decoded."""
        return replace(self, schema=select_schema(self.schema, names))

    def blaming(self, blame: Callable[[DamagedError], AssetflowError]) -> PartedTable:
        """Return the same table; where bytes of it are damaged, reading them raises what ``blame`` makes of that."""
        read = self.read_part

        def blamed(part: Part) -> bytes | memoryview:
            try:
                return read(part)
            except DamagedError as error:
                raise blame(error) from error

        return replace(self, read_part=blamed)

    def tables(self) -> Iterator[pa.Table]:
        """Yield one canonical table per part, in order."""
        return map(self._table, self.parts)

    def take(self, numbers: Sequence[int]) -> pa.Table:
        """Return the rows with these ascending numbers; only the parts that hold some are read."""
        import pyarrow as pa

        taken, start = [pa.Table.from_batches([], self.schema)], 0
        for part in self.parts:
            stop = start + (part.rows or 0)
            here = numbers[bisect_left(numbers, start) : bisect_left(numbers, stop)]
            if here:
                taken.append(
                    self._table(part).take(pa.array([number - start for number in here], pa.int64()))
                )
            start = stop
        return pa.concat_tables(taken)

    def read(self) -> pa.Table:
        """Return the whole canonical table. Parts are decoded side by side."""
        if len(self.parts) == 1:
            return canonical_table(self._table(self.parts[0]))
        threads = min(os.cpu_count() or 1, len(self.parts))
        with ThreadPoolExecutor(threads) as pool:
            return _joined(in_order(self._table, self.parts, pool, threads + 1), self.schema)

    def _table(self, part: Part) -> pa.Table:
        return join([part_from_bytes(self.read_part(part), self.format, self.schema.names)], self.schema)


def _joined(tables: Iterator[pa.Table], schema: pa.Schema) -> pa.Table:
    """Put parts together in chunks as a canonical table has them, a chunk at a time."""
    import pyarrow as pa

    whole: list[pa.Table] = []
    waiting = pa.Table.from_batches([], schema)
    for table in tables:
        waiting = pa.concat_tables([waiting, table])
        full = len(waiting) - len(waiting) % CHUNK_ROWS
        if full:
            whole.append(canonical_table(waiting.slice(0, full)))
            waiting = waiting.slice(full)
    if len(waiting) or not whole:
        whole.append(canonical_table(waiting))
    return pa.concat_tables(whole)
