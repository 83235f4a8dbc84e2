from __future__ import annotations

from pathlib import Path

import pytest

from assetflow.hashing.answer_file import read_answers, write_answers


def test_answers_hold_for_the_key_that_they_were_kept_under(tmp_path: Path) -> None:
    file = tmp_path / "new" / "answers.json"
    write_answers(file, "now", {"what": ["is", 1]})
    assert read_answers(file, "now") == {"what": ["is", 1]}
    assert read_answers(file, "before") == {}
    write_answers(file, "now", {})
    assert read_answers(file, "now") == {}
    assert [path.name for path in file.parent.iterdir()] == ["answers.json"]


@pytest.mark.parametrize("length", [0, 10, 32, 40])
def test_a_file_that_is_cut_short_or_of_other_bytes_knows_nothing(tmp_path: Path, length: int) -> None:
    file = tmp_path / "answers.json"
    write_answers(file, "now", {"what": "is"})
    whole = file.read_bytes()
    for damaged in (whole[:length], whole[:length] + bytes(100), whole.replace(b"is", b"as")):
        file.write_bytes(damaged)
        assert read_answers(file, "now") == {}


def test_what_can_be_neither_read_nor_written_knows_nothing(tmp_path: Path) -> None:
    file = tmp_path / "no folder" / "answers.json"
    assert read_answers(file, "now") == {}
    file.parent.write_bytes(b"")
    write_answers(file, "now", {"what": "is"})
    assert read_answers(file, "now") == {}
