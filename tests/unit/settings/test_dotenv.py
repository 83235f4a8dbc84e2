from __future__ import annotations

from pathlib import Path

import pytest

from assetflow.errors import SettingsError
from assetflow.settings.dotenv import parse_dotenv, read_dotenv


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("NAME=plain", "plain"),
        ("NAME = spaced out ", "spaced out"),
        ("export NAME=exported", "exported"),
        ("NAME=", ""),
        ("NAME=a#b", "a#b"),
        ("NAME=a # a comment", "a"),
        ("NAME=# only a comment", ""),
        ("NAME=a=b", "a=b"),
        ("NAME='as $it \\n is'", "as $it \\n is"),
        ("NAME='quoted' # a comment", "quoted"),
        ('NAME="two\\nlines"', "two\nlines"),
        ('NAME="a \\"quote\\" and a \\\\"', 'a "quote" and a \\'),
        ('NAME="a # b"', "a # b"),
    ],
)
def test_a_line_assigns_its_value(line, value):
    assert parse_dotenv(line) == {"NAME": value}


def test_blank_lines_and_comments_assign_nothing_and_the_last_of_a_name_stands():
    assert parse_dotenv("# a comment\n\nA=1\nB=2\nA=3\n") == {"A": "3", "B": "2"}


@pytest.mark.parametrize(
    "line", ["no assignment: hunter2", "1NAME=hunter2", 'NAME="hunter2', "NAME='hunter2' x"]
)
def test_a_line_that_is_no_assignment_is_named_by_number_and_not_shown(line):
    with pytest.raises(SettingsError, match=r"\.env:2 is not NAME=value") as raised:
        parse_dotenv(f"A=1\n{line}")
    assert "hunter2" not in str(raised.value)


def test_a_missing_file_and_a_folder_of_that_name_assign_nothing(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    assert read_dotenv(tmp_path / ".env") == {}
    assert read_dotenv(tmp_path / "folder") == {}


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path):
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfNAME=x\r\n")
    assert read_dotenv(tmp_path / ".env") == {"NAME": "x"}
