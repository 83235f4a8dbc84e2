"""Laws of SQL assets: what a query is taken to read decides what it gives, and it gives the same rows in one order."""

from __future__ import annotations

import math
import tempfile
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
from arrow_columns import LEAVES, Layouts, values
from cells import declared_in
from examples import costly
from hypothesis import event, given, settings
from hypothesis import strategies as st
from queries import TABLES, Held, answer, changed, random_query, random_tables

import assetflow as af
from assetflow.errors import AssetflowError
from assetflow.frames.intake import take
from assetflow.hashing.sql_text import sql_digest, sql_tokens
from assetflow.hashing.tables import canonical_table, hash_table
from assetflow.queries.descent import descent
from assetflow.queries.reading import QueryReader, TableRead
from assetflow.queries.running import run_query
from assetflow.queries.tree import parse
from assetflow.queries.views import QueryInput
from assetflow.storage import artifacts
from assetflow.storage.store import open_store

READER = QueryReader()
CONNECTION = duckdb.connect(config={"threads": 1})

many = settings(max_examples=settings.default.max_examples * 2)
whole_projects = settings(max_examples=8)
seeds = st.integers(0, 2**48)


def given_by(query: str, held: Held) -> Any:
    """What a query gives in a database that holds these tables."""
    for name in TABLES:
        CONNECTION.execute(f"DROP VIEW IF EXISTS {name}")
    for name, table in held.items():
        CONNECTION.register(f"{name}_held", table)
        CONNECTION.execute(f"CREATE VIEW {name} AS FROM {name}_held")
    return answer(CONNECTION, query)


def reads_of(query: str) -> dict[str, TableRead]:
    return {read.name.casefold(): read for read in READER.read(query)}


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
    reads = reads_of(query)
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
    read = reads_of(query)
    name = random.choice(TABLES)
    later = {**held, name: changed(random, held[name])}
    skipped = seen(held[name], read.get(name)) == seen(later[name], read.get(name))

    event("skipped" if skipped else "made again")
    if skipped:
        assert given_by(query, held) == given_by(query, later)


@many
@given(seeds)
def test_a_column_comes_from_columns_that_are_read(seed):
    random = Random(seed)
    held = random_tables(random)
    query = random_query(random, held)
    given = given_by(query, held)
    if isinstance(given, str):
        return
    shown = {name: seen(held[name], read) for name, read in reads_of(query).items()}

    found = descent(parse(CONNECTION, query), {name: held[name].column_names for name in TABLES}, given[0])

    event("told" if found else "not told")
    assert all(column in shown[name].column_names for pairs in found.values() for name, column in pairs)


def project_of(held: Held, query: str, store: str) -> af.Project:
    texts = [
        f"@af.asset\ndef {name}() -> pa.Table:\n    return pa.table({table.to_pydict()!r})\n"
        for name, table in held.items()
    ]
    functions = [declared_in(text, af=af, pa=pa)[0] for text in texts]
    return af.Project([*functions, af.sql("made", query)], store=store, executor="inline")


@whole_projects
@given(seeds)
def test_skipping_publishes_what_making_everything_again_publishes(tmp_path_factory, seed):
    random = Random(seed)
    held = random_tables(random)
    query = random_query(random, held)
    store = str(tmp_path_factory.mktemp("store"))
    project_of(held, query, store).materialize()
    for _ in range(2):
        name = random.choice(TABLES)
        held = {**held, name: changed(random, held[name])}
        skipping = project_of(held, query, store)
        ours = skipping.materialize()
        again = project_of(held, query, str(tmp_path_factory.mktemp("again")))
        theirs = again.materialize()

        failed = {item.key for item in ours.items if item.fails}
        assert failed == {item.key for item in theirs.items if item.fails}
        if not failed:
            event(
                "skipped" if ours.counts.get("fresh", 0) + ours.counts.get("reused", 0) > 1 else "made again"
            )
            assert skipping.current("made").data_version == again.current("made").data_version


