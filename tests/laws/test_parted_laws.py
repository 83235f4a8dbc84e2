"""Laws of tables in parts: every form that reads part by part gives what it would give of the table in memory."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from arrow_columns import Layouts, tables, values
from examples import costly
from hypothesis import given
from hypothesis import strategies as st

from assetflow.errors import DataError
from assetflow.frames.codecs import decode, encode
from assetflow.frames.content import Content
from assetflow.frames.forms import Form, form_named
from assetflow.frames.hand_out import hand_out
from assetflow.frames.intake import take
from assetflow.frames.pieces import whole_table
from assetflow.frames.table_codec import schema_to_text
from assetflow.hashing.boundaries import Limits
from assetflow.hashing.tables import canonical_table, hash_table
from assetflow.model.manifest import Manifest, Part

SEEDS = st.integers(0, 2**32)
LIMITS = st.builds(Limits, st.integers(0, 60), st.integers(1, 60), st.integers(1, 4), st.integers(1, 200))


def parted(content: Content, folder: Path, limits: Limits, *, local: bool = True) -> Content:
    """Lay a table down in files, and return it as one that is read part by part."""
    parts = []
    for number, part in enumerate(encode(content, limits=limits)):
        name = f"{number}.{part.suffix}"
        (folder / name).write_bytes(part.data)
        parts.append(Part(object=name, bytes=0, version=part.version, rows=part.rows))
    manifest = Manifest(
        kind="table",
        format=content.format,
        bytes=0,
        parts=tuple(parts),
        schema_ipc=schema_to_text(content.data.schema),
    )
    return decode(
        manifest,
        lambda part: (folder / part.object).read_bytes(),
        find=lambda part: folder / part.object if local else None,
        lazily=True,
    )


def table_of(names, kinds, logical, seed) -> pa.Table:
    layouts = Layouts(seed)
    chunked = [layouts.chunked(kind, column) for kind, column in zip(kinds, logical, strict=True)]
    return pa.table(chunked, names=names)


# What polars and DuckDB both take in and give back; of instants and days those that are years to everyone.
PLAIN = (
    *(pa.null(), pa.bool_(), pa.int8(), pa.int64(), pa.uint16(), pa.uint64(), pa.float32(), pa.float64()),
    *(pa.string(), pa.binary(), pa.date32(), pa.date64(), pa.time64("us"), pa.decimal128(18, 3)),
    *(
        pa.timestamp("s"),
        pa.timestamp("ms"),
        pa.timestamp("us"),
        pa.timestamp("ns"),
        pa.timestamp("us", "UTC"),
    ),
    *(pa.list_(pa.int32()), pa.list_(pa.timestamp("s")), pa.list_(pa.int16(), 2)),
    *(pa.struct([("a b", pa.string()), ("c", pa.list_(pa.int64()))]), pa.map_(pa.string(), pa.int32())),
)
MOMENTS = (
    pa.date32(),
    pa.date64(),
    pa.time64("us"),
    *(pa.timestamp(unit) for unit in ("s", "ms", "us", "ns")),
)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=3)


@st.composite
def plain_tables(draw):
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    rows = draw(st.integers(0, 6))
    kinds = [draw(st.sampled_from(PLAIN)) for _ in names]
    return names, kinds, [draw(st.lists(_plain_values(kind), min_size=rows, max_size=rows)) for kind in kinds]


def _plain_values(kind):
    if pa.types.is_timestamp(kind) or kind in MOMENTS:
        days = 86_400_000 if kind == pa.date64() else 1
        return st.none() | st.integers(0, 10**4).map(
            lambda number: (number * days).to_bytes(kind.bit_width // 8, "little")
        )
    if pa.types.is_list(kind) and pa.types.is_timestamp(kind.value_type):
        return st.lists(_plain_values(kind.value_type), max_size=2)
    if pa.types.is_map(kind):  # DuckDB knows no map with a key twice
        return values(kind).filter(lambda pairs: len({key for key, _ in pairs or ()}) == len(pairs or ()))
    return values(kind)


def same(content: Content, lazy: Content, form: str, scratch: Path) -> bool:
    """Whether a form gives of parts what it gives of the table in memory."""
    whole, parts = (whole_table(hand_out(one, form_named(form), scratch=scratch)) for one in (content, lazy))
    return hash_table(whole) == hash_table(parts)


@pytest.mark.parametrize("form", ["arrow", "arrow-reader", "arrow-dataset"])
@given(
    drawn=tables(),
    seed=SEEDS,
    limits=LIMITS,
    wanted=st.sampled_from(["parquet", "arrow"]),
    local=st.booleans(),
)
def test_arrow_is_given_the_same_of_parts_as_of_the_table_in_memory(
    tmp_path_factory, form, drawn, seed, limits, wanted, local
):
    content = take(table_of(*drawn, seed), format=wanted)
    folder = tmp_path_factory.mktemp("parts")

    assert same(content, parted(content, folder, limits, local=local), form, folder)


@pytest.mark.parametrize("form", ["polars-lazy", "duckdb"])
@costly
@given(
    drawn=plain_tables(),
    seed=SEEDS,
    limits=LIMITS,
    wanted=st.sampled_from(["parquet", "arrow"]),
    local=st.booleans(),
)
def test_polars_and_duckdb_are_given_the_same_of_parts_as_of_the_table_in_memory(
    tmp_path_factory, form, drawn, seed, limits, wanted, local
):
    content = take(table_of(*drawn, seed), format=wanted)
    folder = tmp_path_factory.mktemp("parts")

    assert same(content, parted(content, folder, limits, local=local), form, folder)


@pytest.mark.parametrize("kind", [pa.float16(), pa.decimal256(60, 1)])
def test_a_column_that_a_library_does_not_have_is_refused_of_parts_too(tmp_path, kind):
    content = take(pa.table({"good": [1], "bad": pa.array([1], pa.int8()).cast(kind)}))
    lazy = parted(content, tmp_path, Limits(1, 1))

    for form in ("duckdb", *(["polars-lazy"] if pa.types.is_decimal(kind) else [])):
        with pytest.raises(DataError, match="column 'bad' has type"):
            hand_out(lazy, form_named(form), scratch=tmp_path)


@given(tables(), SEEDS, LIMITS)
def test_what_streams_comes_in_the_same_pieces_from_parts_as_from_memory(
    tmp_path_factory, drawn, seed, limits
):
    content = take(table_of(*drawn, seed))
    lazy = parted(content, tmp_path_factory.mktemp("parts"), limits)
    pieces = list(hand_out(lazy, Form("stream", Form("arrow"))))

    assert [len(piece) for piece in pieces] == [part.rows for part in lazy.data.parts]
    for piece in pieces:
        assert piece.schema == content.data.schema
        assert all(column.num_chunks <= 1 for column in piece.columns)
    assert hash_table(pa.concat_tables(pieces)) == hash_table(content.data)
    assert [batch.num_rows for batch in hand_out(lazy, form_named("arrow-reader"))] == [*map(len, pieces)]


@given(tables(), SEEDS, LIMITS)
def test_a_table_read_from_its_parts_is_laid_out_as_the_canonical_one(tmp_path_factory, drawn, seed, limits):
    content = take(table_of(*drawn, seed))
    read = parted(content, tmp_path_factory.mktemp("parts"), limits).data.read()

    def layout(table):
        return [[len(chunk) for chunk in column.chunks] for column in table.columns]

    assert layout(read) == layout(content.data) == layout(canonical_table(read))
    assert read.schema.equals(content.data.schema, check_metadata=True)


@costly
@given(plain_tables(), SEEDS, LIMITS, st.data())
def test_chosen_columns_of_parts_are_those_of_the_table(tmp_path_factory, drawn, seed, limits, data):
    content = take(table_of(*drawn, seed))
    chosen = data.draw(st.permutations(drawn[0]))[:2]
    folder = tmp_path_factory.mktemp("parts")
    some = Content("table", parted(content, folder, limits).data.select(chosen), content.format)
    expected = Content("table", content.data.select(chosen), content.format)

    assert some.data.column_names == chosen
    for form in ("arrow", "arrow-dataset", "polars-lazy", "duckdb"):
        assert same(expected, some, form, folder)


def test_a_lazy_frame_over_parts_takes_filters_heads_and_columns(tmp_path):
    table = pa.table({"n": range(1000), "d": pa.array(range(1000), pa.duration("s")), "s": ["x"] * 1000})
    for chosen in (["n", "s"], ["n", "d", "s"]):
        content = take(table.select(chosen))
        folder = tmp_path / content.format
        folder.mkdir()
        frame = hand_out(parted(content, folder, Limits(100, 100)), form_named("polars-lazy"))

        assert frame.filter(pl.col("n") % 100 == 7).select("n").collect()["n"].to_list() == [
            *range(7, 1000, 100)
        ]
        assert frame.head(3).collect()["n"].to_list() == [0, 1, 2]
        assert frame.filter(pl.col("n") > 500).head(2).collect()["n"].to_list() == [501, 502]
        assert frame.select(pl.len()).collect().item() == 1000
        assert frame.collect().equals(frame.collect())


def test_relations_over_parts_can_be_joined_and_gone_through_twice(tmp_path):
    table = pa.table({"n": range(1000), "odd 'name'": ["x", "y"] * 500})
    content = take(table)
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    relation = hand_out(parted(content, folder, Limits(100, 100)), form_named("duckdb"), name="numbers")

    joined = relation.query(
        "numbers", "select count(*) from numbers a join numbers b using (n, \"odd 'name'\")"
    )
    assert joined.fetchall() == [(1000,)]
    assert relation.aggregate("sum(n)").fetchall() == relation.aggregate("sum(n)").fetchall() == [(499500,)]


def test_files_whose_path_holds_a_wildcard_are_read_as_they_are(tmp_path):
    folder = tmp_path / "a[b]*"
    folder.mkdir()
    lazy = parted(take(pa.table({"n": range(10)})), folder, Limits(10, 10))

    for form in ("duckdb", "polars-lazy", "arrow-dataset"):
        assert whole_table(hand_out(lazy, form_named(form)))["n"].to_pylist() == [*range(10)]


@pytest.mark.parametrize("wanted", ["parquet", "arrow"])
@pytest.mark.parametrize("chosen", [["A"], ["a"], ["A", "b"], ["A", "a"]])
def test_columns_whose_names_differ_by_case_alone_are_told_apart(tmp_path, wanted, chosen):
    content = take(pa.table({"a": [1, 2], "A": [3, 4], "A_1": [5, 6], "b": [7, 8]}), format=wanted)
    lazy = parted(content, tmp_path, Limits(100, 100))
    expected = [content.data[name].to_pylist() for name in chosen]

    for form in ("duckdb", "polars-lazy", "arrow-dataset"):
        given = hand_out(Content("table", lazy.data.select(chosen), wanted), form_named(form))
        assert [column.to_pylist() for column in whole_table(given).columns] == expected
