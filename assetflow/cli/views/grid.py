"""Owns the grid: rows of text in aligned columns, made to fit a width; numbers to the right, wide characters counted.

What does not fit is cut with an ellipsis; columns for which no room is left are named instead of shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assetflow.cli.views.cells import Cells

GAP = 2
NARROWEST = 12
_ELLIPSIS = "…"


@dataclass(frozen=True)
class Grid:
    """A table drawn as text. ``left_out``: names of the columns for which there was no room."""

    lines: tuple[str, ...]
    left_out: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.lines)


def grid_of(cells: Cells, width: int) -> Grid:
    """Draw ``cells`` at most ``width`` columns wide."""
    natural = [
        max(_width(text) for text in (name, *(row[number] for row in cells.rows)))
        for number, name in enumerate(cells.names)
    ]
    widths = fitted(natural, width)
    shown = len(widths)
    lines = [
        _line(cells.names[:shown], widths, cells.numeric),
        (" " * GAP).join("-" * wide for wide in widths),
        *(_line(row[:shown], widths, cells.numeric) for row in cells.rows),
    ]
    return Grid(tuple(lines), cells.names[shown:])


def fitted(natural: Sequence[int], width: int) -> list[int]:
    """Return the widths of as many columns as fit: the widest give way first, none below ``NARROWEST``."""
    widths = list(natural)
    while len(widths) > 1 and _total(min(wide, NARROWEST) for wide in widths) > width:
        widths.pop()
    excess = _total(widths) - width
    while excess > 0 and max(widths) > NARROWEST:
        widest = max(widths)
        second = max([wide for wide in widths if wide < widest], default=NARROWEST)
        at_widest = [number for number, wide in enumerate(widths) if wide == widest]
        cut = max(1, min(widest - max(second, NARROWEST), excess // len(at_widest)))
        for number in at_widest:
            taken = min(cut, excess)
            widths[number] -= taken
            excess -= taken
    return widths


def _total(widths: Iterable[int]) -> int:
    known = list(widths)
    return sum(known) + GAP * (len(known) - 1)


def _line(texts: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    drawn = [
        _fit(text, width, right=right) for text, width, right in zip(texts, widths, numeric, strict=False)
    ]
    return (" " * GAP).join(drawn).rstrip()


def _fit(text: str, width: int, *, right: bool) -> str:
    taken = _width(text)
    if taken > width:
        return _cut(text, width)
    blank = " " * (width - taken)
    return blank + text if right else text + blank


def _cut(text: str, width: int) -> str:
    from rich.cells import set_cell_size

    return set_cell_size(text, width - 1) + _ELLIPSIS


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
