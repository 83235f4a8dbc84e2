from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from assetflow.errors import DataError, UnsupportedTypeError
from assetflow.hashing import tables
from assetflow.hashing.tables import TableHasher, canonical_table, hash_table, table_version_of

SALES = pa.table(
    {"day": ["mon", "tue", None], "amount": [1.5, None, -0.0], "n": pa.array([1, 2, 3], pa.int8())}
)


def version(table: pa.Table) -> str:
    return hash_table(table).data_version


def replaced(name: str, values: pa.Array) -> pa.Table:
    return SALES.set_column(SALES.column_names.index(name), name, values)


@pytest.mark.parametrize(
    "other",
    [
        replaced("day", pa.array(["mon", "tue", ""])),
        replaced("day", pa.array(["mon", "tue", "None"])),
        replaced("day", pa.array(["montu", "e", None])),
        replaced("day", pa.array([b"mon", b"tue", None])),
        replaced("amount", pa.array([1.5, None, 0.0])),
        replaced("amount", pa.array([1.5, float("nan"), -0.0])),
        replaced("amount", pa.array([1.5, 0.0, -0.0])),
        replaced("amount", pa.array([1.5, None, -0.0], pa.float32())),
        replaced("n", pa.array([1, 2, 3], pa.uint8())),
        replaced("n", pa.array([1, 2, 3], pa.int16())),
        replaced("n", pa.array([1, 2, 3], pa.int8()).cast(pa.decimal128(5, 0))),
        replaced("n", pa.array([[1], [2], [3]], pa.list_(pa.int8()))),
        SALES.rename_columns(["Day", "amount", "n"]),
        SALES.rename_columns(["amount", "day", "n"]),
        SALES.select(["amount", "day", "n"]),
        SALES.select(["day", "amount"]),
        SALES.slice(0, 2),
        SALES.take([1, 0, 2]),
        pa.concat_tables([SALES, SALES]),
        SALES.slice(0, 0),
    ],
)
def test_any_change_of_cells_order_names_or_types_is_another_version(other):
    assert version(other) != version(SALES)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([[1], [2]], [[1, 2], []]),
        ([[[1], []]], [[[], [1]]]),
        ([[None]], [None]),
        ([[]], [None]),
        ([{"a": None}], [None]),
        ([{"a": [1]}, {"a": []}], [{"a": []}, {"a": [1]}]),
    ],
)
def test_another_shape_of_nesting_is_another_version(one, other):
    kinds = {
        1: pa.list_(pa.list_(pa.int8())),
        2: pa.list_(pa.int8()),
        3: pa.struct([("a", pa.list_(pa.int8()))]),
    }
    deep = kinds[3] if any(isinstance(x, dict) for x in one) else kinds[1] if one == [[[1], []]] else kinds[2]

    assert version(pa.table({"x": pa.array(one, deep)})) != version(pa.table({"x": pa.array(other, deep)}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pa.timestamp("us"), pa.timestamp("ms")),
        (pa.timestamp("us"), pa.timestamp("us", "UTC")),
        (pa.timestamp("us", "UTC"), pa.timestamp("us", "Europe/Berlin")),
        (pa.duration("s"), pa.duration("ms")),
        (pa.int64(), pa.timestamp("us")),
        (pa.uint64(), pa.int64()),
    ],
)
def test_equal_numbers_of_another_unit_zone_or_type_are_another_version(one, other):
    numbers = pa.array([1, None, 3])

    assert version(pa.table({"x": numbers.view(one)})) != version(pa.table({"x": numbers.view(other)}))


def test_precision_and_scale_are_part_of_a_version_and_width_is_not():
    one = pa.table({"x": pa.array(["1.25"]).cast(pa.decimal128(5, 2))})

    assert version(one) != version(one.cast(pa.schema([("x", pa.decimal128(6, 2))])))
    assert version(one) == version(one.cast(pa.schema([("x", pa.decimal256(5, 2))])))


def test_row_counts_tell_apart_what_has_no_streams():
    assert version(pa.table({"x": pa.nulls(2)})) != version(pa.table({"x": pa.nulls(3)}))
    assert version(SALES.select([])) != version(SALES.slice(1).select([]))


