"""What a plan asks of the past: of its own assets and of what those read, as of one commit."""

from __future__ import annotations

import pyarrow as pa
import pytest
from cells import declared_in

import assetflow as af
from assetflow.ledger.ledger import Ledger
from assetflow.operate.past import Past
from assetflow.storage import artifacts

CELL = """
@af.asset
def sales() -> pa.Table:
    return pa.table({"day": [1], "amount": [AMOUNT]})

@af.asset
def limits() -> int:
    return AMOUNT

@af.asset
def report(sales: pa.Table) -> int:
    return sales.num_rows

@af.check(report)
def within(report: int, limits: int) -> bool:
    return True
"""


def project(amount: int, beside: af.Project | None = None) -> af.Project:
    made = af.Project(declared_in(CELL, af=af, pa=pa, AMOUNT=amount), executor="inline")
    if beside is not None:
        made._workspace.store = beside._workspace.store
    return made


@pytest.fixture
def twice() -> af.Project:
    """Two versions of everything; the second is published."""
    first = project(1)
    first.materialize().raise_for_failure()
    second = project(2, beside=first)
    second.materialize().raise_for_failure()
    return second


def test_versions_of_what_is_read_are_known_too(twice: af.Project) -> None:
    past = Past(twice._workspace, ["report"])
    for key in ("sales", "limits"):
        assert {past.version(key, old.version) is None for old in twice.history(key)} == {False}


def test_a_reason_names_the_columns_of_an_input_that_is_not_selected(twice: af.Project) -> None:
    third = project(3, beside=twice)
    third.materialize("sales").raise_for_failure()
    (item,) = third.plan("report")
    assert item.reasons == ("sales changed in column amount",)


def test_what_is_recorded_later_is_not_seen(twice: af.Project) -> None:
    past = Past(twice._workspace, ["sales"])
    third = project(3, beside=twice)
    third.materialize("sales").raise_for_failure()
    assert past.version("sales", third.current("sales").version) is None
    assert past.version("sales", twice.history("sales")[-1].version) is not None


def test_what_many_assets_ask_of_the_past_takes_few_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    def many(amount: int, beside: af.Project | None = None) -> af.Project:
        cells = [f"@af.asset\ndef a{i}() -> int:\n    return AMOUNT + {i}" for i in range(30)]
        made = af.Project(declared_in("\n\n".join(cells), af=af, AMOUNT=amount), executor="inline")
        if beside is not None:
            made._workspace.store = beside._workspace.store
        made.materialize().raise_for_failure()
        return made

    first = many(1)
    many(2, beside=first)
    opened: list[object] = []
    session = Ledger.session
    monkeypatch.setattr(Ledger, "session", lambda ledger: opened.append(ledger) or session(ledger))

    undone = first.plan()

    assert {item.state for item in undone} == {"reuse"}
    assert (
        len(opened) <= 4
    )  # what is published; which fingerprints there are; the first asked for, and all others


def test_a_list_of_parts_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
@af.asset
def wide() -> pa.Table:
    return pa.table({f"column {i}": [str(j) * 50 for j in range(200)] for i in range(200)})
"""
    made = af.Project(declared_in(text, af=af, pa=pa))
    made.materialize().raise_for_failure()
    resolved: list[object] = []
    resolve = artifacts.resolve

    def counted(manifest: object, objects: object) -> object:
        resolved.append(manifest)
        return resolve(manifest, objects)  # type: ignore[arg-type]

    monkeypatch.setattr(artifacts, "resolve", counted)
    past = Past(made._workspace, ["wide"])
    published = past.published["wide"]
    assert past.unsound([published]) == frozenset()
    assert past.known_artifact(published.data_version, "parquet") is not None
    assert len(resolved) == 1
