"""Identity of tables: what must not change ``table/1``, and what must."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from examples import identity
from hypothesis import assume, given
from hypothesis import strategies as st
from laws.arrow_columns import (
    Layouts,
    columns,
    slow_column_hash,
    slow_table_version,
    tables,
    values,
)

from assetflow.hashing import streams
from assetflow.hashing import tables as tables_module
from assetflow.hashing.arrow_types import canonical_schema
from assetflow.hashing.tables import TableHasher, canonical_table, hash_table

seeds = st.integers(0, 2**32)


def laid_out(names: list[str], logical: list[list[Any]], kinds: list[pa.DataType], seed: int) -> pa.Table:
    layouts = Layouts(seed)
    chunked = [layouts.chunked(t, column) for t, column in zip(kinds, logical, strict=True)]
    fields = [pa.field(name, column.type) for name, column in zip(names, chunked, strict=True)]
    return pa.table(chunked, schema=pa.schema(fields, metadata={"written by": str(seed)}))


@identity
@given(columns(), seeds)
def test_every_layout_of_a_column_has_the_hash_of_the_slow_definition(column, seed):
    """Chunks, slices, dictionaries, widths, views, bitmaps, garbage under nulls, payloads of NaNs, names, metadata."""
    t, logical = column
    table = laid_out(["x"], [logical], [t], seed)

    assert hash_table(table).columns == (("x", slow_column_hash(t, logical)),)


@identity
@given(tables(), seeds)
def test_every_layout_of_a_table_has_the_hash_of_the_slow_definition(table, seed):
    names, kinds, logical = table

    version = hash_table(laid_out(names, logical, kinds, seed))

    assert version.data_version == slow_table_version(names, kinds, logical)
    assert version.rows == len(logical[0])


@identity
@given(tables(), seeds, st.lists(st.integers(0, 6), max_size=4))
def test_a_stream_has_the_hash_of_the_whole(table, seed, cuts):
    names, kinds, logical = table
    bounds = sorted({0, len(logical[0]), *(cut for cut in cuts if cut <= len(logical[0]))})
    hasher = None
    for number, (start, stop) in enumerate(zip(bounds, [*bounds[1:], bounds[-1]], strict=True)):
        piece = laid_out(names, [column[start:stop] for column in logical], kinds, seed + number)
        hasher = hasher or TableHasher(piece.schema)
        hasher.update(piece)

    assert hasher.finish().data_version == slow_table_version(names, kinds, logical)


@identity
@given(tables(), seeds)
def test_neither_threads_nor_windows_change_the_hash(table, seed):
    names, kinds, logical = table
    laid = laid_out(names, logical, kinds, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables_module, "_BYTES_WORTH_THREADS", 0)
        patch.setattr(streams, "_WINDOW_ROWS", 2)
        patch.setattr(streams, "_CONVERTED_ROWS", 3)

        assert hash_table(laid, threads=4).data_version == slow_table_version(names, kinds, logical)


@identity
@given(tables(), seeds)
def test_the_canonical_table_is_valid_has_canonical_types_and_the_same_version(table, seed):
    names, kinds, logical = table
    laid = laid_out(names, logical, kinds, seed)

    canonical = canonical_table(laid)

    canonical.validate(full=True)
    assert canonical.schema.equals(pa.schema(list(zip(names, kinds, strict=True))), check_metadata=True)
    assert all(column.num_chunks == bool(logical[0]) for column in canonical.columns)
    assert hash_table(canonical) == hash_table(laid)


@identity
@given(tables(), seeds)
def test_a_canonical_table_is_its_own_canonical_table(table, seed):
    names, kinds, logical = table
    once = canonical_table(laid_out(names, logical, kinds, seed))

    twice = canonical_table(once)

    assert twice.schema.equals(once.schema, check_metadata=True)
    assert twice.schema == canonical_schema(once.schema)
    assert hash_table(twice) == hash_table(once)


@identity
@given(tables(), seeds)
def test_storing_and_loading_as_arrow_ipc_keeps_the_hash(table, seed):
    names, kinds, logical = table
    canonical = canonical_table(laid_out(names, logical, kinds, seed))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, canonical.schema) as writer:
        writer.write_table(canonical)

    loaded = pa.ipc.open_stream(sink.getvalue()).read_all()

    assert hash_table(loaded) == hash_table(canonical)


@identity
@given(st.data(), tables(), seeds)
def test_another_cell_changes_the_hash_of_its_column_alone(data, table, seed):
    names, kinds, logical = table
    assume(logical[0])
    place = data.draw(st.integers(0, len(names) - 1))
    row = data.draw(st.integers(0, len(logical[0]) - 1))
    other = data.draw(values(kinds[place]))
    assume(other != logical[place][row])
    changed = [list(column) for column in logical]
    changed[place][row] = other

    before = hash_table(laid_out(names, logical, kinds, seed))
    after = hash_table(laid_out(names, changed, kinds, seed + 1))

    assert before.data_version != after.data_version
    differing = [
        name for (name, one), (_, two) in zip(before.columns, after.columns, strict=True) if one != two
    ]
    assert differing == [names[place]]


@identity
@given(tables(max_columns=2), tables(max_columns=2), seeds)
def test_tables_that_are_not_equal_row_by_row_have_different_versions(one, two, seed):
    assume(one != two)

    versions = {
        hash_table(laid_out(names, logical, kinds, seed)).data_version for names, kinds, logical in (one, two)
    }

    assert len(versions) == 2


@identity
@given(st.data(), columns(levels=2), seeds)
def test_another_order_of_rows_or_another_row_count_changes_the_version(data, column, seed):
    t, logical = column
    shuffled = data.draw(st.permutations(logical))
    shorter = logical[:-1]
    version = hash_table(laid_out(["x"], [logical], [t], seed)).data_version

    reordered = hash_table(laid_out(["x"], [shuffled], [t], seed)).data_version
    assert (reordered == version) == (shuffled == logical)
    if logical:
        assert hash_table(laid_out(["x"], [shorter], [t], seed)).data_version != version
