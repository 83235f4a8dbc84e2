"""`private=True`: no data of an asset lies in a commit, where nothing can be erased."""

from __future__ import annotations

from typing import Any

import pytest
from cells import declared_in

import assetflow as af
from assetflow.model.commit import parse_commit
from assetflow.model.versions import Materialized

TEXT = """
@af.asset{private}
def number() -> int:
    return 471100174

@af.asset{private}
def text() -> str:
    return "Ada 471100174"

@af.asset{private}
def table() -> pa.Table:
    return pa.table({{"name": ["Ada 471100174"]}})

@af.asset{private}
def stream() -> Iterator[pa.RecordBatch]:
    yield pa.RecordBatch.from_pydict({{"name": ["Ada 471100174"]}})
"""


def project(private: str, store: str = "memory://") -> af.Project:
    from collections.abc import Iterator

    import pyarrow as pa

    text = TEXT.format(private=private)
    return af.Project(declared_in(text, af=af, pa=pa, Iterator=Iterator), store=store)


def bodies(project: af.Project) -> list[bytes]:
    return [bytes(body) for _, body in project._workspace.store.log.read_since(0)]


def inline(project: af.Project) -> dict[str, Any]:
    """Return what of each asset lies in a commit."""
    found = {}
    for number, body in enumerate(bodies(project), 1):
        for action in parse_commit(body, number).actions:
            if isinstance(action, Materialized):
                found[action.asset] = getattr(action.manifest, "inline", None)
    return found


@pytest.mark.parametrize("private", ["", "(private=True)"])
def test_what_is_private_lies_in_objects_alone(private: str) -> None:
    shop = project(private)
    assert shop.materialize().status == "succeeded"
    assert {key for key in ("number", "text", "table") if inline(shop)[key] is None} == (
        {"number", "text", "table"} if private else set()
    )
    assert any(b"471100174" in body for body in bodies(shop)) is not bool(private)
    assert (shop.load("number"), shop.load("text")) == (471100174, "Ada 471100174")
    assert shop.load("table")["name"].to_pylist() == ["Ada 471100174"]


def test_becoming_private_runs_nothing() -> None:
    shop = project("")
    shop.materialize()
    assert not project("(private=True)", shop.store).plan()


def test_under_another_name_what_lay_in_a_commit_is_not_put_into_another_one() -> None:
    shop = project("")
    shop.materialize()
    text = '@af.asset(private=True, renamed_from="text")\ndef secret() -> str:\n    return "Ada 471100174"\n'
    secret = af.Project(declared_in(text, af=af), store=shop.store)
    assert secret.materialize()["secret"].state == "built"
    assert inline(secret)["secret"] is None


def test_what_is_the_same_as_something_that_lies_in_a_commit_is_stored_once_more() -> None:
    shop = project("")
    shop.materialize()
    text = "@af.asset(private=True)\ndef secret() -> str:\n    return 'Ada 471100174'\n"
    secret = af.Project(declared_in(text, af=af), store=shop.store)
    secret.materialize()
    assert inline(secret)["secret"] is None
    assert secret.load("secret") == "Ada 471100174"
