"""Laws of parts: a table is cut in one way however it comes, and is the same table in any parts, streamed or whole."""

from __future__ import annotations

import random

import pyarrow as pa
from arrow_columns import Layouts, tables
from hypothesis import given
from hypothesis import strategies as st

from assetflow.frames.content import Content, identify
from assetflow.frames.intake import take
from assetflow.frames.ordering import sort_rows
from assetflow.frames.parts import cut, cut_pieces
from assetflow.frames.sorted_runs import Room, sorted_stream
from assetflow.frames.stream import TableStream
from assetflow.hashing.boundaries import Boundaries, Limits, limits_of
from assetflow.hashing.row_values import row_values
from assetflow.hashing.tables import TableHasher, canonical_table, hash_table
from assetflow.storage import artifacts
from assetflow.storage.store import open_store

SEEDS = st.integers(0, 2**32)
LIMITS = st.builds(Limits, st.integers(0, 60), st.integers(1, 60), st.integers(1, 4), st.integers(1, 200))


def table_of(names, kinds, logical, seed) -> pa.Table:
    layouts = Layouts(seed)
    chunked = [layouts.chunked(kind, column) for kind, column in zip(kinds, logical, strict=True)]
    return pa.table(chunked, names=names)


def sliced(table: pa.Table, seed: int) -> list[pa.Table]:
    """The table in random pieces, empty ones among them."""
    chance = random.Random(seed)
    places = sorted(chance.randrange(len(table) + 1) for _ in range(chance.randrange(5)))
    return [table.slice(a, b - a) for a, b in zip([0, *places], [*places, len(table)], strict=True)]


@given(tables(), SEEDS, SEEDS)
def test_a_rows_number_and_size_depend_on_its_values_alone(drawn, seed, other):
    table = canonical_table(table_of(*drawn, seed))

    def values(pieces):
        found = []
        for batch in (batch for piece in pieces for batch in piece.to_batches()):
            numbers, sizes = row_values(batch)
            assert numbers.null_count == 0
            numbers.validate(full=True)
            each = [sizes] * len(batch) if isinstance(sizes, int) else sizes.to_pylist()
            found += zip(numbers.to_pylist(), each, strict=True)
        return found

    expected = values([table.slice(row, 1) for row in range(len(table))])
    assert values([table]) == expected
    assert values(sliced(table_of(*drawn, other), seed)) == expected


@given(tables(), SEEDS, SEEDS, LIMITS)
def test_a_table_is_cut_in_one_way_whatever_its_layout_and_its_pieces(drawn, seed, other, limits):
    parts = [len(part) for part in cut(canonical_table(table_of(*drawn, seed)), limits)]
    again = table_of(*drawn, other)

    assert [len(part) for part in cut_pieces(again.schema, sliced(again, seed), limits)] == parts


@given(tables(), SEEDS, LIMITS)
def test_parts_keep_within_their_limits(drawn, seed, limits):
    table = canonical_table(table_of(*drawn, seed))
    parts = list(cut(table, limits))
    sizes = [sum(size_of(part.slice(row, 1)) for row in range(len(part))) for part in parts]

    assert all(len(part) <= limits.most_rows for part in parts)
    assert all(size <= limits.most_bytes or len(p) == 1 for p, size in zip(parts, sizes, strict=True))
    for number, (part, size) in enumerate(zip(parts[:-1], sizes, strict=False)):
        follows = size_of(parts[number + 1].slice(0, 1))
        full = len(part) == limits.most_rows or size + follows > limits.most_bytes
        assert size >= limits.least_bytes or full


@given(
    st.lists(st.none() | st.text(max_size=12) | st.text(max_size=3).map(lambda text: text * 100), max_size=20)
)
def test_a_text_has_the_same_number_beside_short_and_long_ones(texts):
    alone = [row_values(pa.record_batch({"t": pa.array([text], pa.string())})) for text in texts]
    numbers, sizes = row_values(pa.record_batch({"t": pa.array(texts, pa.string())}))

    assert numbers.to_pylist() == [one.to_pylist()[0] for one, _ in alone]
    assert sizes.to_pylist() == [4 + len((text or "").encode()) for text in texts]


def size_of(row: pa.Table) -> int:
    (batch,) = (batch for batch in row.to_batches() if len(batch))
    sizes = row_values(batch)[1]
    return sizes if isinstance(sizes, int) else sizes[0].as_py()


