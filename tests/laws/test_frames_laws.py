"""Laws of taking, storing and handing out: one content in every form, and after every trip."""

from __future__ import annotations

import csv
import io
import math
import random

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from arrow_columns import Layouts, columns, tables, values
from examples import identity
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from assetflow.frames.codecs import decode, encode, inline_text
from assetflow.frames.content import Content, identify
from assetflow.frames.forms import form_named
from assetflow.frames.hand_out import hand_out
from assetflow.frames.intake import take
from assetflow.frames.ordering import sort_rows
from assetflow.frames.readers import read_table
from assetflow.frames.table_codec import schema_to_text
from assetflow.hashing.boundaries import Limits
from assetflow.hashing.tables import canonical_table, hash_table
from assetflow.model.manifest import Manifest, Part

SEEDS = st.integers(0, 2**32)
LIMITS = st.builds(Limits, st.integers(0, 60), st.integers(1, 60), st.integers(1, 4), st.integers(1, 200))

# What pandas, polars, DuckDB and Arrow all have; floats without null and NaN, which are one to pandas.
SHARED = (
    *(pa.int8(), pa.int64(), pa.uint16(), pa.uint64(), pa.bool_(), pa.string(), pa.binary()),
    *(pa.date32(), pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.decimal128(18, 3)),
    *(pa.list_(pa.int32()), pa.struct([("f0", pa.string()), ("f1", pa.int64())])),
)


def stored(content: Content, **limits: Limits) -> tuple[Manifest, dict[str, bytes]]:
    """Lay a content down in parts, as the store does."""
    encoded = list(encode(content, **limits))
    objects = {str(number): bytes(part.data) for number, part in enumerate(encoded)}
    parts = tuple(
        Part(object=str(number), bytes=len(objects[str(number)]), version=p.version, rows=p.rows, path=p.path)
        for number, p in enumerate(encoded)
    )
    return manifest_of(content, parts=parts), objects


def manifest_of(content: Content, **where: object) -> Manifest:
    schema = schema_to_text(content.data.schema) if content.kind == "table" else None
    return Manifest(kind=content.kind, format=content.format, bytes=0, schema_ipc=schema, **where)


def loaded(content: Content, **limits: Limits) -> Content:
    manifest, objects = stored(content, **limits)
    return decode(manifest, lambda part: objects[part.object])


def table_of(names, kinds, logical, seed) -> pa.Table:
    layouts = Layouts(seed)
    chunked = [layouts.chunked(kind, column) for kind, column in zip(kinds, logical, strict=True)]
    return pa.table(chunked, names=names)


def row_versions(table: pa.Table) -> list[str]:
    return sorted(hash_table(table.slice(row, 1)).data_version for row in range(len(table)))


@st.composite
def shared_tables(draw) -> pa.Table:
    rows = draw(st.integers(0, 5))
    kinds = draw(st.lists(st.sampled_from(SHARED), min_size=1, max_size=4))
    logical = [draw(st.lists(_plausible(kind), min_size=rows, max_size=rows)) for kind in kinds]
    whole = table_of([f"c{i}" for i in range(len(kinds))], kinds, logical, draw(SEEDS))
    floats = draw(st.lists(st.floats(allow_nan=False), min_size=rows, max_size=rows))
    return whole.append_column("float", pa.array(floats, pa.float64()))


def _plausible(kind: pa.DataType) -> st.SearchStrategy:
    """Leave out the instants and days that are infinite to DuckDB, or no year to anyone."""
    if pa.types.is_timestamp(kind) or pa.types.is_date32(kind):
        width = kind.bit_width // 8
        return st.none() | st.integers(-(10**4), 10**4).map(
            lambda n: n.to_bytes(width, "little", signed=True)
        )
    return values(kind)


@given(columns(levels=3), SEEDS)
def test_every_type_three_levels_deep_survives_store_and_load_with_its_hash(column, seed):
    kind, logical = column
    content = take(table_of(["x"], [kind], [logical], seed))
    back = loaded(content)

    assert back.data.schema.equals(content.data.schema, check_metadata=True)
    assert hash_table(back.data) == hash_table(content.data)
    back.data.validate(full=True)


