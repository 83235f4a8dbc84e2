"""What becomes of a version whose checks raise: judged in projects in memory, as runs and ``check`` judge."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest
from cells import declared_in
from noted import NOTES, note

import assetflow as af
from assetflow.frames.parted import PartedTable

CELL = """
@af.asset
def limits() -> dict:
    return {"most": 3}

@af.asset(checks=[af.not_null("n")])
def numbers() -> pa.Table:
    note("numbers")
    return pa.table({"n": [1, None]})

@af.check(numbers)
def raising(numbers: pa.Table) -> bool:
    raise kind("no")

@af.check(numbers)
def unhandy(numbers: pa.Table, limits: pa.Table) -> bool:
    return True

@af.check(numbers)
def failing(numbers: pa.Table) -> bool:
    note("failing")
    return False
"""


@pytest.fixture(params=[ValueError, SystemExit, BaseException])
def project(request: pytest.FixtureRequest) -> af.Project:
    NOTES.clear()
    return af.Project(declared_in(CELL, af=af, pa=pa, note=note, kind=request.param), executor="inline")


def test_checks_after_one_that_raises_are_asked_too(project: af.Project) -> None:
    run = project.materialize()
    assert run["numbers"].state == "failed"
    assert NOTES == ["numbers", "failing"]
    for name in ("raising", "unhandy", "failing", "not_null"):
        assert name in run["numbers"].message


def test_a_version_whose_check_raised_is_on_record_but_not_published(project: af.Project) -> None:
    run = project.materialize()
    assert "numbers" in {entry.key for entry in project.recorded() if entry.version is None}
    (limits,) = (entry for entry in project.recorded() if entry.key == "limits")
    assert limits.version is not None
    assert {failure.action.env for failure in project.run(run.id).failures} == {"dev"}
    NOTES.clear()
    project.materialize()
    assert NOTES == []  # neither the function nor the check that gave a verdict runs again


def test_every_check_that_raised_is_named(project: af.Project) -> None:
    run = project.materialize()
    failures = project.run(run.id).failures
    assert {failure.action.check for failure in failures} == {"raising", "unhandy"}


LARGE = """
@af.asset
def ids() -> pa.Table:
    return pa.table({"n": range(20_000)})

@af.asset(
    checks=[
        af.unique("n"),
        af.range("n", max=19_998, severity="warn"),
        af.relationships("n", "ids"),
        af.row_count(min=1),
    ]
)
def numbers(ids: pa.Table) -> pa.Table:
    return pa.table({"n": range(20_000)})

@af.check(numbers)
def streaming(numbers: pa.RecordBatchReader, ids: Iterator[pa.Table]) -> bool:
    note([sum(map(len, numbers)), sum(map(len, ids))])
    return True
"""
WHOLE = (
    LARGE
    + """
@af.check(numbers)
def whole(numbers: pa.Table) -> bool:
    return numbers.num_rows == 20_000
"""
)


def test_what_is_stored_in_parts_is_judged_in_parts(tmp_path, monkeypatch):
    names = {"af": af, "pa": pa, "note": note, "Iterator": Iterator}
    store = str(tmp_path / "store")
    af.Project(declared_in(LARGE, **names), store=store).materialize()
    project = af.Project(declared_in(WHOLE, **names), store=store)
    monkeypatch.setattr("assetflow.execution.loading.MOST_READ_WHOLE", 0)
    reads = []
    read = PartedTable.read
    monkeypatch.setattr(PartedTable, "read", lambda table: reads.append(table.column_names) or read(table))
    NOTES.clear()

    rows = {row.check: row for row in project.check(again=True).rows}

    assert reads == [["n"]]  # by the check that asks for a pa.Table
    assert NOTES == [[20_000, 20_000]]
    assert {name: row.passed for name, row in rows.items()} == {
        "unique(n)": True,
        "range(n, max=19998)": False,
        "relationships(n, ids.n)": True,
        "row_count(min=1)": True,
        "streaming": True,
        "whole": True,
    }
    assert rows["range(n, max=19998)"].message == "1 of 20,000 rows: n is above 19998"
