from __future__ import annotations

import numpy as np
import pytest

from assetflow.errors import DataError
from assetflow.hashing.arrays import hash_array
from assetflow.hashing.digest import digest

NUMBERS = np.arange(6, dtype="<i4").reshape(2, 3)


def test_the_hash_is_that_of_dtype_shape_and_bytes():
    assert hash_array(NUMBERS) == digest("array/1", 2, 2, 3, "<i4", NUMBERS.tobytes())


@pytest.mark.parametrize(
    "same",
    [np.asfortranarray(NUMBERS), np.repeat(NUMBERS, 2, axis=1)[:, ::2], NUMBERS.copy(), NUMBERS[:, :]],
)
def test_strides_do_not_matter(same):
    assert hash_array(same) == hash_array(NUMBERS)


def test_a_memory_mapped_array_is_what_it_maps(tmp_path):
    np.save(tmp_path / "a.npy", NUMBERS)

    assert hash_array(np.load(tmp_path / "a.npy", mmap_mode="r")) == hash_array(NUMBERS)


@pytest.mark.parametrize(
    "other",
    [
        NUMBERS.reshape(3, 2),
        NUMBERS.reshape(6),
        NUMBERS.reshape(1, 2, 3),
        NUMBERS.astype("<u4"),
        NUMBERS.astype(">i4"),
        NUMBERS.astype("<i8"),
        NUMBERS + 1,
        NUMBERS[:1],
        NUMBERS.view("M8[s]") if NUMBERS.itemsize == 8 else NUMBERS.astype("M8[s]"),
    ],
)
def test_dtype_shape_order_of_bytes_and_values_matter(other):
    assert hash_array(other) != hash_array(NUMBERS)


def test_empty_and_scalar_arrays_are_told_apart_by_shape_and_dtype():
    arrays = [np.zeros(0), np.zeros((0, 2)), np.zeros((2, 0)), np.zeros(0, "i4"), np.zeros(()), np.zeros(1)]

    assert len({hash_array(array) for array in arrays}) == len(arrays)


def test_every_bit_of_a_value_counts():
    nans = np.array([0x7FF8000000000000, 0xFFF8000000000001], "<u8").view("<f8")

    assert hash_array(nans[:1]) != hash_array(nans[1:])
    assert hash_array(np.array([0.0])) != hash_array(np.array([-0.0]))


def test_what_lies_between_the_fields_of_a_structured_array_does_not_matter():
    kind = np.dtype([("a", "i1"), ("b", "<i4", (2,))], align=True)
    one = np.zeros(3, kind)
    one.view("u1").reshape(3, -1)[:, 1:4] = 255
    other = np.zeros(3, kind)
    assert one.tobytes() != other.tobytes()

    assert hash_array(one) == hash_array(other)
    other["b"][1, 0] = 1
    assert hash_array(one) != hash_array(other)


def test_names_and_layout_of_fields_matter():
    kinds = [[("a", "i1"), ("b", "i1")], [("b", "i1"), ("a", "i1")], [("a", "i1"), ("b", "i2")], "i1"]
    padded = np.dtype({"names": ["a", "b"], "formats": ["i1", "i1"], "offsets": [0, 2]})

    assert len({hash_array(np.zeros(2, kind)) for kind in [*kinds, padded]}) == 5


@pytest.mark.parametrize(
    ("array", "why"),
    [
        (np.array([object()]), "holds references"),
        (np.array(["a"], np.dtypes.StringDType()), "holds references"),
        (np.zeros(1, [("a", "i4"), ("b", [("c", "O")])]), "holds references"),
        (np.zeros(1, "longdouble"), "laid out differently from machine to machine"),
        (np.zeros(1, [("a", "clongdouble")]), "laid out differently from machine to machine"),
        (np.ma.array([1, 2], mask=[0, 1]), "MaskedArray holds more than its values"),
        (np.zeros(1, [("a", "i4")]).view(np.recarray), "recarray holds more than its values"),
    ],
)
def test_arrays_whose_bytes_are_not_their_values_are_refused(array, why):
    with pytest.raises(DataError, match=why) as error:
        hash_array(array)

    assert error.value.hint
