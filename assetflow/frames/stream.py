"""Owns a table that is not held whole: canonical pieces that come once, in order; and putting small pieces together.

Knows nothing of where they come from or where they go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from assetflow.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa


class TableStream:
    """Canonical tables of one schema, of any length each, to be gone through once.

    ``schema`` is canonical. Whatever making the pieces raises comes out of the iteration.
    """

    def __init__(self, schema: pa.Schema, pieces: Iterator[pa.Table]) -> None:
        self.schema = schema
        self._pieces: Iterator[pa.Table] | None = pieces

    def __iter__(self) -> Iterator[pa.Table]:
        """Give the pieces out. Raises UsageError the second time."""
        if self._pieces is None:
            raise UsageError("a stream can be gone through once", hint="store it, and read what was stored")
        pieces, self._pieces = self._pieces, None
        return pieces


def gathered(pieces: Iterable[pa.Table], fewest_bytes: int) -> Iterator[pa.Table]:
    """Yield the rows in tables of at least so many bytes, but for the last."""
    import pyarrow as pa

    held: list[pa.Table] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += piece.nbytes
        if size >= fewest_bytes:
            yield pa.concat_tables(held)
            held, size = [], 0
    if held:
        yield pa.concat_tables(held)
