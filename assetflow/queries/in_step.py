"""Owns comparing two tables whose rows are known to come in the same order, row by row: only what differs is read.

Knows nothing of how that is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetflow.queries.differing import differing
from assetflow.queries.two_tables import Rows, Side, reading

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Steps:
    """Rows that differ: how many; in how many each column does; the numbers of the first of them."""

    rows: int
    cells: tuple[int, ...]
    first: tuple[int, ...]


@dataclass(frozen=True)
class _Stretch:
    """Rows ``start`` to ``stop``, which lie in one piece of each side."""

    start: int
    stop: int
    old: int
    new: int


def only_in_place(olds: Rows, news: Rows) -> bool:
    """Say whether all pieces that two tables of as many rows share, which are not among these, lie in one place."""
    stretches = list(_stretches(olds.side, news.side))
    return {part.old for part in stretches} == {number for number, _ in olds.pieces} and {
        part.new for part in stretches
    } == {number for number, _ in news.pieces}


def in_step(
    old: Side, new: Side, columns: Sequence[str], most: int, connection: duckdb.DuckDBPyConnection
) -> Steps:
    """Compare row n of ``old`` with row n of ``new``, for all n. Pieces that both have in one place are not read.

    ``most``: how many numbers of rows to return.
    """
    from assetflow.queries.bits import bits_of

    stretches = list(_stretches(old, new))
    rows, cells, first = 0, [0] * len(columns), list[int]()
    with reading() as each:
        olds = each(
            lambda n: bits_of(old.piece(n, columns)), list(dict.fromkeys(part.old for part in stretches))
        )
        news = each(
            lambda n: bits_of(new.piece(n, columns)), list(dict.fromkeys(part.new for part in stretches))
        )
        at_old = at_new = -1
        for part in stretches:
            if part.old != at_old:
                at_old, old_piece = part.old, next(olds)
            if part.new != at_new:
                at_new, new_piece = part.new, next(news)
            length = part.stop - part.start
            numbers, flags = differing(
                old_piece.slice(part.start - old.starts[at_old], length),
                new_piece.slice(part.start - new.starts[at_new], length),
                connection,
            )
            rows += len(numbers)
            cells = [count + int(flag.sum()) for count, flag in zip(cells, flags, strict=True)]
            first += [part.start + int(number) for number in numbers[: most - len(first)]]
    return Steps(rows, tuple(cells), tuple(first))


def _stretches(old: Side, new: Side) -> Iterator[_Stretch]:
    """Yield what lies in one piece of each side, in order, without the pieces that both have in one place."""
    at_old = at_new = start = 0
    while start < old.rows:
        while old.starts[at_old + 1] <= start:
            at_old += 1
        while new.starts[at_new + 1] <= start:
            at_new += 1
        stop = min(old.starts[at_old + 1], new.starts[at_new + 1])
        if not _same(old, at_old, new, at_new):
            yield _Stretch(start, stop, at_old, at_new)
        start = stop


def _same(old: Side, at_old: int, new: Side, at_new: int) -> bool:
    version = old.versions[at_old]
    return version != "" and version == new.versions[at_new] and old.starts[at_old] == new.starts[at_new]
