"""Owns the rule that no two rows share a key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from assetflow.checks.finding import Finding, finding_of_rows, unfit
from assetflow.checks.rules.comparison import comparable
from assetflow.checks.rules.rule import labelled

if TYPE_CHECKING:
    import pyarrow as pa


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

    def judge(self, table: pa.Table, others: Mapping[str, pa.Table]) -> Finding:
        """Find the rows that share their key."""
        import pyarrow as pa

        del others
        column = self.columns[0] if len(self.columns) == 1 else None
        try:
            rows = _sharing([comparable(table[name]) for name in self.columns])
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            types = ", ".join(f"{name} is {table[name].type}" for name in self.columns)
            return unfit(self.label, column, f"{types}: such values are not compared")
        what = f"{', '.join(self.columns)} shared with another row"
        return finding_of_rows(self.label, column, table, rows, what)


def _sharing(columns: list[pa.ChunkedArray]) -> pa.Array:
    """Return the numbers of the rows that equal another in all ``columns``, ascending."""
    import pyarrow as pa
    import pyarrow.compute as pc

    names = [f"key{number}" for number in range(len(columns))]
    keys = pa.table([*columns, pa.arange(0, len(columns[0]))], [*names, "row"]).drop_null()
    groups = keys.group_by(names).aggregate([([], "count_all")])
    shared = groups.filter(pc.greater(groups["count_all"], 1)).select(names)
    if shared.num_rows == 0:
        return pa.array([], pa.int64())
    rows = keys.join(shared, keys=names, join_type="left semi")["row"].combine_chunks()
    return rows.take(pc.array_sort_indices(rows))
