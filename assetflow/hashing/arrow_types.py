"""Owns the canonical Arrow type of every type that ``table/1`` defines, and its text as it enters the hash.

Types that differ only in how they are laid out in memory (string and large_string, a dictionary and its
values) have one canonical type; what is stored and handed on has it. Types without a definition are refused.
Knows nothing of arrays.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from assetflow.errors import DataError, UnsupportedTypeError

if TYPE_CHECKING:
    import pyarrow as pa

# Links to Etc/UTC in the tz database and spellings of a zero offset: writers choose freely among them.
_UTC_NAMES = frozenset(
    [
        "utc",
        "etc/utc",
        "uct",
        "etc/uct",
        "universal",
        "etc/universal",
        "zulu",
        "etc/zulu",
        "z",
        "+00:00",
        "-00:00",
    ]
)
_WIDEST_DECIMAL128 = 38
_UNITS = ("s", "ms", "us", "ns")
_PLAIN_TYPES = (
    *("null", "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "string", "binary", "date32", "date64", "month_day_nano_interval"),
    *("time32[s]", "time32[ms]", "time64[us]", "time64[ns]"),
    *(f"timestamp[{unit}]" for unit in _UNITS),
    *(f"duration[{unit}]" for unit in _UNITS),
)


def canonical_type(arrow_type: pa.DataType, column: str = "") -> pa.DataType:
    """Return the type in which columns of ``arrow_type`` are hashed, stored and handed on.

    Raises UnsupportedTypeError, naming ``column``, where the type or one inside it has no definition.
    """
    try:
        return _canonical(arrow_type)
    except _UndefinedError as error:
        raise UnsupportedTypeError(column, str(arrow_type), hint=error.hint) from None


def canonical_schema(schema: pa.Schema) -> pa.Schema:
    """Return ``schema`` with canonical types, every field nullable, and without metadata.

    Raises UnsupportedTypeError for a type without a definition, DataError for two columns of one name.
    """
    import pyarrow as pa

    _refuse_twins(schema.names)
    return pa.schema([(field.name, canonical_type(field.type, field.name)) for field in schema])


def type_text(arrow_type: pa.DataType) -> str:
    """Return the text of the canonical type, as it enters ``column/1``, whatever the release of Arrow."""
    return _text(canonical_type(arrow_type))


def storage_of(canonical: pa.DataType) -> pa.DataType:
    """Return a canonical type with every extension in it replaced by its storage."""
    import pyarrow as pa

    is_ = pa.types
    if isinstance(canonical, pa.BaseExtensionType):
        return storage_of(canonical.storage_type)
    if is_.is_fixed_size_list(canonical):
        return pa.list_(storage_of(canonical.value_type), canonical.list_size)
    if is_.is_list(canonical):
        return pa.list_(storage_of(canonical.value_type))
    if is_.is_map(canonical):
        return pa.map_(storage_of(canonical.key_type), storage_of(canonical.item_type))
    if is_.is_struct(canonical):
        return pa.struct([(field.name, storage_of(field.type)) for field in _fields(canonical)])
    return canonical


class _UndefinedError(Exception):
    def __init__(self, arrow_type: pa.DataType, advice: str) -> None:
        super().__init__(str(arrow_type))
        self.hint = f"table/1 does not define {arrow_type}; {advice}"


def _refuse_twins(names: list[str]) -> None:
    twins = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twins:
        raise DataError(
            f"the table has more than one column named {twins[0]!r}",
            hint="checks, diffs and inputs name columns: give each its own name",
        )


def _canonical(t: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    is_ = pa.types
    if isinstance(t, pa.BaseExtensionType):  # first, for such a type need not be hashable
        return _canonical_extension(t)
    if t in _plain_texts():
        return t
    if is_.is_large_string(t) or is_.is_string_view(t):
        return pa.string()
    if is_.is_large_binary(t) or is_.is_binary_view(t):
        return pa.binary()
    if is_.is_fixed_size_binary(t):
        return t
    if is_.is_timestamp(t):
        return pa.timestamp(t.unit, "UTC" if t.tz.lower() in _UTC_NAMES else t.tz)
    if is_.is_decimal(t):
        wide = pa.decimal128 if t.precision <= _WIDEST_DECIMAL128 else pa.decimal256
        return wide(t.precision, t.scale)
    if is_.is_dictionary(t):
        return _canonical(t.value_type)
    return _canonical_nested(t)


def _canonical_nested(t: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    is_ = pa.types
    if is_.is_fixed_size_list(t):
        return pa.list_(_canonical(t.value_type), t.list_size)
    if is_.is_list(t) or is_.is_large_list(t) or is_.is_list_view(t) or is_.is_large_list_view(t):
        return pa.list_(_canonical(t.value_type))
    if is_.is_map(t):
        return pa.map_(_canonical(t.key_type), _canonical(t.item_type))
    if is_.is_struct(t):
        return pa.struct([(field.name, _canonical(field.type)) for field in _fields(t)])
    raise _UndefinedError(t, "cast it to a type that docs/formats.md lists, or leave the column out")


def _canonical_extension(t: pa.BaseExtensionType) -> pa.DataType:
    """Keep the extension, over its canonical storage."""
    import pyarrow as pa

    _parameters(t)  # refuses an extension whose parameters cannot be read
    storage = _canonical(t.storage_type)
    if storage.equals(t.storage_type, check_metadata=True):
        return t
    if t.extension_name == "arrow.json":
        return pa.json_(storage)
    if isinstance(t, pa.OpaqueType):
        return pa.opaque(storage, t.type_name, t.vendor_name)
    if isinstance(t, pa.FixedShapeTensorType):
        return pa.fixed_shape_tensor(storage.value_type, t.shape, t.dim_names, t.permutation)
    return _rebuilt(t, storage)


def _rebuilt(t: pa.BaseExtensionType, storage: pa.DataType) -> pa.DataType:
    try:
        return type(t).__arrow_ext_deserialize__(storage, t.__arrow_ext_serialize__())
    except Exception as error:  # the extension's own code, which may raise anything
        raise _UndefinedError(
            t, f"it cannot be stored over {storage}; hand over its storage instead"
        ) from error


def _parameters(t: pa.BaseExtensionType) -> str:
    """Return the extension's parameters as text: pyarrow has no one way to ask its own extensions."""
    import pyarrow as pa

    if isinstance(t, pa.ExtensionType):
        return str(t.__arrow_ext_serialize__().hex())
    if isinstance(t, pa.FixedShapeTensorType):
        return json.dumps([t.shape, t.dim_names, t.permutation])
    if isinstance(t, pa.OpaqueType):
        return json.dumps([t.type_name, t.vendor_name])
    if isinstance(t, pa.UuidType | pa.JsonType | pa.Bool8Type):
        return ""
    raise _UndefinedError(t, "hand over its storage instead")


