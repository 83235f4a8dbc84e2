"""The figures that are read on Monday."""

from __future__ import annotations

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from matplotlib.figure import Figure

import assetflow as af


@af.asset(
    inputs={"sales": af.Input("sales", columns=["customer_id", "day", "amount"])},
    group="reports",
    tags=["daily"],
    owner="finance@shop.example",
    checks=[af.unique("month"), af.range("revenue", min=0)],
)
def monthly_revenue(sales: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Purchases, buying customers and revenue of each month; exact to the cent."""
    months = sales.aggregate(
        """
        date_trunc('month', day)::date as month,
        count(*) as purchases,
        count(distinct customer_id) as customers,
        sum(amount)::decimal(12, 2) as revenue
        """,
        "month",
    )
    return months.order("month")


@af.asset(
    inputs={"sales": af.Input("sales", columns=["customer_id", "day"])},
    group="reports",
    owner="crm@shop.example",
    checks=[af.unique("cohort", "month"), af.range("share", min=0, max=1)],
)
def cohort_retention(sales: pl.LazyFrame) -> pl.LazyFrame:
    """Customers by month of first purchase: how many of them, and what share, bought in each month."""
    return (
        sales.select("customer_id", month=pl.col("day").dt.truncate("1mo"))
        .with_columns(cohort=pl.col("month").min().over("customer_id"))
        .group_by("cohort", "month")
        .agg(customers=pl.col("customer_id").n_unique())
        .sort("cohort", "month")
        .with_columns(share=pl.col("customers") / pl.col("customers").first().over("cohort"))
    )


@af.asset(
    inputs={"customers": af.Input("customers", columns=["purchases"])},
    group="reports",
    owner="crm@shop.example",
)
def repeat_rate(customers: pa.Table) -> float:
    """The share of customers who came back at least once."""
    return pc.mean(pc.greater(customers["purchases"], 1)).as_py()


@af.asset(group="reports", tags=["daily"], owner="finance@shop.example")
def revenue_chart(monthly_revenue: pd.DataFrame) -> Figure:
    """Revenue by month, in thousands of dollars."""
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    axes.bar(monthly_revenue["month"].astype(str).str[:7], monthly_revenue["revenue"].astype(float) / 1_000)
    axes.set(title="CDNOW: revenue by month", ylabel="thousand dollars")
    axes.tick_params(axis="x", rotation=60)
    return figure
