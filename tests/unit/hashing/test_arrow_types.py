from __future__ import annotations

import pyarrow as pa
import pytest
from laws.arrow_columns import LEAVES

from assetflow.errors import DataError, UnsupportedTypeError
from assetflow.hashing.arrow_types import canonical_schema, canonical_type, storage_of, type_text

UNION = pa.dense_union([pa.field("a", pa.int8())])
RUNS = pa.run_end_encoded(pa.int32(), pa.string())


class Celsius(pa.ExtensionType):
    """An extension with a parameter, over any storage that its ``strict`` allows."""

    def __init__(self, storage: pa.DataType, scale: str = "C", *, strict: bool = False) -> None:
        self.scale = scale
        self.strict = strict
        super().__init__(storage, "test.celsius")

    def __arrow_ext_serialize__(self) -> bytes:
        return self.scale.encode()

    @classmethod
    def __arrow_ext_deserialize__(cls, storage: pa.DataType, serialized: bytes) -> Celsius:
        if serialized == b"strict":
            raise ValueError("only over large strings")
        return cls(storage, serialized.decode())


@pytest.mark.parametrize(
    ("layouts", "canonical"),
    [
        ([pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.large_string())], pa.string()),
        ([pa.large_binary(), pa.binary_view(), pa.dictionary(pa.uint8(), pa.binary())], pa.binary()),
        (
            [pa.large_list(pa.int8()), pa.list_view(pa.int8()), pa.large_list_view(pa.int8())],
            pa.list_(pa.int8()),
        ),
        ([pa.list_(pa.field("x", pa.int8(), nullable=False))], pa.list_(pa.int8())),
        ([pa.list_(pa.field("x", pa.large_string()), 2)], pa.list_(pa.string(), 2)),
        ([pa.decimal32(5, 2), pa.decimal64(5, 2), pa.decimal256(5, 2)], pa.decimal128(5, 2)),
        ([pa.decimal256(38, 2)], pa.decimal128(38, 2)),
        ([pa.decimal256(39, 2)], pa.decimal256(39, 2)),
        ([pa.map_(pa.large_string(), pa.int8(), keys_sorted=True)], pa.map_(pa.string(), pa.int8())),
        (
            [pa.struct([pa.field("a", pa.int8(), nullable=False, metadata={"k": "v"})])],
            pa.struct([("a", pa.int8())]),
        ),
        (
            [pa.timestamp("us", zone) for zone in ("Etc/UTC", "utc", "Z", "+00:00", "Zulu")],
            pa.timestamp("us", "UTC"),
        ),
        ([pa.timestamp("us", "Europe/Berlin")], pa.timestamp("us", "Europe/Berlin")),
        ([pa.timestamp("us", "GMT")], pa.timestamp("us", "GMT")),
        ([pa.json_(pa.large_string()), pa.dictionary(pa.int8(), pa.json_())], pa.json_()),
        ([pa.opaque(pa.large_binary(), "shape", "shop")], pa.opaque(pa.binary(), "shape", "shop")),
        ([Celsius(pa.large_string())], Celsius(pa.string())),
        (
            [pa.fixed_shape_tensor(pa.decimal32(5, 2), [2], dim_names=["x"])],
            pa.fixed_shape_tensor(pa.decimal128(5, 2), [2], dim_names=["x"]),
        ),
    ],
)
def test_layouts_of_one_meaning_have_one_canonical_type_and_text(layouts, canonical):
    for layout in [*layouts, canonical]:
        assert canonical_type(layout).equals(canonical, check_metadata=True)
        assert type_text(layout) == type_text(canonical)


def test_types_of_different_meaning_have_different_texts():
    types = [
        *LEAVES,
        *(
            pa.binary(4),
            pa.timestamp("us", "UTC"),
            pa.timestamp("us", "GMT"),
            pa.decimal128(5, 3),
            pa.decimal128(6, 2),
        ),
        *(pa.list_(pa.int8()), pa.list_(pa.int8(), 1), pa.list_(pa.int8(), 2), pa.list_(pa.list_(pa.int8()))),
        *(
            pa.map_(pa.int8(), pa.string()),
            pa.map_(pa.string(), pa.int8()),
            pa.list_(pa.struct([("key", pa.int8())])),
        ),
        *(pa.struct([]), pa.struct([("a", pa.int8())]), pa.struct([("b", pa.int8())])),
        *(pa.struct([("a", pa.int8()), ("b", pa.int8())]), pa.struct([("b", pa.int8()), ("a", pa.int8())])),
        *(pa.struct([('a":int8,"b', pa.int8())]), pa.struct([("a", pa.struct([("b", pa.int8())]))])),
        *(Celsius(pa.float32()), Celsius(pa.float64()), Celsius(pa.float64(), "F")),
        *(pa.opaque(pa.string(), "a", "b"), pa.opaque(pa.string(), "b", "a")),
        *(pa.fixed_shape_tensor(pa.float32(), [2, 1]), pa.fixed_shape_tensor(pa.float32(), [1, 2])),
        *(pa.fixed_shape_tensor(pa.float32(), [1, 2], dim_names=["x", "y"]),),
        *(pa.fixed_shape_tensor(pa.float32(), [1, 2], permutation=[1, 0]),),
    ]
    distinct = {str(t): t for t in types}

    assert len({type_text(t) for t in distinct.values()}) == len(distinct)


def test_a_tensor_keeps_its_shape_over_canonical_storage():
    tensor = pa.fixed_shape_tensor(pa.float32(), [2, 3], dim_names=["x", "y"])

    assert canonical_type(pa.list_(tensor)) == pa.list_(tensor)
    assert type_text(tensor) == (
        r'extension<"arrow.fixed_shape_tensor","[[2, 3], [\"x\", \"y\"], null]",fixed_size_list<float32,6>>'
    )


@pytest.mark.parametrize("refused", [UNION, RUNS])
@pytest.mark.parametrize(
    "around",
    [
        lambda t: t,
        pa.list_,
        lambda t: pa.struct([("a", pa.list_(pa.map_(pa.string(), t)))]),
        lambda t: pa.dictionary(pa.int8(), t),
    ],
)
def test_a_type_without_a_definition_is_refused_by_the_name_of_its_column(refused, around):
    with pytest.raises(UnsupportedTypeError, match="column 'shape'") as error:
        canonical_schema(pa.schema([("id", pa.int8()), ("shape", around(refused))]))

    assert error.value.column == "shape"
    assert str(refused) in str(error.value)


def test_an_extension_that_refuses_canonical_storage_is_refused():
    with pytest.raises(UnsupportedTypeError, match="hand over its storage"):
        canonical_type(Celsius(pa.large_string(), "strict"), "degrees")


def test_a_canonical_schema_has_no_metadata_and_nullable_fields():
    field = pa.field("a", pa.large_string(), nullable=False, metadata={"unit": "m"})

    assert canonical_schema(pa.schema([field], metadata={"pandas": "..."})).equals(
        pa.schema([("a", pa.string())]), check_metadata=True
    )


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(DataError, match="more than one column named 'a'"):
        canonical_schema(pa.schema([("a", pa.int8()), ("b", pa.int8()), ("a", pa.int8())]))


def test_the_storage_of_a_type_has_no_extensions_at_any_depth():
    deep = pa.struct([("a", pa.list_(pa.map_(pa.uuid(), pa.list_(pa.json_(), 2))))])

    assert storage_of(deep) == pa.struct([("a", pa.list_(pa.map_(pa.binary(16), pa.list_(pa.string(), 2))))])
    assert storage_of(pa.fixed_shape_tensor(pa.float32(), [2])) == pa.list_(pa.float32(), 2)
