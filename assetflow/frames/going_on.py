"""Owns ``append`` and ``upsert``: how an incremental asset goes on from the rows that it had.

What is given comes back in the form of the new rows. Parts of a table end where its contents say, so that the version
that is made shares its parts with the one before, but for those that hold what is new.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from assetflow.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa


def append(previous: Any, rows: Any) -> Any:
    """Return ``previous`` (None: nothing yet) followed by ``rows``, in the form of ``rows``.

    All of ``rows`` are appended, also those that are there already: where a run is forced, or its input holds what it
    held before. A column that only one of both has is null in the other's rows: one that was renamed stays, and its new
    name comes as another. To refuse that, declare the columns: ``@asset(schema=...)``, or a check ``af.schema(...)``.

    Raises:
        DataError: one of them is no table, or a column has types that do not go together.
    """
    if previous is None:
        return rows
    before, after = _table(previous), _table(rows)
    return _as(rows, _joined(before, after))


def upsert(previous: Any, rows: Any, key: str | Sequence[str]) -> Any:
    """Return ``previous`` (None: nothing yet) with ``rows``: those whose ``key`` is there take its place.

    The others follow at the end, in their order. A row is replaced as a whole: a column that ``rows`` lack is null in
    it. Otherwise columns that only one of both has are as those of ``append``. What ``rows`` no longer hold stays.

    Raises:
        DataError: one of them is no table, a column has types that do not go together, or a key of ``rows`` is null,
            or comes twice.
    """
    keys = [key] if isinstance(key, str) else list(key)
    after = _table(rows)
    _require_keys(after, keys)
    if previous is None:
        return rows
    before = _table(previous)
    return _as(rows, _joined(before, after).take(_places(before, after, keys)))


def _table(value: Any) -> pa.Table:
    from assetflow.frames.tables import to_table

    return to_table(value)


def _joined(before: pa.Table, after: pa.Table) -> pa.Table:
    import pyarrow as pa

    try:
        return pa.concat_tables([before, after], promote_options="default")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise DataError(
            f"the new rows do not go with those that were there: {error}",
            hint="give both the same types; a change of the columns begins anew by `--full-refresh`",
        ) from error


def _require_keys(rows: pa.Table, keys: list[str]) -> None:
    absent = [name for name in keys if name not in rows.column_names]
    if absent:
        raise DataError(
            f"the new rows have no column {absent[0]!r}, the key",
            hint=f"they have {', '.join(rows.column_names)}",
        )
    for name in keys:
        if rows[name].null_count:
            raise DataError(f"{rows[name].null_count} of the new rows have no {name}, the key")
    twice = rows.num_rows - rows.group_by(keys).aggregate([]).num_rows
    if twice:
        raise DataError(
            f"{twice} of the new rows repeat a key ({', '.join(keys)})",
            hint="leave one row for each key; the last one, say",
        )


def _places(before: pa.Table, after: pa.Table, keys: list[str]) -> pa.ChunkedArray:
    """Return, of both tables one after the other, the rows that stay, in order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    old = before.select(keys).append_column("#before", pa.array(range(before.num_rows), pa.int64()))
    new = after.select(keys).append_column(
        "#after", pa.array(range(before.num_rows, before.num_rows + after.num_rows), pa.int64())
    )
    found = old.join(new, keys, join_type="full outer").sort_by(
        [("#before", "ascending"), ("#after", "ascending")]
    )
    return pa.chunked_array([pc.coalesce(found["#after"], found["#before"]).combine_chunks()], pa.int64())


def _as(rows: Any, table: pa.Table) -> Any:
    from assetflow.frames.content import Content
    from assetflow.frames.forms import form_of
    from assetflow.frames.hand_out import hand_out
    from assetflow.hashing.tables import canonical_table

    return hand_out(Content("table", canonical_table(table), "parquet"), form_of(type(rows)))