@given(tables(), SEEDS, LIMITS, st.sampled_from(["parquet", "arrow"]))
def test_a_stream_is_hashed_and_stored_as_the_whole_is(tmp_path_factory, drawn, seed, limits, wanted):
    content = take(table_of(*drawn, seed), format=wanted)
    pieces = sliced(content.data, seed)
    hasher = TableHasher(content.data.schema)
    for part in cut_pieces(content.data.schema, pieces, limits):
        hasher.update(part)
    assert hasher.finish() == hash_table(content.data)

    objects = open_store(tmp_path_factory.mktemp("store"), durable=False).objects
    whole = artifacts.write(content, objects, allow_inline=False)
    stream = TableStream(content.data.schema, iter(pieces))
    streamed = artifacts.write(Content("table", stream, content.format), objects)

    assert [part.version for part in streamed.manifest.parts] == [p.version for p in whole.manifest.parts]
    if content.format == "parquet":  # Arrow IPC keeps what lies under nulls, so equal rows may be other bytes
        assert streamed.manifest == whole.manifest
    assert streamed.identity == whole.identity
    assert hash_table(artifacts.read(streamed.manifest, objects).data) == hash_table(content.data)


@given(tables(), SEEDS, st.integers(1, 300), st.integers(1, 100), st.integers(2, 4), st.data())
def test_a_stream_is_sorted_as_the_whole_is(drawn, seed, run_bytes, batch_bytes, runs, data):
    table = canonical_table(table_of(*drawn, seed))
    table = pa.concat_tables([table, *sliced(table, seed), table])
    sort_by = data.draw(st.lists(st.sampled_from(drawn[0]), unique=True))
    stream = TableStream(table.schema, iter(sliced(table, seed + 1)))

    in_runs = list(sorted_stream(stream, sort_by, Room(run_bytes, batch_bytes, runs)))
    expected = sort_rows(table, sort_by)
    assert hash_table(pa.concat_tables([table.slice(0, 0), *in_runs])) == hash_table(expected)
    assert identify(Content("table", expected, "parquet")).rows == len(table)


def random_rows(rows: int, seed: int = 0) -> pa.Table:
    chance = random.Random(seed)
    return pa.table(
        {
            "n": pa.array([chance.getrandbits(40) for _ in range(rows)]),
            "s": pa.array([f"name {chance.randrange(1000)}" for _ in range(rows)]),
            "x": pa.array([chance.choice([None, 0.5, 1.5]) for _ in range(rows)]),
        }
    )


def test_a_stream_that_ends_in_nothing_is_sorted_when_its_runs_are_merged_in_groups():
    rows = [pa.table({"n": pa.array([number], pa.int64())}) for number in (3, 1, 4, 2)]
    stream = TableStream(rows[0].schema, iter([*rows, rows[0].slice(1)]))

    merged = pa.concat_tables(sorted_stream(stream, ["n"], Room(1, 1, 2)))

    assert merged["n"].to_pylist() == [1, 2, 3, 4]


def test_parts_line_up_again_after_rows_are_inserted_deleted_or_changed():
    table, limits = random_rows(20_000), Limits(2000, 1000)
    before = {hash_table(part).data_version for part in cut(table, limits)}
    changes = {
        "appended": [table, random_rows(300, 1)],
        "inserted": [table.slice(0, 9000), random_rows(100, 2), table.slice(9000)],
        "deleted": [table.slice(0, 9000), table.slice(9100)],
        "changed": [table.slice(0, 9000), random_rows(100, 3), table.slice(9100)],
        "cut off in front": [table.slice(1)],
    }

    assert len(before) > 100
    for name, pieces in changes.items():
        after = {hash_table(part).data_version for part in cut(pa.concat_tables(pieces), limits)}
        assert len(before - after) <= 10, name


def test_parts_are_as_large_as_the_limits_say_whatever_the_widths_of_rows():
    limits = Limits(2000, 1000)
    for table in (random_rows(20_000).select(["n"]), random_rows(20_000), random_rows(5000).select(["s"])):
        sizes = [len(part) for part in cut(table, limits)]
        row = sum(map(size_of, (table.slice(row, 1) for row in range(1000)))) / 1000
        assert 2500 < row * len(table) / len(sizes) < 3500


def test_a_table_of_equal_rows_is_cut_at_the_most_rows():
    table = pa.table({"n": pa.array([7] * 1000), "s": ["x"] * 1000})

    assert [len(part) for part in cut(table, Limits(100, 2**50, most_rows=300))] == [300, 300, 300, 100]


def test_tables_with_many_columns_have_larger_parts():
    assert limits_of(1).mean_bytes == limits_of(6).mean_bytes == 6 << 20
    assert limits_of(100).mean_bytes > limits_of(50).mean_bytes > limits_of(6).mean_bytes
    assert limits_of(100_000).mean_bytes == 72 << 20


def test_boundaries_go_on_from_piece_to_piece():
    boundaries = Boundaries(pa.schema([("n", pa.int64())]), Limits(0, 2**50, most_rows=3))
    piece = pa.table({"n": [1, 2]})

    assert [list(boundaries.feed(piece)) for _ in range(5)] == [[], [1], [], [0], [1]]