@pytest.mark.parametrize(
    "kind", [pa.timestamp("s"), pa.timestamp("s", "UTC"), pa.date64(), pa.time32("s")], ids=str
)
@given(data=st.data())
def test_values_that_parquet_would_change_survive_too(kind, data):
    width = kind.bit_width
    numbers = st.integers(-(2 ** (width - 1)), 2 ** (width - 1) - 1)
    column = pa.array(
        data.draw(st.lists(st.none() | numbers, max_size=4)), pa.int64() if width == 64 else pa.int32()
    )
    nested = pa.array([[value] for value in column.to_pylist()], pa.list_(column.type))
    content = take(pa.table({"plain": column.view(kind), "nested": nested.view(pa.list_(kind))}))

    assert hash_table(loaded(content).data) == hash_table(content.data)


@given(tables(), SEEDS, LIMITS)
def test_parts_of_any_size_make_the_same_table_and_bear_their_own_versions(drawn, seed, limits):
    content = take(table_of(*drawn, seed))
    manifest, objects = stored(content, limits=limits)
    back = decode(manifest, lambda part: objects[part.object])

    assert hash_table(back.data) == hash_table(content.data)
    start = 0
    for part in manifest.parts:
        assert part.rows <= limits.most_rows
        assert part.version == hash_table(content.data.slice(start, part.rows)).data_version
        start += part.rows
    assert start == len(content.data)


@given(tables(), SEEDS, st.data())
def test_some_columns_are_loaded_as_if_they_were_chosen_afterwards(drawn, seed, data):
    content = take(table_of(*drawn, seed))
    chosen = data.draw(
        st.permutations(drawn[0]).flatmap(lambda names: st.integers(1, len(names)).map(lambda n: names[:n]))
    )
    manifest, objects = stored(content)
    inline = manifest_of(content, inline=inline_text(content))

    for kept in (manifest, inline):
        some = decode(kept, lambda part: objects[part.object], columns=chosen)
        assert hash_table(some.data) == hash_table(content.data.select(chosen))


@given(tables(), SEEDS)
def test_a_table_survives_a_commit(drawn, seed):
    content = take(table_of(*drawn, seed))
    text = inline_text(content)

    back = decode(manifest_of(content, inline=text), lambda _: pytest.fail("read a part"))
    assert back.data.schema.equals(content.data.schema, check_metadata=True)
    assert hash_table(back.data) == hash_table(content.data)


@identity
@given(shared_tables())
def test_pandas_polars_duckdb_and_arrow_give_one_data_version(table):
    content = take(table)
    versions = {
        form: identify(take(hand_out(content, form_named(form)))).columns
        for form in ("arrow", "arrow-reader", "arrow-dataset", "pandas", "polars", "polars-lazy", "duckdb")
    }

    assert versions == dict.fromkeys(versions, identify(content).columns)


@given(tables(), SEEDS, st.randoms(use_true_random=False), st.data())
def test_sorted_rows_do_not_depend_on_the_order_they_came_in(drawn, seed, order, data):
    table = canonical_table(table_of(*drawn, seed))
    sort_by = data.draw(st.lists(st.sampled_from(drawn[0]), unique=True))
    shuffled = list(range(len(table)))
    order.shuffle(shuffled)
    other = table.take(pa.array(shuffled, pa.int64()))

    in_order = sort_rows(table, sort_by)
    assert hash_table(sort_rows(other, sort_by)) == hash_table(in_order)
    assert row_versions(in_order) == row_versions(table)


