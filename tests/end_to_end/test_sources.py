"""Sources that change at awkward moments: what is recorded is what was read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from cells import declared_in

import assetflow as af
from assetflow.errors import SourceError
from assetflow.execution.events import RunBegan

TEXT = """
import pyarrow as pa

numbers_file = af.source("numbers_file", "numbers.csv"{options})

@af.asset
def total(numbers_file: pa.Table) -> int:
    return sum(numbers_file["n"].to_pylist())
"""


def project(root: Path, options: str = "") -> af.Project:
    return af.Project(declared_in(TEXT.format(options=options), af=af), store=root / "store", root=root)


def write(root: Path, *numbers: int) -> None:
    (root / "numbers.csv").write_text("n\n" + "".join(f"{number}\n" for number in numbers))


@pytest.mark.parametrize("options", ["", ", keep=False", ', identity="content"'])
def test_a_file_overwritten_between_plan_and_read_is_recorded_as_it_was_read(
    tmp_path: Path, options: str
) -> None:
    write(tmp_path, 1, 2)
    first = project(tmp_path, options)

    def overwrite(event: Any) -> None:
        if isinstance(event, RunBegan):
            write(tmp_path, 10, 20)

    run = first.materialize(listener=overwrite)
    assert run.status == "succeeded", [item.message for item in run]
    assert first.load("total") == 30
    overwritten = first.current("numbers_file").data_version
    write(tmp_path, 1, 2)
    assert project(tmp_path, options).materialize().status == "succeeded"
    assert first.load("total") == 3
    assert first.current("numbers_file").data_version != overwritten
    write(tmp_path, 10, 20)
    again = project(tmp_path, options).materialize()
    assert "built" not in again.counts
    assert first.load("total") == 30


def test_a_restored_modification_time_does_not_hide_a_change(tmp_path: Path) -> None:
    write(tmp_path, 1, 2)
    file = tmp_path / "numbers.csv"
    os.utime(file, (1_000_000_000, 1_000_000_000))
    first = project(tmp_path)
    first.materialize()
    write(tmp_path, 3, 4)
    os.utime(file, (1_000_000_000, 1_000_000_000))
    project(tmp_path).materialize()
    assert first.load("total") == 7


def test_by_content_a_rewritten_file_with_the_same_rows_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, 1, 2)
    first = project(tmp_path, ', identity="content"')
    first.materialize()
    (tmp_path / "numbers.csv").write_text('"n"\n"1"\n2\n')
    plan = project(tmp_path, ', identity="content"').plan()
    assert {item.state for item in plan} == {"fresh"}


def test_a_kept_source_is_read_from_its_copy(tmp_path: Path) -> None:
    write(tmp_path, 1, 2)
    first = project(tmp_path)
    first.materialize()
    (tmp_path / "numbers.csv").unlink()
    assert first.load("numbers_file")["n"].to_pylist() == [1, 2]
    run = project(tmp_path).materialize()
    assert run.status == "failed"
    assert "numbers.csv" in run["numbers_file"].message
    assert run["total"].state == "skipped"
    assert first.load("total") == 3


def test_other_reader_options_make_other_data(tmp_path: Path) -> None:
    (tmp_path / "numbers.csv").write_text("n;m\n1;2\n")
    text = TEXT.format(options=', options={"delimiter": ";"}').replace('["n"]', ".column(0)")
    wrong = af.Project(
        declared_in(TEXT.format(options="").replace('["n"]', ".column(0)"), af=af),
        store=tmp_path / "s",
        root=tmp_path,
    )
    assert wrong.materialize().status == "failed"
    right = af.Project(declared_in(text, af=af), store=tmp_path / "s", root=tmp_path)
    assert right.materialize().status == "succeeded"
    assert right.load("numbers_file").column_names == ["n", "m"]
    assert right.load("total") == 1


def test_a_folder_is_read_whole_in_order_of_path(tmp_path: Path) -> None:
    for name, number in (("b", 2), ("a", 1)):
        (tmp_path / "numbers").mkdir(exist_ok=True)
        (tmp_path / "numbers" / f"{name}.csv").write_text(f"n\n{number}\n")
    text = TEXT.replace("numbers.csv", "numbers/*.csv").format(options="")
    first = af.Project(declared_in(text, af=af), store=tmp_path / "s", root=tmp_path)
    assert first.materialize().status == "succeeded"
    assert first.load("numbers_file")["n"].to_pylist() == [1, 2]


def test_a_source_that_cannot_be_read_stops_only_what_is_below_it(tmp_path: Path) -> None:
    text = TEXT.format(options="") + "\n\n@af.asset\ndef apart() -> int:\n    return 1\n"
    lonely = af.Project(declared_in(text, af=af), store=tmp_path / "s", root=tmp_path)
    run = lonely.materialize()
    assert {item.key: item.state for item in run} == {
        "numbers_file": "failed",
        "total": "skipped",
        "apart": "built",
    }
    assert isinstance(run["numbers_file"].error, SourceError)


def test_an_unkept_source_that_changes_while_it_is_used_gives_no_version(tmp_path: Path) -> None:
    write(tmp_path, 1, 2)
    text = TEXT.format(options=", keep=False").replace("    return sum", "    change()\n    return sum")
    changes = [lambda: write(tmp_path, 5, 5)]

    def change() -> None:
        if changes:
            changes.pop()()

    change.__module__ = "noted"
    first = af.Project(declared_in(text, af=af, change=change), store=tmp_path / "s", root=tmp_path)
    run = first.materialize()
    assert run["total"].state == "failed"
    assert "changed while" in run["total"].message
    assert first.materialize().status == "succeeded"
    assert first.load("total") == 10
