"""Owns cutting a table into its parts, whole or as it comes. Where it is cut, ``hashing.boundaries`` says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from assetflow.hashing.boundaries import Boundaries, Limits

if TYPE_CHECKING:
    import pyarrow as pa


def cut(table: pa.Table, limits: Limits | None = None) -> Iterator[pa.Table]:
    """Yield the parts of a canonical table, in order; one for an empty table."""
    return cut_pieces(table.schema, [table], limits)


def cut_pieces(
    schema: pa.Schema, pieces: Iterable[pa.Table], limits: Limits | None = None
) -> Iterator[pa.Table]:
    """Yield the parts of a canonical table that comes piece by piece: the same, whatever the pieces."""
    import pyarrow as pa

    boundaries = Boundaries(schema, limits)
    begun: list[pa.Table] = []
    none_yet = True
    for piece in pieces:
        start = 0
        for stop in boundaries.feed(piece):
            yield pa.concat_tables([*begun, piece.slice(start, stop - start)])
            begun, start, none_yet = [], stop, False
        if start < len(piece):
            begun.append(piece.slice(start))
    if begun or none_yet:
        yield pa.concat_tables(begun) if begun else pa.Table.from_batches([], schema)
