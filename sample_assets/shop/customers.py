"""The customers: what each of them bought, and what kind of customer that makes."""

from __future__ import annotations

from datetime import date

import pandas as pd
import polars as pl
from pydantic import BaseModel, PositiveInt

import assetflow as af


class Segmentation(BaseModel):
    """What decides a segment; set it in assetflow.toml, or with --config rfm_segments.churn_days=90."""

    as_of: date = date(1998, 6, 30)
    churn_days: PositiveInt = 180


@af.asset(
    inputs={"sales": af.Input("sales", columns=["customer_id", "day", "cds", "amount"])},
    group="retail",
    tags=["daily"],
    owner="crm@shop.example",
    checks=[af.unique("customer_id"), af.not_null("customer_id", "first_day", "last_day")],
)
def customers(sales: pd.DataFrame) -> pd.DataFrame:
    """One row for each customer, in order of number."""
    return sales.groupby("customer_id", as_index=False).agg(
        first_day=("day", "min"),
        last_day=("day", "max"),
        purchases=("day", "size"),
        cds=("cds", "sum"),
        spent=("amount", "sum"),
    )


@af.asset(
    group="reports",
    owner="crm@shop.example",
    checks=[
        af.accepted_values("segment", ["champion", "loyal", "occasional", "lapsed"]),
        af.relationships("customer_id", to=customers),
    ],
)
def rfm_segments(customers: pl.DataFrame, config: Segmentation, context: af.Context) -> pl.DataFrame:
    """Recency, frequency and money of each customer, in fifths (5 is best), and the segment they make."""
    recency, frequency, money = fifth("last_day"), fifth("purchases"), fifth("spent")
    days_away = (pl.lit(config.as_of) - pl.col("last_day")).dt.total_days()
    segment = (
        pl.when(days_away > config.churn_days)
        .then(pl.lit("lapsed"))
        .when((recency >= 4) & (frequency >= 4) & (money >= 4))
        .then(pl.lit("champion"))
        .when(frequency >= 4)
        .then(pl.lit("loyal"))
        .otherwise(pl.lit("occasional"))
    )
    segments = customers.select(
        "customer_id", recency=recency, frequency=frequency, money=money, days_away=days_away, segment=segment
    )
    context.record(lapsed=segments["segment"].eq("lapsed").sum())
    return segments


def fifth(column: str) -> pl.Expr:
    """Say in which fifth of all customers each one is, from 1 to 5; equal customers are in the same."""
    return (pl.col(column).rank("average") / pl.len() * 5).ceil().cast(pl.Int8)
