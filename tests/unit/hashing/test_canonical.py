from __future__ import annotations

import struct
from collections.abc import Callable

import pyarrow as pa
import pytest

from assetflow.errors import DataError
from assetflow.hashing import canonical
from assetflow.hashing.arrow_types import canonical_type
from assetflow.hashing.canonical import canonical_chunks, canonical_pieces


def pieces(array: pa.Array) -> list[pa.Array]:
    found = list(canonical_pieces(array, canonical_type(array.type), "x"))
    for piece in found:
        piece.validate(full=True)
    return found


def only(array: pa.Array) -> pa.Array:
    (piece,) = pieces(array)
    return piece


def bits(array: pa.Array) -> list[int]:
    unsigned = {16: pa.uint16(), 32: pa.uint32(), 64: pa.uint64()}[array.type.bit_width]
    return array.view(unsigned).to_pylist()


def concat_at_most(rows: int) -> Callable[[list[pa.Array]], pa.Array]:
    """A ``concat_arrays`` that overflows as Arrow's does beyond 2 GiB."""

    def concat(arrays: list[pa.Array]) -> pa.Array:
        if sum(map(len, arrays)) > rows:
            raise pa.ArrowInvalid("offset overflow while concatenating arrays")
        return pa.array([value for array in arrays for value in array.to_pylist()], arrays[0].type)

    return concat


@pytest.fixture
def short_offsets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "MAX_BYTES", 8)


@pytest.mark.parametrize(
    "array",
    [
        pa.array([1, None]),
        pa.array([1.5, None, float("inf")]),
        pa.array(["a", None]),
        pa.array([["a"], None]),
        pa.array([[1.5], None]),
        pa.array([{"a": 1.5}]),
        pa.array([[1.5, 2.5]], pa.list_(pa.float64(), 2)),
        pa.array([[("a", 1.5)]], pa.map_(pa.string(), pa.float64())),
        pa.array([b"0123456789abcdef"], pa.uuid()),
    ],
)
def test_what_is_canonical_is_returned_as_it_is(array):
    assert only(array) is array


@pytest.mark.parametrize(
    ("t", "unsigned", "payloads", "one"),
    [
        (pa.float16(), pa.uint16(), [0x7E01, 0xFE00, 0x7C01, 0x7E00], 0x7E00),
        (pa.float32(), pa.uint32(), [0x7FC00001, 0xFFC00000, 0x7F800001, 0x7FC00000], 0x7FC00000),
        (
            pa.float64(),
            pa.uint64(),
            [0x7FF8000000000001, 0xFFF8000000000000, 0x7FF0000000000001],
            0x7FF8000000000000,
        ),
    ],
)
def test_every_nan_becomes_the_one_nan_and_nothing_else_changes(t, unsigned, payloads, one):
    others = pa.array([0.0, -0.0, float("inf"), float("-inf"), None]).cast(t)
    array = pa.concat_arrays([pa.array(payloads, unsigned).view(t), others])

    assert bits(only(array)) == [one] * len(payloads) + bits(others)


def test_a_nan_among_infinities_and_overflowing_sums_is_found():
    for others in ([float("inf")], [float("inf"), float("-inf")], [1.7e308, 1.7e308]):
        array = pa.concat_arrays(
            [pa.array(others), pa.array([0xFFF8000000000000], pa.uint64()).view(pa.float64())]
        )

        assert bits(only(array))[-1] == 0x7FF8000000000000


def test_a_slice_of_large_strings_keeps_only_what_it_spans():
    array = pa.array(["long before", "a", None, "bc", "long after"], pa.large_string()).slice(1, 3)

    assert only(array).to_pylist() == ["a", None, "bc"]
    assert only(array).buffers()[2].size == 3