@given(
    st.lists(
        st.tuples(st.none() | st.floats(), st.none() | st.text(max_size=2), st.none() | st.booleans()),
        max_size=8,
    )
)
def test_the_order_of_rows_is_the_documented_one(rows):
    kinds = {"f": pa.float64(), "s": pa.string(), "b": pa.bool_()}
    table = canonical_table(
        pa.table({n: pa.array([row[i] for row in rows], t) for i, (n, t) in enumerate(kinds.items())})
    )

    def place(row):
        number, text, flag = row["f"], row["s"], row["b"]
        nan = number is not None and math.isnan(number)
        return (
            text is None, (text or "").encode(),
            number is None, nan, 0 if nan or number is None else number,
            0 if nan or number is None else math.copysign(1, number),
            flag is None, bool(flag),
        )  # fmt: skip

    expected = sorted(table.to_pylist(), key=place)
    assert repr(sort_rows(table, ["s"]).to_pylist()) == repr(expected)


@given(
    arrays.arrays(
        st.one_of(arrays.scalar_dtypes(), arrays.array_dtypes(max_size=2)),
        arrays.array_shapes(min_dims=0, min_side=0, max_side=3),
    )
)
def test_an_array_survives_store_and_load_and_nobody_can_write_to_it(array):
    if array.dtype.char in "gG":
        array = array.astype("c16" if array.dtype.kind == "c" else "f8")
    content = take(array)
    handed = hand_out(loaded(content))

    assert identify(take(handed)) == identify(content)
    assert handed.dtype == array.dtype.newbyteorder("<")
    assert handed.shape == array.shape
    with pytest.raises(ValueError):
        handed.flags.writeable = True


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.tuples(inner)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.text(max_size=3), JSON_LIKE, max_size=3))
def test_a_value_survives_store_and_load_and_each_consumer_has_its_own(value):
    content = take(value)
    handed = hand_out(loaded(content))

    assert repr(handed) == repr(hand_out(content))
    assert identify(take(handed)) == identify(content)
    handed["changed"] = True
    assert identify(take(hand_out(content))) == identify(content)


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=5)


@given(st.lists(st.lists(TEXT, min_size=2, max_size=2), max_size=5), st.sampled_from([",", ";", "\t", "|"]))
def test_quoted_text_of_any_kind_is_read_from_csv_as_it_was_written(rows, delimiter):
    sink = io.StringIO()
    csv.writer(sink, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
        [["a", "b"], *rows]
    )
    data = sink.getvalue().encode()
    schema = pa.schema([("a", pa.string()), ("b", pa.string())])

    table = read_table("csv", [("x.csv", lambda: io.BytesIO(data))], schema, {"delimiter": delimiter})
    assert [list(row.values()) for row in table.to_pylist()] == rows


@given(
    st.lists(
        st.tuples(
            st.integers(-(2**63), 2**63 - 1), st.floats(allow_infinity=False, allow_nan=False), st.dates()
        ),
        min_size=1,
        max_size=5,
    ),
    SEEDS,
)
def test_types_guessed_from_csv_do_not_depend_on_how_rows_are_spread_over_files(rows, seed):
    lines = [f"{i},{f!r},{d.isoformat()}\n" for i, f, d in rows]
    cut = random.Random(seed).randrange(len(lines) + 1)
    files = [("a.csv", "i,f,d\n" + "".join(lines[:cut])), ("b.csv", "i,f,d\n" + "".join(lines[cut:]))]
    whole = [("a.csv", "i,f,d\n" + "".join(lines))]

    first, second = (
        read_table("csv", [(p, lambda t=t: io.BytesIO(t.encode())) for p, t in some])
        for some in (files, whole)
    )
    assert hash_table(first) == hash_table(second)
    assert first.schema.types == [pa.int64(), pa.float64(), pa.date32()]
    assert [tuple(row.values()) for row in first.to_pylist()] == rows


def test_equal_frames_made_by_hand_in_every_library_have_one_data_version():
    data = {"name": ["a", None], "count": [1, 2], "share": [0.5, -0.0], "good": [True, False]}
    query = "select * from (values ('a', 1::bigint, 0.5::double, true), (null, 2, '-0.0', false)) t"
    frames = [
        pa.table(data),
        pd.DataFrame(data),
        pl.DataFrame(data),
        pl.LazyFrame(data),
        duckdb.sql(query + "(name, count, share, good)"),
    ]

    assert len({identify(take(frame)).data_version for frame in frames}) == 1