def _fields(t: pa.StructType) -> list[pa.Field]:
    return [t.field(i) for i in range(t.num_fields)]


def _text(t: pa.DataType) -> str:
    import pyarrow as pa

    is_ = pa.types
    if isinstance(t, pa.BaseExtensionType):
        name, parameters = json.dumps(t.extension_name), json.dumps(_parameters(t))
        return f"extension<{name},{parameters},{_text(t.storage_type)}>"
    if t in _plain_texts():
        return _plain_texts()[t]
    if is_.is_fixed_size_binary(t):
        return f"fixed_size_binary[{t.byte_width}]"
    if is_.is_timestamp(t):
        return f"timestamp[{t.unit},{json.dumps(t.tz)}]"
    if is_.is_decimal(t):
        return f"decimal[{t.precision},{t.scale}]"
    if is_.is_fixed_size_list(t):
        return f"fixed_size_list<{_text(t.value_type)},{t.list_size}>"
    if is_.is_list(t):
        return f"list<{_text(t.value_type)}>"
    if is_.is_map(t):
        return f"map<{_text(t.key_type)},{_text(t.item_type)}>"
    return f"struct<{','.join(f'{json.dumps(f.name)}:{_text(f.type)}' for f in _fields(t))}>"


@cache
def _plain_texts() -> dict[pa.DataType, str]:
    """Map the types that are canonical as they are, and take no parameter but a unit, to their texts."""
    import pyarrow as pa

    return {pa.type_for_alias(name): name for name in _PLAIN_TYPES}
