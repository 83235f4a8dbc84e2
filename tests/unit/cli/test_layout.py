"""Columns that leave out what matters least where it is narrow."""

from __future__ import annotations

import pytest
from rich.console import Console

from assetflow.cli.views.layout import Columns, cell, indented, pairs, stack


def drawn(shown: object, width: int) -> list[str]:
    console = Console(width=width, no_color=True, markup=False)
    with console.capture() as captured:
        console.print(shown)
    return [line.rstrip() for line in captured.get().splitlines()]


def table() -> Columns:
    columns = Columns(
        "key", "version", "rows", "why", folding=("why",), right=("rows",), optional=("version", "rows")
    )
    columns.add_row("sales", "3c5fca4fdee0", "1,000", cell("a reason that goes on for a while"))
    return columns


@pytest.mark.parametrize(
    ("width", "headers"),
    [
        (80, ["key", "version", "rows", "why"]),
        (45, ["key", "rows", "why"]),
        (36, ["key", "why"]),
        (10, ["key", "why"]),
    ],
)
def test_optional_columns_go_first(width, headers):
    assert drawn(table(), width)[0].split() == headers


def test_text_is_folded_and_nothing_of_it_is_lost():
    lines = drawn(table(), 30)
    assert " ".join(" ".join(lines[1:]).split()) == "sales a reason that goes on for a while"


def test_pairs_without_a_value_are_left_out():
    assert drawn(pairs([("a", "x"), ("b", None), ("c", cell("")), ("dd", cell("y"))]), 40) == [
        "a   x",
        "dd  y",
    ]


def test_parts_are_stacked_with_a_line_between():
    assert drawn(stack("a", None, indented("b")), 40) == ["a", "", "  b"]
