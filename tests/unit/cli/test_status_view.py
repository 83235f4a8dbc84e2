"""How assets stand, as people see it: short however many there are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from console import Screen

from assetflow.cli.terminal import Terminal
from assetflow.cli.views.catalog import MOST_SHOWN, status_view
from assetflow.operate.status import StatusRow

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def row(key: str, state: str) -> StatusRow:
    return StatusRow(key, "python", None, state, (), None, None, None, None)


def drawn(rows: list[StatusRow], *, verbose: bool) -> list[str]:
    terminal = Terminal(Screen(), Screen(), {})
    terminal.show(status_view(rows, "dev", NOW, verbose=verbose))
    return [" ".join(line.split()) for line in terminal.out.text.splitlines()]


@pytest.mark.parametrize("verbose", [True, False])
def test_of_very_many_assets_those_that_are_not_fresh_come_first(verbose):
    rows = [*(row(f"a{number}", "fresh") for number in range(MOST_SHOWN + 1)), row("last", "build")]

    lines = drawn(rows, verbose=verbose)
    assert any(" last " in f"{line} " for line in lines[1:2]) != verbose
    assert ("... and 2 more: --verbose or --json names them" in lines) != verbose
    assert any(f" a{MOST_SHOWN} " in line for line in lines) == verbose
    assert lines[-1].endswith("in dev")


def test_few_assets_are_told_parents_first():
    lines = drawn([row("first", "fresh"), row("second", "build")], verbose=False)
    assert ["first" in lines[1], "second" in lines[2]] == [True, True]
