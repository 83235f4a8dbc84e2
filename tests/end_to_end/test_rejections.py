"""Rejections that a run remembers: told with the version and the verdicts on record, as when they were judged."""

from __future__ import annotations

from pathlib import Path

import pytest
from cells import declared_in

import assetflow as af

TEXT = """
import pyarrow as pa

@af.asset
def raw() -> pa.Table:
    return pa.table({{"n": {numbers}}})

@af.asset(checks=[af.range("n", min=0), af.row_count(min=9, severity="warn")])
def sales(raw: pa.Table) -> pa.Table:
    return raw

@af.check(sales)
def fits(sales: pa.Table, limit: int) -> bool:
    return max(sales["n"].to_pylist()) <= limit

@af.asset
def limit() -> int:
    return {limit}

@af.asset
def other() -> int:
    return {other}
"""


def project(store: str | Path, numbers: str, limit: str = "9", other: str = "1") -> af.Project:
    text = TEXT.format(numbers=numbers, limit=limit, other=other)
    return af.Project(declared_in(text, af=af), store=store)


def told(run: af.Run) -> tuple[str | None, list[tuple[str, bool]]]:
    return run["sales"].version, [(verdict.name, verdict.blocks) for verdict in run["sales"].verdicts]


BAD = [("range(n, min=0)", True), ("row_count(min=9)", False)]


@pytest.mark.parametrize(
    "again",
    [
        {"numbers": "[1, -1]"},  # nothing to do
        {"numbers": "[1, -1]", "other": "2"},  # another asset is built
        {"numbers": "[0 + 1, 0 - 1]"},  # known only when `raw` has been built
    ],
)
def test_a_remembered_rejection_is_told_as_it_was_judged(again: dict[str, str]) -> None:
    first = project("memory://", "[1, -1]")
    judged = told(first.materialize())

    run = project(first.store, **again).materialize()
    assert run["sales"].state == "rejected"
    assert told(run) == judged
    assert judged == (run["sales"].version, BAD)
    assert run.to_dict()["items"][-1].keys() >= {"version", "verdicts"}


def test_what_a_check_says_beside_what_is_published_now_counts() -> None:
    first = project("memory://", "[1, 7]", limit="9")
    good = first.materialize()
    tight = project(first.store, "[1, 7]", limit="5").materialize()
    looser = project(first.store, "[1, 7]", limit="6").materialize()

    remembered = project(first.store, "[1, 7]", limit="2 + 3", other="2").materialize()
    assert (good["sales"].state, tight["sales"].state) == ("built", "rejected")
    assert told(remembered) == told(looser) == told(tight)
    assert ("fits", True) in told(tight)[1]


def test_a_source_that_is_rejected_again_is_told_so(tmp_path: Path) -> None:
    text = """
orders = af.source("orders", place, format="csv", checks=[af.range("n", min=0)])

@af.asset
def other() -> int:
    return {other}
"""
    place = str(tmp_path / "orders.csv")
    Path(place).write_text("n\n-1\n")
    runs = [
        af.Project(
            declared_in(text.format(other=other), af=af, place=place), store=tmp_path / "s"
        ).materialize()
        for other in (1, 1, 2)
    ]
    assert [run.counts for run in runs] == [
        {"built": 1, "rejected": 1},
        {"fresh": 1, "rejected": 1},
        {"built": 1, "rejected": 1},
    ]
    assert {run["orders"].version for run in runs} == {runs[0]["orders"].version}
    assert [verdict.name for run in runs for verdict in run["orders"].verdicts] == ["range(n, min=0)"] * 3
