"""Owns how rows and paragraphs are laid out: columns without borders, headings, hints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from assetflow.cli.views.words import plain

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

QUIET = "bright_black"


def columns(*headers: str, folding: Sequence[str] = (), right: Sequence[str] = ()) -> Table:
    """Return a table without borders.

    Args:
        headers: of the columns.
        folding: those of them whose text may be broken into lines where it is narrow; of others only in need.
        right: those of them that hold numbers.
    """
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=QUIET)
    for header in headers:
        table.add_column(
            header,
            no_wrap=header not in folding,
            overflow="fold",
            justify="right" if header in right else "left",
        )
    return table


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
