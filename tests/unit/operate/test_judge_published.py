from __future__ import annotations

import pyarrow as pa
import pytest
from cells import declared_in, run_cell

import assetflow as af

CELL = """
@af.asset
def numbers() -> pa.Table:
    return pa.table({"n": [1, None]})

@af.asset
def limits() -> dict:
    return {"most": 3}

@af.asset(checks=[af.not_null("x")])
def apart() -> pa.Table:
    return pa.table({"x": [1]})
"""

CHECKS = """
@af.check("numbers")
def loud(numbers: pa.Table) -> bool:
    print("from the check")
    raise SystemExit("no")

@af.check("numbers")
def unhandy(numbers: pa.Table, limits: pa.Table) -> bool:
    return True

@af.check("numbers")
def failing(numbers: pa.Table) -> bool:
    return False
"""


@pytest.fixture
def project() -> af.Project:
    assets = declared_in(CELL, af=af, pa=pa)
    project = af.Project(assets, executor="inline")
    project.materialize("numbers limits").raise_for_failure()
    checks = [value for name, value in run_cell(CHECKS, af=af, pa=pa).items() if name in CHECKED]
    later = af.Project([*assets, *checks], executor="inline")
    later._workspace.store = project._workspace.store
    return later


CHECKED = ("loud", "unhandy", "failing")


def test_every_check_says_its_own_whatever_the_others_raise(project: af.Project) -> None:
    report = project.check()
    assert {row.check: row.outcome for row in report.rows} == {
        "loud": "raised",
        "unhandy": "raised",
        "failing": "failed",
    }
    assert report.unpublished == ("apart",)
    assert not report.passed


def test_what_checks_print_goes_to_the_log_of_the_failure(
    project: af.Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.check()
    assert capsys.readouterr().out == ""
    (row,) = project.runs(1)
    (loud,) = (f for f in project.run(row.run).failures if f.action.check == "loud")
    assert loud.action.env == "dev"
    ((_, text), *_) = project.logs(run=row.run)
    assert "from the check" in text
    assert "SystemExit" in text


def test_a_run_of_checks_counts_what_it_judged(project: af.Project) -> None:
    project.check()
    (row,) = project.runs(1)
    assert {state: count for state, count in row.counts.items() if count} == {"checked": 1}
