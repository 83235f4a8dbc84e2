"""What is done to a purchase before anyone counts on it."""

from __future__ import annotations

import polars as pl

from shop.text import to_amount, to_day, to_number

# What makes a purchase; rows that are alike in all of it are copies of each other.
PURCHASE = ("customer_id", "day", "cds", "amount")


def clean(purchases: pl.DataFrame) -> pl.DataFrame:
    """Give every purchase its types, and flag what is odd. No row is dropped, so all sums hold."""
    typed = purchases.select(
        customer_id=to_number("customer_id"),
        day=to_day("day"),
        cds=to_number("cds"),
        amount=to_amount("dollars"),
    )
    return typed.with_columns(is_free=pl.col("amount") == 0, copy=number_of_copy())


def number_of_copy() -> pl.Expr:
    """Number the rows that are copies of each other: 1 for the first, 2 for the second, ..."""
    return pl.int_range(1, pl.len() + 1).over(*PURCHASE)