def made_of(query: str, inputs: list[QueryInput], **options: Any) -> Any:
    """The data version of what a query gives; the message where it gives none."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        try:
            rows = run_query(query, inputs, scratch=scratch, stack=stack, **options).rows
            return hash_table(take(rows).data).data_version
        except AssetflowError as error:
            return error.message


UNKNOWN_TO_DUCKDB = {pa.null(), pa.float16(), pa.decimal128(38, -3), pa.decimal256(60, 10), pa.binary(0)}
KINDS = (
    *(
        kind
        for kind in LEAVES
        if kind not in UNKNOWN_TO_DUCKDB and not isinstance(kind, pa.BaseExtensionType)
    ),
    *(pa.list_(pa.string()), pa.list_(pa.int16(), 2), pa.map_(pa.string(), pa.date32())),
    pa.struct([("a", pa.timestamp("s")), ("b", pa.list_(pa.uint8()))]),
)


def _cells(kind: pa.DataType) -> st.SearchStrategy[Any]:
    """What a column holds: of coarse times those alone that DuckDB can count in microseconds, as it does in Parquet."""
    if not pa.types.is_timestamp(kind) or kind.unit not in ("s", "ms"):
        return values(kind)
    most = 2**63 // 10**6
    return values(kind).filter(
        lambda cell: cell is None or abs(int.from_bytes(cell, "little", signed=True)) < most
    )


@st.composite
def columns_for_duckdb(draw: st.DrawFn) -> tuple[list[str], list[pa.DataType], list[list[Any]]]:
    rows = draw(st.integers(0, 4))
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4))
    drawn = [draw(st.lists(_cells(kind), min_size=rows, max_size=rows)) for kind in kinds]
    return ["c", "C", "c_1", "d"][: len(kinds)], kinds, drawn


@costly
@given(columns_for_duckdb(), seeds, st.sampled_from(["parquet", "arrow"]))
def test_a_query_gives_the_same_over_stored_parts_as_over_a_table_in_memory(
    tmp_path_factory, drawn, seed, wanted
):
    names, kinds, logical = drawn
    columns = [Layouts(seed).chunked(kind, one) for kind, one in zip(kinds, logical, strict=True)]
    content = take(pa.table(columns, names=names), format=wanted)
    objects = open_store(tmp_path_factory.mktemp("store"), durable=False).objects
    manifest = artifacts.write(content, objects, allow_inline=False).manifest
    table, rows = content.data, len(content.data)
    for name in names:
        query = f'SELECT "{name}", count(*) AS n FROM t GROUP BY ALL'
        stored = artifacts.read(manifest, objects, columns=[name], lazily=True)

        made = made_of(query, [QueryInput("t", table.select([name]), rows)])
        event("rows" if len(made) == 32 else f"{table.schema.field(name).type}: {made[:40]}")
        assert made_of(query, [QueryInput("t", stored.data, rows)]) == made


numbers = st.sampled_from([0.0, -0.0, 1.5, math.nan, -math.inf, None])
spans = st.sampled_from([None, (0, 30, 0), (1, 0, 0), (0, 0, 5)])
rows_that_tie = st.lists(
    st.tuples(numbers, st.sampled_from(["a", "A", "ä", None]), spans, st.lists(numbers, max_size=1)),
    max_size=8,
)
ORDERS = (
    "SELECT * FROM t",
    "SELECT * FROM t ORDER BY s DESC NULLS FIRST",
    "SELECT x, l, d FROM t ORDER BY x DESC, 2",
    "(SELECT x, s FROM t ORDER BY ALL) LIMIT 3",
    "SELECT x, d FROM t LIMIT 4 OFFSET 1",
    "WITH q AS (SELECT * FROM t) SELECT s COLLATE NOCASE AS s, x FROM q ORDER BY x LIMIT 3;",
    "SELECT s, list(x ORDER BY signbit(x), x) AS xs FROM t GROUP BY s -- by s",
)


def as_table(rows: list[tuple[Any, ...]]) -> pa.Table:
    spans = [None if row[2] is None else pa.MonthDayNano(row[2]) for row in rows]
    return canonical_table(
        pa.table(
            {
                "x": pa.array([row[0] for row in rows], pa.float64()),
                "s": pa.array([row[1] for row in rows], pa.string()),
                "d": pa.array(spans, pa.month_day_nano_interval()),
                "l": pa.array([row[3] for row in rows], pa.list_(pa.float64())),
            }
        )
    )


@costly
@given(rows_that_tie, st.randoms(use_true_random=False), st.sampled_from(ORDERS))
def test_rows_come_in_one_order_whatever_order_they_are_read_in(rows, random, query):
    shuffled = random.sample(rows, len(rows))

    made = made_of(query, [QueryInput("t", as_table(rows), len(rows))])
    assert len(made) == 32, made
    assert made_of(query, [QueryInput("t", as_table(shuffled), len(rows))]) == made


@given(rows_that_tie, st.permutations(["x", "s", "d", "l"]), st.integers(0, 4))
def test_sort_by_orders_rows_as_it_does_for_assets_in_python(rows, names, count):
    # the intervals and lists of a table in Python are ordered by their hashes, those of a query by their values
    names = [name for name in names if name in ("x", "s")][:count]
    table = as_table(rows).select(["x", "s"])

    made = made_of("SELECT x, s FROM t", [QueryInput("t", table, len(rows))], sort_by=names)
    assert made == hash_table(take(table, sort_by=names or ["x", "s"]).data).data_version


GAPS = (" ", "\n", "\t ", " -- a comment; ' \n", ' /* more " */ ')


@given(seeds)
def test_layout_comments_and_the_case_of_keywords_are_no_part_of_a_querys_code(seed):
    random = Random(seed)
    query = random_query(random, random_tables(random))
    written = []
    for token in sql_tokens(query):
        keyword = token.word in (
            "select",
            "from",
            "where",
            "join",
            "union",
            "all",
            "natural",
            "lateral",
            "using",
        )
        written.append(token.text.lower() if keyword and random.random() < 0.5 else token.text)
    loose = "".join(f"{text}{random.choice(GAPS)}" for text in written)

    assert READER.read(loose)
    assert sql_digest(loose) == sql_digest(query)


@given(seeds)
def test_two_queries_with_one_code_version_give_the_same(seed):
    random = Random(seed)
    held = random_tables(random)
    query = random_query(random, held)
    tokens = list(sql_tokens(query))
    number = random.randrange(len(tokens))
    other = "".join(
        (token.text.swapcase() if at == number else token.text) + " " for at, token in enumerate(tokens)
    )
    if sql_digest(other) == sql_digest(query):
        event("the same")
        assert given_by(other, held) == given_by(query, held)
