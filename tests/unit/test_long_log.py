"""The logs that benchmarks run on are logs as runs write them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from assetflow.ledger.ledger import Ledger
from assetflow.storage.store import open_store

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def make_log(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from long_log import make_log

    yield make_log
    sys.modules.pop("long_log")


def test_a_new_store_gets_as_many_materializations_as_were_asked_for(make_log, tmp_path):
    last = make_log(tmp_path, 3, 4, actions_per_commit=5)

    with Ledger(None, open_store(tmp_path)).session() as session:
        assert session.head.number == last
        records = session.records()
        assert len({record.version for record in records}) == len(records) == 12
        assert len(session.pointers("dev")) == 3
        assert len(session._ask("FROM assetflow.runs", ())) == 5


def test_what_was_published_before_is_published_again(make_log, tmp_path):
    make_log(tmp_path, 3, 1)
    ledger = Ledger(None, open_store(tmp_path))
    with ledger.session() as session:
        before = {key: pointer.version for key, pointer in session.pointers("dev").items()}

    make_log(tmp_path, 3, 2)

    with ledger.session() as session:
        assert {key: pointer.version for key, pointer in session.pointers("dev").items()} == before
        assert len(session.records()) == 9
