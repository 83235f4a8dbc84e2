"""What a piece of text means: a number, a day, an amount of money. Text that means nothing is an error."""

from __future__ import annotations

import polars as pl


def to_number(column: str) -> pl.Expr:
    """Read a whole number."""
    return pl.col(column).cast(pl.Int64)


def to_day(column: str) -> pl.Expr:
    """Read a day written as 19970131."""
    return pl.col(column).str.to_date("%Y%m%d")


def to_amount(column: str) -> pl.Expr:
    """Read dollars and cents as a decimal, so that sums are exact to the cent."""
    return pl.col(column).cast(pl.Decimal(10, 2))
