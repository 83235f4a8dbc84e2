"""Laws of what a plan reads as it goes: each answer is the one that reading everything at once would give."""

from __future__ import annotations

from typing import Any

from examples import costly
from hypothesis import given
from hypothesis import strategies as st
from test_ledger_laws import FakeStore, logs

from assetflow.ledger.ledger import Ledger
from assetflow.operate.recall import Records, StoredContent

ASSETS = ["a", "b", "retail/c"]
NAMES = ["v1", "v2", "v3", "never"]


orders = st.permutations([(asset, name) for asset in ASSETS for name in NAMES])


@costly
@given(logs(), orders, st.integers(0, 4))
def test_records_are_those_that_reading_all_of_them_gives(log, order, head):
    ledger = ledger_of(log)
    with ledger.session() as session:
        everything = [r for r in session.records(ASSETS) if r.commit <= head]
    told: list[Any] = []
    records = Records(ledger, ASSETS, head, lambda _session, read: told.extend(read))

    for asset, fingerprint in order:
        found = records.of(asset, fingerprint)
        expected = [r for r in everything if (r.asset, r.fingerprint) == (asset, fingerprint)][::-1]
        assert [(r.commit, r.index) for r in found] == [(r.commit, r.index) for r in expected]
        assert {(r.commit, r.index) for r in found} <= {(r.commit, r.index) for r in told}


@costly
@given(logs(), orders, st.lists(st.sampled_from(NAMES)))
def test_what_is_stored_is_what_reading_all_of_it_gives(log, order, likely):
    ledger = ledger_of(log)
    with ledger.session() as session:
        everything = session.stored(ASSETS)
    stored = StoredContent(ledger, ASSETS, likely)

    for _, version in order:
        for format_name in ("parquet", "arrow"):
            assert stored.manifest(version, format_name) == everything.manifest(version, format_name)
            assert stored.part(version, format_name) == everything.part(version, format_name)


def ledger_of(log: list[list[Any]]) -> Ledger:
    store = FakeStore()
    for said in log:
        store.append(*said)
    return Ledger(None, store)
