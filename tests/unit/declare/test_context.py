from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from assetflow.declare.context import MOST_NESTED, Context
from assetflow.errors import DataError


def test_what_is_recorded_is_kept_as_plain_values_and_the_last_of_a_name_stands():
    context = Context("retail/sales")
    context.record(rows=3, note="first")
    context.record(rows=np.int64(4), day=date(2026, 11, 23), share=[0.5, None], by={"eu": (True,)})
    assert dict(context.recorded) == {
        "rows": 4,
        "note": "first",
        "day": "2026-11-23",
        "share": [0.5, None],
        "by": {"eu": [True]},
    }


def test_what_cannot_be_kept_is_refused_by_name():
    with pytest.raises(DataError, match="cannot keep 'model': a object"):
        Context("sales").record(model=object())
    with pytest.raises(DataError, match="cannot keep 'many'"):
        Context("sales").record(many=np.arange(3))


def test_what_is_nested_deeper_than_records_can_be_read_is_refused():
    context = Context("a")
    nested: list[object] = []
    for _ in range(MOST_NESTED):
        nested = [nested]
    context.record(tree=nested)

    around: list[object] = []
    around.append(around)
    for too_deep in ([nested], {"a": nested}, around):
        with pytest.raises(DataError, match="'tree': it is nested more than 50 deep"):
            context.record(tree=too_deep)


def test_the_logger_carries_the_key():
    assert Context("retail/sales").logger.name == "assetflow.asset.retail.sales"
