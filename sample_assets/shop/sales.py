"""The sales: every purchase with its types, checked before anyone sees it."""

from __future__ import annotations

import polars as pl
from pandera.polars import Check, Column, DataFrameSchema

import assetflow as af
from shop.cleaning import PURCHASE, clean

contract = DataFrameSchema(
    {
        "customer_id": Column(pl.Int64, Check.gt(0)),
        "day": Column(pl.Date),
        "cds": Column(pl.Int64, Check.ge(1)),
        # A negative amount is a mistake: it blocks. A free purchase is odd but real (80 are known): it warns.
        "amount": Column(
            pl.Decimal(10, 2),
            [Check.ge(0, error="negative"), Check.gt(0, raise_warning=True, error="free of charge")],
        ),
        "is_free": Column(pl.Boolean),
        "copy": Column(pl.Int64, Check.ge(1)),
    },
    name="contract",
)


@af.asset(
    group="retail",
    tags=["daily"],
    owner="sales@shop.example",
    checks=[contract, af.range("day", min="1997-01-01", max="1998-06-30")],
)
def sales(purchases: pl.DataFrame) -> pl.DataFrame:
    """Every purchase, typed; free ones are flagged, and rows that are alike are numbered."""
    return clean(purchases)


@af.check(sales, warn_if=">0", error_if=">1000")
def no_repeated_rows(sales: pl.DataFrame) -> pl.Series:
    """Warn of purchases that look entered twice (470 rows are known); block a file that was loaded twice."""
    return ~sales.select(PURCHASE).is_duplicated()
