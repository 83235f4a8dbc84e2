from __future__ import annotations

from collections.abc import Collection

import pytest
from cells import declared_in

import assetflow as af
from assetflow.ledger.session import Session

CELL = """
@af.asset
def a() -> int:
    return 1

@af.asset
def b(a: int) -> int:
    return a + 1

@af.asset
def c(a: int, b: int) -> int:
    return a + b
"""


def test_each_layer_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    project = af.Project(declared_in(CELL, af=af))
    project.materialize().raise_for_failure()
    asked: list[int] = []
    versions = Session.versions

    def counted(session: Session, ids: Collection[str]) -> object:
        asked.append(len(ids))
        return versions(session, ids)

    monkeypatch.setattr(Session, "versions", counted)
    nodes = project.provenance("c").nodes
    assert [node.key for node in nodes] == ["c", "a", "b"] or [node.key for node in nodes] == ["c", "b", "a"]
    assert asked == [1, 1, 2]  # the published version, then layer by layer; b reads nothing that is new
