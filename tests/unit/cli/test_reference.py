"""The reference says what `--help` says, and completion knows every command and option."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assetflow.cli.completion import TABLE
from assetflow.cli.reference import main, reference, table

ROOT = Path(__file__).resolve().parents[3]
AGAIN = "write it again: python -m assetflow.cli.reference docs/cli.md"


def test_the_reference_is_true():
    assert (ROOT / "docs" / "cli.md").read_text() == reference(), AGAIN


def test_the_table_of_completion_is_true():
    assert json.loads(TABLE.read_text()) == table(), AGAIN


def test_both_are_written_by_one_command(tmp_path, monkeypatch):
    monkeypatch.setattr("assetflow.cli.reference.TABLE", tmp_path / "commands.json")
    main(tmp_path / "cli.md")
    assert (tmp_path / "cli.md").read_text() == reference()
    assert json.loads((tmp_path / "commands.json").read_text()) == table()


@pytest.mark.parametrize("name", table()["commands"])
def test_every_command_says_in_a_line_what_it_does(name):
    told = table()["commands"][name]["help"]
    assert told.endswith(".")
    assert len(told) < 66, "it stands in one line of help on 80 columns"
