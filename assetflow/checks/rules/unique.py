"""Owns the rule that no two rows share a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from assetflow.checks.buckets import ROW, buckets_for, key_columns, keyed, pieces_in, spread
from assetflow.checks.doubles import Doubles, possible_doubles
from assetflow.checks.finding import Finding, finding_of_rows, unfit
from assetflow.checks.rows import Failing, Rows, WholeTable
from assetflow.checks.rules.comparison import comparable
from assetflow.checks.rules.rule import labelled

if TYPE_CHECKING:
    import pyarrow as pa

_WORTH_HASHING = 4 << 20  # bytes of keys


@dataclass(frozen=True)
class Unique:
    """Every row fails whose values in ``columns``, taken together, another row has too.

    A row with a null among them shares them with nobody. NaN equals NaN.
    """

    columns: tuple[str, ...]
    others: ClassVar[tuple[str, ...]] = ()

    @property
    def label(self) -> str:
        """Return the check's name."""
        return labelled("unique", *self.columns)

    @property
    def arguments(self) -> dict[str, object]:
        """Return what decides what it finds."""
        return {"columns": list(self.columns)}

    def judge(self, rows: Rows, others: Mapping[str, Rows]) -> Finding:
        """Find the rows that share their key."""
        import pyarrow as pa

        del others
        column = self.columns[0] if len(self.columns) == 1 else None
        try:
            failing = self._sharing(rows)
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            types = ", ".join(f"{name} is {rows.schema.field(name).type}" for name in self.columns)
            return unfit(self.label, column, f"{types}: such values are not compared")
        what = f"{', '.join(self.columns)} shared with another row"
        return finding_of_rows(self.label, column, rows, failing, what)

    def _sharing(self, rows: Rows) -> Failing:
        """Return the rows that share their key; raise as Arrow does where it cannot group by such types."""
        keys, pieces = key_columns(len(self.columns)), keyed(rows, self.columns, comparable)
        _shared(keyed(WholeTable(rows.schema.empty_table()), self.columns, comparable)(), keys)
        size, count = rows.select(self.columns).nbytes, rows.num_rows
        doubles = Doubles(pieces, count, count)
        if size > _WORTH_HASHING:
            doubles = possible_doubles(pieces, keys, count)
        failing = Failing()
        if not doubles.rows:
            return failing
        grouped = min(doubles.rows, doubles.keys * pieces_in(size))
        with spread(doubles.pieces, keys, buckets_for(size * grouped // count)) as buckets:
            for bucket in buckets:
                shared = _shared(bucket(), keys)
                for piece in bucket() if shared.num_rows else ():
                    failing = failing.and_rows(_numbers_of(piece, shared, keys))
        return failing


def _shared(pieces: Iterator[pa.Table], keys: list[str]) -> pa.Table:
    """Return the keys that more than one row has."""
    import pyarrow as pa
    import pyarrow.compute as pc

    groups = pa.concat_tables(
        [piece.group_by(keys).aggregate([([], "count_all")]).combine_chunks() for piece in pieces]
    )
    counted = groups.group_by(keys).aggregate([("count_all", "sum")])
    return counted.filter(pc.greater(counted["count_all_sum"], 1)).select(keys)


def _numbers_of(piece: pa.Table, shared: pa.Table, keys: list[str]) -> pa.Array:
    """Return the numbers, ascending, of the rows whose key is among the shared ones."""
    import pyarrow.compute as pc

    numbers = piece.join(shared, keys=keys, join_type="left semi")[ROW].combine_chunks()
    return numbers.take(pc.array_sort_indices(numbers))
