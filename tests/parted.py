"""Tables in parts, as a store gives them, without a store."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pyarrow as pa

from assetflow.frames.parted import PartedTable
from assetflow.frames.table_codec import table_to_ipc
from assetflow.hashing.tables import canonical_table
from assetflow.model.manifest import Part


def in_parts(table: pa.Table, cuts: Sequence[int] = ()) -> PartedTable:
    """Return the table cut before each of these rows; parts of no rows are left out, as a store does."""
    bounds = sorted({0, *(cut for cut in cuts if cut < table.num_rows), table.num_rows})
    pieces = [table.slice(start, stop - start) for start, stop in pairwise(bounds)]
    stored = {str(number): table_to_ipc(canonical_table(piece)) for number, piece in enumerate(pieces)}
    parts = tuple(
        Part(object=name, bytes=len(data), rows=piece.num_rows)
        for (name, data), piece in zip(stored.items(), pieces, strict=True)
    )
    schema = canonical_table(table).schema
    return PartedTable(
        schema, "arrow", parts, len(schema), lambda part: stored[part.object], lambda part: None
    )
