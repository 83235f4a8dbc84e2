"""Laws of diffs: what is told of two tables is what a slow comparison in Python tells, whatever is left unread."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pyarrow as pa
import pytest
from arrow_columns import Layouts, types, values
from examples import costly
from hypothesis import given
from hypothesis import strategies as st
from test_parted_laws import LIMITS, SEEDS, parted

from assetflow.cli.json_text import json_text
from assetflow.frames.intake import take
from assetflow.frames.parted import PartedTable
from assetflow.hashing.tables import hash_table
from assetflow.operate.table_diff import Named, diff_tables
from assetflow.queries import tally
from assetflow.queries.comparing import Asked, compare
from assetflow.queries.two_tables import Side
from assetflow.queries.unique_key import RepeatedKey

ALL = 1000
TALLYING = st.sampled_from([0, ALL])  # from how many rows on: always, never
KEY = "the key"


# What DuckDB reads from files as it is: where all columns are such, it reads them itself.
PLAIN = (
    *(pa.int8(), pa.uint64(), pa.bool_(), pa.float32(), pa.float64(), pa.string(), pa.binary(), pa.date32()),
    *(pa.timestamp("us"), pa.timestamp("us", "Europe/Berlin"), pa.decimal128(5, 2), pa.decimal128(38, 38)),
)


@st.composite
def two_tables(draw):
    """Types, and the rows of two tables: tuples of logical values, the second made from the first by some edits."""
    others = st.sampled_from(PLAIN) if draw(st.booleans()) else types(2)
    kinds = [pa.int64(), *draw(st.lists(others, min_size=1, max_size=3))]
    keys = st.none() | st.integers(0, 9).map(lambda number: number.to_bytes(8, "little"))
    row = st.tuples(keys, *map(values, kinds[1:]))
    old = draw(st.lists(row, max_size=8))
    new = [draw(row) if draw(st.integers(0, 3)) == 0 else line for line in old if draw(st.integers(0, 5))]
    new += draw(st.lists(row, max_size=2))
    return kinds, old, draw(st.permutations(new)) if draw(st.booleans()) else new


def with_distinct_keys(rows):
    """Leave out the rows whose key came before."""
    return list({row[0]: row for row in reversed(rows)}.values())[::-1]


def side_of(kinds, rows, seed, limits, folder, *, cut=True) -> Side:
    """Lay rows out as a table, in memory or cut into files."""
    layouts = Layouts(seed)
    columns = [layouts.chunked(kind, [row[place] for row in rows]) for place, kind in enumerate(kinds)]
    names = [KEY, "THE KEY", "row", "c0"][: len(kinds)]
    content = take(pa.table(columns, names=names))
    hashes = dict(hash_table(content.data).columns)
    folder.mkdir()
    return Side(parted(content, folder, limits).data if cut else content.data, hashes)


def asked_of(side, key, folder, tallying) -> Asked:
    return Asked(tuple(side.schema.names), key, ALL, folder, worth_tallying=tallying)


def rows_in(table: pa.Table, side: Side) -> list[int]:
    """Return which rows of a side these are: their numbers, equal rows told by the first."""
    whole = side.table.read() if isinstance(side.table, PartedTable) else side.table
    names = [hash_table(whole.slice(row, 1)).data_version for row in range(len(whole))]
    return [names.index(hash_table(table.slice(row, 1)).data_version) for row in range(len(table))]


@costly
@given(two_tables(), SEEDS, LIMITS, LIMITS, st.booleans(), st.booleans(), TALLYING)
def test_by_key_the_rows_and_cells_that_differ_are_those_of_a_slow_comparison(
    tmp_path_factory, drawn, seed, limits, others, cut, is_sorted, tallying
):
    kinds, *both = drawn
    olds, news = map(with_distinct_keys, both)
    if is_sorted:
        olds, news = (
            sorted(rows, key=lambda row: int.from_bytes(row[0] or b"", "little")) for rows in (olds, news)
        )
    folder = tmp_path_factory.mktemp("diff")
    old = side_of(kinds, olds, seed, limits, folder / "a b's")
    new = side_of(kinds, news, seed + 1, others, folder / "b", cut=cut)
    found = compare(old, new, asked_of(old, (KEY,), folder, tallying))

    old_of, new_of = ({row[0]: row for row in rows} for rows in (olds, news))
    added = [number for number, row in enumerate(news) if row[0] not in old_of]
    removed = [number for number, row in enumerate(olds) if row[0] not in new_of]
    changed = [n for n, row in enumerate(news) if row[0] in old_of and row != old_of[row[0]]]
    cells = [[news[n][place] != old_of[news[n][0]][place] for n in changed] for place in range(len(kinds))]
    assert (found.added, found.removed, found.changed) == (len(added), len(removed), len(changed))
    assert [found.cells[name] for name in found.columns] == [*map(sum, cells)]
    assert rows_in(found.added_rows, new) == added
    assert rows_in(found.removed_rows, old) == removed
    assert rows_in(found.changed_rows.new, new) == changed
    assert rows_in(found.changed_rows.old, old) == [olds.index(old_of[news[n][0]]) for n in changed]
    assert [list(found.changed_rows.cells[name]) for name in found.columns] == cells


@costly
@given(
    two_tables(),
    SEEDS,
    LIMITS,
    LIMITS,
    st.booleans(),
    TALLYING,
    st.sampled_from([0, 2, ALL]),
    st.sampled_from([3, ALL]),
)
def test_without_a_key_as_many_rows_differ_as_in_a_slow_comparison(
    tmp_path_factory, drawn, seed, limits, others, cut, tallying, counted, left
):
    kinds, olds, news = drawn
    folder = tmp_path_factory.mktemp("diff")
    old = side_of(kinds, olds, seed, limits, folder / "a")
    new = side_of(kinds, news, seed + 1, others, folder / "b", cut=cut)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "_MOST_COUNTED", counted)
        patch.setattr(tally, "_MOST_LEFT", left)
        found = compare(old, new, asked_of(old, (), folder, tallying))

    of_old, of_new = (Counter(map(repr, rows)) for rows in (olds, news))
    assert (found.added, found.removed) == ((of_new - of_old).total(), (of_old - of_new).total())
    assert {repr(news[n]) for n in rows_in(found.added_rows, new)} == set(of_new - of_old)
    assert {repr(olds[n]) for n in rows_in(found.removed_rows, old)} == set(of_old - of_new)


@costly
@given(two_tables(), SEEDS, LIMITS, st.sampled_from([(), (KEY,)]), TALLYING)
def test_parts_that_both_tables_have_are_not_read(tmp_path_factory, drawn, seed, limits, key, tallying):
    kinds, *both = drawn
    olds, news = map(with_distinct_keys, both) if key else both
    folder = tmp_path_factory.mktemp("diff")
    sides = [side_of(kinds, rows, seed, limits, folder / name) for rows, name in ((olds, "a"), (news, "b"))]
    read = [list[str](), list[str]()]
    watched = [
        replace(side, table=watching(side.table, seen)) for side, seen in zip(sides, read, strict=True)
    ]
    compare(*watched, asked_of(sides[0], key, folder, tallying))

    of_old, of_new = (Counter(part.version for part in side.table.parts) for side in sides)
    assert Counter({v: n for v, n in Counter(set(read[0])).items() if v not in of_old - of_new}) == Counter()
    assert Counter({v: n for v, n in Counter(set(read[1])).items() if v not in of_new - of_old}) == Counter()


def watching(table: PartedTable, seen: list[str]) -> PartedTable:
    def read_part(part):
        seen.append(part.version)
        return table.read_part(part)

    return replace(table, read_part=read_part)


@costly
@given(two_tables(), SEEDS, LIMITS, TALLYING)
def test_a_key_is_refused_just_where_rows_share_it(tmp_path_factory, drawn, seed, limits, tallying):
    kinds, olds, news = drawn
    folder = tmp_path_factory.mktemp("diff")
    old = side_of(kinds, olds, seed, limits, folder / "a", cut=False)
    new = side_of(kinds, news, seed, limits, folder / "b", cut=False)
    found = compare(old, new, asked_of(old, (KEY,), folder, tallying))

    repeated = [Counter(row[0] for row in rows).most_common(1)[:1] for rows in (olds, news)]
    is_repeated = any(times > 1 for most in repeated for _, times in most)
    is_read = old.hashes != new.hashes or len(olds) != len(news)
    assert isinstance(found, RepeatedKey) == (is_repeated and is_read)


@costly
@given(two_tables(), SEEDS, st.data())
def test_whatever_the_types_a_diff_can_be_told_as_json(tmp_path_factory, drawn, seed, data):
    kinds, *both = drawn
    olds, news = map(with_distinct_keys, both)
    folder = tmp_path_factory.mktemp("diff")
    old, new = (
        side_of(kinds, rows, seed, None, folder / name, cut=False)
        for rows, name in ((olds, "a"), (news, "b"))
    )
    order = data.draw(st.permutations(new.schema.names))
    new = replace(new, table=new.table.select(order))
    tables = Named("old", old), Named("new", new)
    found = diff_tables(*tables, given=(), guesses=[("none",), (KEY,)], whole_rows=False, most=ALL)

    assert found.key == (KEY,)
    assert found.columns_moved == (order != old.schema.names)
    assert found.rows_moved == (olds != news and sorted(map(repr, olds)) == sorted(map(repr, news)))
    assert json_text(found.to_dict())


@pytest.mark.parametrize("key", [(), (KEY,)])
def test_rows_in_another_order_are_the_same_rows(tmp_path, key):
    rows = [(number.to_bytes(8, "little"), number % 3 == 0) for number in range(50)]
    kinds = [pa.int64(), pa.bool_()]
    old = side_of(kinds, rows, 1, None, tmp_path / "a", cut=False)
    new = side_of(kinds, rows[::-1], 1, None, tmp_path / "b", cut=False)
    tables = Named("old", old), Named("new", new)
    found = diff_tables(*tables, given=key, guesses=(), whole_rows=not key, most=5)

    assert found.rows_moved
    assert (found.added, found.removed, found.changed) == (0, 0, 0 if key else None)
