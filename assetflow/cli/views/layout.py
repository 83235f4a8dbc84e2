"""Owns how rows and paragraphs are laid out: columns without borders, headings, hints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from assetflow.cli.views.words import plain

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType, RenderResult
    from rich.table import Table
    from rich.text import Text

QUIET = "bright_black"
GAP = 2
COMFORTABLE = 28  # columns that text needs to be read with ease


class Columns:
    """A table without borders that leaves out what matters least where it is narrow.

    Args:
        headers: of the columns.
        folding: those of them whose text is broken into lines rather than cut.
        right: those of them that hold numbers.
        optional: those of them that may be left out, the first first.
    """

    def __init__(
        self,
        *headers: str,
        folding: Sequence[str] = (),
        right: Sequence[str] = (),
        optional: Sequence[str] = (),
    ) -> None:
        self._headers = headers
        self._folding = folding
        self._right = right
        self._optional = optional
        self._rows: list[tuple[Text | str, ...]] = []

    def add_row(self, *cells: Text | str) -> None:
        """Add a row of as many cells as there are headers."""
        self._rows.append(cells)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the table for the width that there is."""
        from rich.table import Table

        del console
        shown = self._shown(options.max_width)
        table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style=QUIET)
        for header in shown:
            justify: JustifyMethod = "right" if header in self._right else "left"
            table.add_column(header, no_wrap=header not in self._folding, overflow="fold", justify=justify)
        for row in self._rows:
            table.add_row(*(part for header, part in zip(self._headers, row, strict=True) if header in shown))
        yield table

    def _shown(self, width: int) -> list[str]:
        """Return the headers of the columns for which there is room."""
        needed = {
            header: max(_width(header), *(_width(row[number]) for row in self._rows)) if self._rows else 0
            for number, header in enumerate(self._headers)
        }
        needed |= {header: min(needed[header], COMFORTABLE) for header in self._folding}
        for header in self._optional:
            if sum(needed.values()) + GAP * len(needed) <= width:
                break
            needed.pop(header)
        return list(needed)


def pairs(rows: Iterable[tuple[str, RenderableType | None]]) -> Table:
    """Return named values below each other; those without a value are left out."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style=QUIET, no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        if value:  # an empty Text is false too
            table.add_row(name, value)
    return table


def cell(text: object, style: str = "") -> Text:
    """Return foreign text for a cell: nothing in it is taken for markup or for a command to the terminal."""
    from rich.text import Text

    return Text(plain(text), style=style)


def quiet(text: object) -> Text:
    """Return text that does not ask for attention."""
    return cell(text, QUIET)


def stack(*parts: RenderableType | None) -> RenderableType:
    """Return the parts below each other, an empty line between them."""
    from rich.console import Group

    shown = [part for part in parts if part is not None]
    spaced = [line for part in shown for line in ("", part)][1:]
    return Group(*spaced)


def indented(part: RenderableType, by: int = 2) -> RenderableType:
    """Return ``part`` moved to the right."""
    from rich.padding import Padding

    return Padding(part, (0, 0, 0, by))


def _width(part: Text | str) -> int:
    from rich.cells import cell_len

    text = part if isinstance(part, str) else part.plain
    return max((cell_len(line) for line in text.splitlines()), default=0)