def test_the_version_of_a_projection_is_made_of_the_hashes_of_its_columns():
    whole = hash_table(SALES)
    hashes = dict(whole.columns)

    assert whole.rows == 3
    assert whole.data_version == table_version_of(3, whole.columns)
    assert version(SALES.select(["n", "day"])) == table_version_of(
        3, [("n", hashes["n"]), ("day", hashes["day"])]
    )


def test_a_record_batch_is_hashed_like_a_table():
    hasher = TableHasher(SALES.schema)
    for batch in SALES.to_batches(max_chunksize=2):
        hasher.update(batch)

    assert hasher.finish() == hash_table(SALES)


def test_a_batch_with_other_columns_is_refused():
    hasher = TableHasher(SALES.schema)

    with pytest.raises(DataError, match="a batch has the columns"):
        hasher.update(SALES.select(["day", "n"]))


def test_batches_may_be_laid_out_differently():
    hasher = TableHasher(SALES.schema)
    hasher.update(SALES.slice(0, 1))
    hasher.update(SALES.slice(1).set_column(0, "day", pc.dictionary_encode(SALES["day"].slice(1))))

    assert hasher.finish() == hash_table(SALES)


def test_many_rows_are_hashed_in_threads_to_the_same_version():
    many = pa.table({"a": pa.array(range(600_000)), "b": pa.array([*range(599_999), None])})
    hasher = TableHasher(many.schema, threads=2)
    hasher.update(many)
    hasher.update(many)

    assert hash_table(many, threads=2) == hash_table(many)
    assert hasher.finish() == hash_table(pa.concat_tables([many, many]))


def test_a_canonical_table_has_chunks_of_a_fixed_number_of_rows(monkeypatch):
    monkeypatch.setattr(tables, "CHUNK_ROWS", 2)
    parts = [SALES.slice(0, 1), SALES.slice(1, 2), SALES, SALES.slice(0, 0)]

    canonical = canonical_table(pa.concat_tables(parts))

    assert [[len(chunk) for chunk in column.chunks] for column in canonical.columns] == [[2, 2, 2]] * 3
    assert canonical.to_pylist() == [*SALES.to_pylist(), *SALES.to_pylist()]


def test_a_canonical_table_has_no_metadata_and_shares_what_it_can():
    plain = pa.table({"x": [1, 2]}).replace_schema_metadata({"pandas": "{}"})

    canonical = canonical_table(plain)

    assert canonical.schema.metadata is None
    assert canonical["x"].chunk(0).buffers()[1].address == plain["x"].chunk(0).buffers()[1].address


def test_a_canonical_table_is_returned_as_it_is_and_has_the_version_of_one_that_is_not_known_to_be(
    monkeypatch,
):
    monkeypatch.setattr(tables, "CHUNK_ROWS", 2)
    canonical = canonical_table(pa.concat_tables([SALES, SALES.slice(1)]))

    assert canonical_table(canonical) is canonical
    assert hash_table(canonical, canonical=True) == hash_table(canonical)


@pytest.mark.parametrize("rows", [[1, 2], [2, 1, 2], [2, 0, 2]])
def test_chunks_out_of_step_are_joined(monkeypatch, rows):
    monkeypatch.setattr(tables, "CHUNK_ROWS", 2)
    parts = [SALES.slice(0, count) for count in rows]

    canonical = canonical_table(pa.concat_tables(parts))

    lengths = [len(chunk) for chunk in canonical["n"].chunks]
    assert lengths[:-1] == [2] * (len(lengths) - 1)
    assert canonical.to_pylist() == [row for part in parts for row in part.to_pylist()]


def test_a_table_without_columns_keeps_its_rows():
    assert canonical_table(SALES.select([])).num_rows == 3


def test_types_without_a_definition_are_refused_by_the_name_of_their_column():
    union = pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])])

    for refusing in (canonical_table, hash_table):
        with pytest.raises(UnsupportedTypeError, match="column 'either' has type sparse_union"):
            refusing(pa.table({"either": union}))
