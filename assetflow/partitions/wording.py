"""Owns sets of partitions as text: all of it, to be parsed again, and the short of it, for screens.

::

    2026-11-01..2026-11-23, 2026-11-30             ordinals in a row are a range of keys
    2026-11-01..2026-11-03/eu, 2026-11-04/*        a grid: the dimensions in order of name, * for all of one

Knows nothing of how text is parsed (``parsing``).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

from assetflow.partitions.grid import GridKeys
from assetflow.partitions.quoting import quoted
from assetflow.partitions.ranges import Ranges, Span
from assetflow.partitions.scheme import Keys

_SHOWN = 3  # pieces of a set that fit a line of a screen


def text(ranges: Ranges, keys: Keys) -> str:
    """Return the set in the language that ``parse`` reads; empty for the empty set."""
    return ", ".join(_pieces(ranges, keys))


def short_text(ranges: Ranges, keys: Keys) -> str:
    """Return the set for a screen: ``3 of 1,000: 2024-01-01..2024-01-03``; never longer than a few pieces."""
    count, total = len(ranges), len(keys)
    if not count:
        return f"none of {total:,}"
    share = f"all {total:,}" if count == total else f"{count:,} of {total:,}"
    pieces = list(islice(_pieces(ranges, keys), _SHOWN + 1))
    more = ", ..." if len(pieces) > _SHOWN else ""
    return f"{share}: {', '.join(pieces[:_SHOWN])}{more}"


def _pieces(ranges: Ranges, keys: Keys) -> Iterator[str]:
    if not isinstance(keys, GridKeys):
        return (_piece(span, keys) for span in ranges.spans)
    return (piece for box in keys.boxes(ranges) for piece in _cells(box, keys))


def _cells(box: dict[str, Ranges], keys: GridKeys) -> Iterator[str]:
    choices = (_choices(box[name], keys.axis(name)) for name in keys.names)
    return ("/".join(choice) for choice in product(*choices))


def _choices(ranges: Ranges, keys: Keys) -> list[str]:
    if len(ranges) == len(keys) > 1:
        return ["*"]
    return [_piece(span, keys) for span in ranges.spans]


def _piece(span: Span, keys: Keys) -> str:
    first, last = quoted(keys.key(span[0])), quoted(keys.key(span[1] - 1))
    return first if first == last else f"{first}..{last}"
