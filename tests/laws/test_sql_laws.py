"""Laws of SQL assets: what a query is taken to read decides what it gives, whatever upstream's schemas become."""

from __future__ import annotations

from random import Random

import duckdb
import pyarrow as pa
from hypothesis import event, given, settings
from hypothesis import strategies as st
from queries import TABLES, answer, changed, random_query, random_tables

from assetflow.queries.reading import QueryReader, TableRead

READER = QueryReader()
CONNECTION = duckdb.connect(config={"threads": 1})

many = settings(max_examples=settings.default.max_examples * 6)
seeds = st.integers(0, 2**48)


def given_by(query: str, held: dict[str, pa.Table]) -> object:
    """What a query gives in a database that holds these tables."""
    for name in TABLES:
        CONNECTION.execute(f"DROP VIEW IF EXISTS {name}")
    for name, table in held.items():
        CONNECTION.register(f"{name}_held", table)
        CONNECTION.execute(f"CREATE VIEW {name} AS FROM {name}_held")
    return answer(CONNECTION, query)


def seen(table: pa.Table, read: TableRead | None) -> pa.Table | None:
    """What of a table enters the fingerprint: nothing, its columns that are read, or just how many rows there are."""
    if read is None or read.named is None:
        return None if read is None else table
    names = [name for name in table.column_names if name.casefold() in read.named]
    return table.select(names) if names else pa.table({"no column": pa.nulls(len(table))})


@many
@given(seeds)
def test_a_query_gives_the_same_when_it_sees_only_what_it_is_taken_to_read(seed):
    random = Random(seed)
    held = random_tables(random)
    query = random_query(random, held)
    reads = {read.name.casefold(): read for read in READER.read(query)}
    shown = {name: seen(table, reads.get(name)) for name, table in held.items()}

    whole = given_by(query, held)

    event("an error" if isinstance(whole, str) else "rows")
    event(f"{sum(read.named is None for read in reads.values())} of {len(reads)} tables whole")
    assert given_by(query, {name: table for name, table in shown.items() if table is not None}) == whole


@many
@given(seeds)
def test_a_change_upstream_of_what_is_not_read_changes_nothing(seed):
    random = Random(seed)
    held = random_tables(random)
    query = random_query(random, held)
    reads = {read.name.casefold(): read for read in READER.read(query)}
    name = random.choice(TABLES)
    later = {**held, name: changed(random, held[name])}
    skipped = seen(held[name], reads.get(name)) == seen(later[name], reads.get(name))

    event("skipped" if skipped else "made again")
    if skipped:
        assert given_by(query, held) == given_by(query, later)