@pytest.mark.usefixtures("short_offsets")
@pytest.mark.parametrize(
    ("array", "lengths"),
    [
        (pa.array(["abcd", "efgh", "ijkl", "mnop"], pa.large_string()), [2, 2]),
        (pa.array(["abcdefgh", None, "i"], pa.large_string()), [1, 2]),
        (pa.array([["abcd"], ["efgh"], ["ijkl"], ["mnop"]], pa.list_(pa.large_string())), [2, 2]),
        (
            pa.array(
                [{"a": {"b": x}} for x in ["abcdef", "ghi"]],
                pa.struct([("a", pa.struct([("b", pa.large_string())]))]),
            ),
            [1, 1],
        ),
        (pa.array([[1] * 6, [2] * 3], pa.large_list(pa.int8())), [1, 1]),
        (pa.array([[1] * 6, [2] * 3], pa.list_view(pa.int8())), [1, 1]),
        (pa.array(["abcde", "abcde"]).dictionary_encode(), [1, 1]),
    ],
)
def test_what_32_bit_offsets_do_not_reach_is_halved(array, lengths):
    found = pieces(array)

    assert [len(piece) for piece in found] == lengths
    assert [value for piece in found for value in piece.to_pylist()] == array.to_pylist()


@pytest.mark.usefixtures("short_offsets")
def test_a_cell_that_32_bit_offsets_do_not_reach_is_refused_by_the_name_of_its_column():
    with pytest.raises(DataError, match="one cell of column 'x' holds more than 2 GiB"):
        pieces(pa.array(["a", "123456789", "b"], pa.large_string()))


def test_values_that_their_own_type_does_not_allow_are_refused_by_the_name_of_their_column():
    ten_digits = struct.pack("<q", 10**10) + bytes(24)
    array = pa.Array.from_buffers(pa.decimal256(5, 2), 1, [None, pa.py_buffer(ten_digits)])

    with pytest.raises(DataError, match=r"column 'x' cannot be made decimal128\(5, 2\)"):
        pieces(array)


def test_views_in_any_order_overlapping_and_with_gaps_become_a_list():
    views = pa.ListViewArray.from_arrays(
        pa.array([3, 0, 1, 0, 1], pa.int32()),
        pa.array([2, 2, 3, 0, 1], pa.int32()),
        pa.array(["a", "b", "unseen", "d", "e"]).dictionary_encode(),
        mask=pa.array([False, False, True, False, False]),
    )

    assert only(views).to_pylist() == [["d", "e"], ["a", "b"], None, [], ["b"]]
    assert only(views).type == pa.list_(pa.string())


def test_a_null_of_a_dictionary_may_lie_in_its_indices_or_in_its_values():
    array = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 0]), pa.array(["a", None]))

    assert only(array).to_pylist() == ["a", None, None, "a"]


@pytest.mark.usefixtures("short_offsets")
@pytest.mark.parametrize(
    "values",
    [pa.array([b"ab", b"cd"], pa.binary(2)), pa.array([["a"], None, []]), pa.array([{"a": 1}, {"a": None}])],
)
def test_a_dictionary_is_decoded_in_slices_that_cannot_overflow(values):
    array = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 1, 0, 0]), values)

    assert only(array).to_pylist() == array.to_pylist()


def test_what_is_decoded_in_slices_that_do_not_fit_one_array_is_halved(monkeypatch):
    monkeypatch.setattr(canonical, "MAX_BYTES", 8)
    monkeypatch.setattr(canonical.pa, "concat_arrays", concat_at_most(2))
    array = pa.DictionaryArray.from_arrays(pa.array([0, 1, 1, 0]), pa.array([["a"], ["b"]]))

    assert [piece.to_pylist() for piece in pieces(array)] == [[["a"], ["b"]], [["b"], ["a"]]]


def test_chunks_that_do_not_fit_one_array_are_halved_as_if_they_had_come_in_one(monkeypatch):
    monkeypatch.setattr(canonical.pa, "concat_arrays", concat_at_most(4))
    rows = pa.chunked_array([["a"], ["b", "c", "d", "e"], [], ["f", "g"]], pa.string())

    assert [chunk.to_pylist() for chunk in canonical_chunks(rows, pa.string(), "x")] == [
        ["a", "b", "c"],
        ["d", "e", "f", "g"],
    ]
