"""Owns a table that is not held whole: canonical pieces that come once, in order.

Knows nothing of where they come from or where they go.
"""

from __future__ import annotations

from collections.abc import Iterator
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
