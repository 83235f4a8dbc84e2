from __future__ import annotations

import pyarrow as pa

import assetflow as af


@af.asset
def numbers() -> pa.Table:
    return pa.table({"n": [1, 2], "m": [3, 4], "l": [5, 6]})


def test_columns_may_be_any_sequence() -> None:
    project = af.Project([numbers], store="memory://")
    project.materialize().raise_for_failure()
    for snapshot in (project.snapshot(), af.Project([numbers], store=project.store).snapshot()):
        assert snapshot.load("numbers", columns=["l", "n"]).column_names == ["l", "n"]
        assert snapshot.load("numbers", columns=("m",)).column_names == ["m"]
        assert project.load("numbers", columns=["m"]).column_names == ["m"]
