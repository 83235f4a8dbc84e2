"""Columns as plain values, each in any of the layouts that Arrow allows for it, and the slow definition of their hash.

A *logical* value is None (null), bytes (what has a fixed width: its canonical bytes), str, bool, a list (lists; pairs
in maps) or a tuple (structs, by position).
"""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import xxhash
from hypothesis import strategies as st

from assetflow.hashing.arrow_types import type_text
from assetflow.hashing.digest import digest

UNITS = ("s", "ms", "us", "ns")
LEAVES = (
    pa.null(),
    pa.bool_(),
    *(pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()),
    *(pa.float16(), pa.float32(), pa.float64()),
    *(pa.string(), pa.binary(), pa.binary(3), pa.binary(0)),
    *(pa.date32(), pa.date64(), pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")),
    *(pa.timestamp(unit) for unit in UNITS),
    *(pa.timestamp("us", "UTC"), pa.timestamp("ns", "Europe/Berlin")),
    *(pa.duration(unit) for unit in UNITS),
    pa.month_day_nano_interval(),
    *(pa.decimal128(5, 2), pa.decimal128(38, -3), pa.decimal256(60, 10)),
    *(pa.uuid(), pa.json_(), pa.bool8(), pa.fixed_shape_tensor(pa.float32(), [2])),
    pa.opaque(pa.string(), "shape", "shop"),
)


def types(levels: int = 3) -> st.SearchStrategy[pa.DataType]:
    """Canonical types, containers nested up to ``levels`` deep."""
    leaf = st.sampled_from(LEAVES)
    if not levels:
        return leaf
    inner = types(levels - 1)
    key = st.sampled_from([t for t in LEAVES if t != pa.null()])
    return st.one_of(
        leaf,
        inner.map(pa.list_),
        st.builds(pa.list_, inner, st.integers(0, 3)),
        st.builds(pa.map_, key, inner),
        st.lists(inner, max_size=3).map(lambda ts: pa.struct([(f"f{i}", t) for i, t in enumerate(ts)])),
    )


def values(t: pa.DataType, *, nullable: bool = True) -> st.SearchStrategy[Any]:
    """Logical values of a canonical type."""
    if isinstance(t, pa.BaseExtensionType):
        return values(t.storage_type, nullable=nullable)
    if pa.types.is_null(t):
        return st.none()
    present = _present(t)
    return st.none() | present if nullable else present


@st.composite
def columns(draw: st.DrawFn, levels: int = 3, max_rows: int = 6) -> tuple[pa.DataType, list[Any]]:
    """A canonical type with logical values."""
    t = draw(types(levels))
    return t, draw(st.lists(values(t), max_size=max_rows))


@st.composite
def tables(draw: st.DrawFn, max_columns: int = 3) -> tuple[list[str], list[pa.DataType], list[list[Any]]]:
    """Names, canonical types, and the logical values of each column."""
    names = draw(st.lists(st.text(max_size=3), min_size=1, max_size=max_columns, unique=True))
    rows = draw(st.integers(0, 6))
    kinds = [draw(types(2)) for _ in names]
    return names, kinds, [draw(st.lists(values(t), min_size=rows, max_size=rows)) for t in kinds]


def _present(t: pa.DataType) -> st.SearchStrategy[Any]:
    is_ = pa.types
    if is_.is_boolean(t):
        return st.booleans()
    if is_.is_string(t):
        return st.text(max_size=4)
    if is_.is_binary(t):
        return st.binary(max_size=4)
    if is_.is_floating(t):
        return _float_bytes(t.bit_width)
    if is_.is_decimal(t):
        most = 10**t.precision - 1
        return st.integers(-most, most).map(lambda n: n.to_bytes(t.bit_width // 8, "little", signed=True))
    if is_.is_date64(t):
        return st.integers(-(10**5), 10**5).map(lambda day: struct.pack("<q", day * 86_400_000))
    if is_.is_time(t):
        per_day = 86_400 * 1000 ** UNITS.index(t.unit)
        return st.integers(0, per_day - 1).map(lambda n: n.to_bytes(t.bit_width // 8, "little"))
    if is_.is_struct(t):
        return st.tuples(*(values(t.field(i).type) for i in range(t.num_fields)))
    if is_.is_map(t):
        return st.lists(st.tuples(values(t.key_type, nullable=False), values(t.item_type)), max_size=3)
    if is_.is_fixed_size_list(t):
        return st.lists(values(t.value_type), min_size=t.list_size, max_size=t.list_size)
    if is_.is_list(t):
        return st.lists(values(t.value_type), max_size=3)
    width = t.bit_width // 8
    return st.binary(min_size=width, max_size=width)


def _float_bytes(bits: int) -> st.SearchStrategy[bytes]:
    code = {16: "<e", 32: "<f", 64: "<d"}[bits]
    special = st.sampled_from([math.nan, 0.0, -0.0, math.inf, -math.inf])
    return (special | st.floats(width=bits, allow_nan=False)).map(lambda x: struct.pack(code, x))


# The slow definition


def slow_column_hash(t: pa.DataType, logical: list[Any]) -> str:
    """``column/1`` as docs/formats.md tells it, value by value."""
    return digest("column/1", type_text(t), *(xxhash.xxh3_128_digest(s) for s in _streams(t, logical)))


def slow_table_version(names: list[str], kinds: list[pa.DataType], logical: list[list[Any]]) -> str:
    """``table/1`` as docs/formats.md tells it."""
    hashes = [slow_column_hash(t, column) for t, column in zip(kinds, logical, strict=True)]
    pairs = [field for pair in zip(names, hashes, strict=True) for field in pair]
    return digest("table/1", len(logical[0]), *pairs)


def _streams(t: pa.DataType, logical: list[Any]) -> list[bytes]:
    is_ = pa.types
    if isinstance(t, pa.BaseExtensionType):
        return _streams(t.storage_type, logical)
    if is_.is_null(t):
        return []
    nulls = b"".join(struct.pack("<Q", row) for row, value in enumerate(logical) if value is None)
    if is_.is_struct(t):
        children = [[None if v is None else v[i] for v in logical] for i in range(t.num_fields)]
        parts = [_streams(t.field(i).type, child) for i, child in enumerate(children)]
        return [nulls, *(stream for part in parts for stream in part)]
    if is_.is_nested(t):
        element = pa.struct([t.key_field, t.item_field]) if is_.is_map(t) else t.value_type
        elements = [item for value in logical if value is not None for item in value]
        lengths = b"".join(struct.pack("<i", len(value or ())) for value in logical)
        return [nulls, *([] if is_.is_fixed_size_list(t) else [lengths]), *_streams(element, elements)]
    as_bytes = [_bytes_of(t, value) for value in logical]
    if is_.is_string(t) or is_.is_binary(t):
        return [nulls, b"".join(struct.pack("<i", len(b)) for b in as_bytes), b"".join(as_bytes)]
    return [nulls, b"".join(as_bytes)]


def _bytes_of(t: pa.DataType, value: Any) -> bytes:
    if pa.types.is_boolean(t):
        return bytes([bool(value)])
    if value is None:
        return b"" if pa.types.is_string(t) or pa.types.is_binary(t) else bytes(t.bit_width // 8)
    return value.encode() if isinstance(value, str) else value


# Layouts


class Layouts:
    """Lays logical values out as Arrow arrays, choosing at random (from ``seed``) among all that mean the same."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def chunked(self, t: pa.DataType, logical: list[Any]) -> pa.ChunkedArray:
        """Return the values in chunks of any lengths. All chunks of a column have one type."""
        whole = self.array(t, logical)
        cuts = sorted(self._random.randrange(len(logical) + 1) for _ in range(self._random.randrange(4)))
        bounds = zip([0, *cuts], [*cuts, len(logical)], strict=True)
        return pa.chunked_array([whole.slice(start, stop - start) for start, stop in bounds], whole.type)

    def array(self, t: pa.DataType, logical: list[Any], *, depth: int = 0) -> pa.Array:
        """Return an array that means ``logical``: of the type ``t``, or of one whose canonical type is ``t``."""
        before = self._some(logical)
        after = self._some(logical)
        padded = [*before, *logical, *after]
        if depth < 4 and not pa.types.is_null(t) and self._odds(5):
            array = self._dictionary(t, padded)
        else:
            array = self._plain(t, padded, depth)
        return array.slice(len(before), len(logical))

    def _odds(self, one_in: int) -> bool:
        return self._random.randrange(one_in) == 0

    def _some(self, logical: list[Any]) -> list[Any]:
        count = self._random.randrange(3) if logical and self._odds(2) else 0
        return [self._random.choice(logical) for _ in range(count)]

    def _dictionary(self, t: pa.DataType, logical: list[Any]) -> pa.Array:
        entries = [*logical, *self._some(logical)]
        order = list(range(len(entries)))
        self._random.shuffle(order)
        where = {entry: place for place, entry in enumerate(order)}
        indices = [None if value is None and self._odds(2) else where[i] for i, value in enumerate(logical)]
        values = self.array(t, [entries[i] for i in order], depth=4)
        return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), values)

    def _plain(self, t: pa.DataType, logical: list[Any], depth: int) -> pa.Array:
        is_ = pa.types
        if isinstance(t, pa.BaseExtensionType):
            return pa.ExtensionArray.from_storage(t, self._exact(t.storage_type, logical))
        if is_.is_null(t):
            return pa.nulls(len(logical))
        if is_.is_struct(t):
            return self._struct(t, logical, depth)
        if is_.is_fixed_size_list(t):
            return self._fixed_size_list(t, logical, depth)
        if is_.is_nested(t):
            return self._list(t, logical, depth)
        return self._leaf(t, logical)

    def _exact(self, t: pa.DataType, logical: list[Any]) -> pa.Array:
        """Return the storage of an extension, which must have just the type that the extension names."""
        array = self._plain(t, logical, 9)
        return array if array.type == t else array.cast(t)

    def _validity(self, logical: list[Any]) -> pa.Buffer | None:
        if None not in logical and self._odds(2):
            return None
        bits = pa.array([value is not None for value in logical], pa.bool_())
        return bits.buffers()[1] if len(bits) else pa.py_buffer(b"")

    def _leaf(self, t: pa.DataType, logical: list[Any]) -> pa.Array:
        is_ = pa.types
        if is_.is_string(t) or is_.is_binary(t):
            return self._texts(t, logical)
        if is_.is_boolean(t):
            shown = [self._odds(2) if value is None else value for value in logical]
            data = pa.array(shown, pa.bool_()).buffers()[1] if shown else pa.py_buffer(b"")
            return pa.Array.from_buffers(t, len(logical), [self._validity(logical), data])
        width = t.bit_width // 8
        data = b"".join(self._fixed(t, width, value) for value in logical)
        array = pa.Array.from_buffers(t, len(logical), [self._validity(logical), pa.py_buffer(data)])
        return self._other_width(array)

    def _fixed(self, t: pa.DataType, width: int, value: bytes | None) -> bytes:
        if value is None:
            return bytes(width) if pa.types.is_decimal(t) else self._random.randbytes(width)
        if pa.types.is_floating(t) and math.isnan(
            struct.unpack({2: "<e", 4: "<f", 8: "<d"}[width], value)[0]
        ):
            number = int.from_bytes(value, "little")
            return (
                number | self._random.getrandbits(7) | self._random.getrandbits(1) << (8 * width - 1)
            ).to_bytes(width, "little")
        return value

    def _other_width(self, array: pa.Array) -> pa.Array:
        t = array.type
        if not pa.types.is_decimal(t) or t.precision > 38:
            return array
        fitting = [pa.decimal256]
        fitting += [pa.decimal64] if t.precision <= 18 else []
        fitting += [pa.decimal32] if t.precision <= 9 else []
        return array.cast(self._random.choice(fitting)(t.precision, t.scale))

    def _texts(self, t: pa.DataType, logical: list[Any]) -> pa.Array:
        junk = [b"\xf0garbage" if value is None and self._odds(2) else b"" for value in logical]
        shown = [j if v is None else _bytes_of(t, v) for j, v in zip(junk, logical, strict=True)]
        wide = self._odds(2)
        code, offsets = ("<q" if wide else "<i"), [0]
        for text in shown:
            offsets.append(offsets[-1] + len(text))
        string = pa.types.is_string(t)
        large = pa.large_string() if string else pa.large_binary()
        buffers = [
            self._validity(logical),
            pa.py_buffer(b"".join(struct.pack(code, offset) for offset in offsets)),
            pa.py_buffer(b"".join(shown)),
        ]
        array = pa.Array.from_buffers(large if wide else t, len(logical), buffers)
        if self._odds(3) and not any(junk):
            return array.cast(pa.string_view() if string else pa.binary_view())
        return array

    def _struct(self, t: pa.StructType, logical: list[Any], depth: int) -> pa.Array:
        children = []
        for i in range(t.num_fields):
            seen = [value[i] for value in logical if value is not None]
            hidden = [self._random.choice(seen) if seen else None for _ in logical]
            shown = [h if v is None else v[i] for h, v in zip(hidden, logical, strict=True)]
            children.append(self.array(t.field(i).type, shown, depth=depth + 1))
        fields = [
            pa.field(t.field(i).name, child.type, metadata={"note": "x"} if self._odds(2) else None)
            for i, child in enumerate(children)
        ]
        return pa.Array.from_buffers(
            pa.struct(fields), len(logical), [self._validity(logical)], children=children
        )

    def _fixed_size_list(self, t: pa.FixedSizeListType, logical: list[Any], depth: int) -> pa.Array:
        seen = [item for value in logical if value is not None for item in value]
        shown: list[Any] = []
        for value in logical:
            shown += (
                [self._random.choice(seen or [None]) for _ in range(t.list_size)] if value is None else value
            )
        child = self.array(t.value_type, shown, depth=depth + 1)
        kind = pa.list_(pa.field("each", child.type), t.list_size)
        return pa.Array.from_buffers(kind, len(logical), [self._validity(logical)], children=[child])

    def _list(self, t: pa.DataType, logical: list[Any], depth: int) -> pa.Array:
        is_map = pa.types.is_map(t)
        seen = [item for value in logical if value is not None for item in value]
        shown = [self._some(seen) if value is None else value for value in logical]
        if not is_map and self._odds(3):
            return self._list_view(t, logical, shown, depth)
        flat = [item for items in shown for item in items]
        offsets = [0]
        for items in shown:
            offsets.append(offsets[-1] + len(items))
        if is_map:
            child = self._entries(t, flat, depth)
            kind, code = pa.map_(child.type.field(0).type, child.type.field(1).type), "<i"
        else:
            child = self.array(t.value_type, flat, depth=depth + 1)
            field = pa.field("element", child.type)
            kind, code = self._random.choice([(pa.list_(field), "<i"), (pa.large_list(field), "<q")])
        buffers = [self._validity(logical), _packed(code, offsets)]
        return pa.Array.from_buffers(kind, len(logical), buffers, children=[child])

    def _list_view(self, t: pa.ListType, logical: list[Any], shown: list[list[Any]], depth: int) -> pa.Array:
        """Lay the lists out in any order, equal ones at one place, with gaps between them."""
        order = list(range(len(shown)))
        self._random.shuffle(order)
        flat: list[Any] = []
        offsets = [0] * len(shown)
        for row in order:
            flat += self._some(flat)
            twin = next((other for other in order[: order.index(row)] if shown[other] == shown[row]), None)
            offsets[row] = len(flat) if twin is None else offsets[twin]
            flat += shown[row] if twin is None else []
        child = self.array(t.value_type, flat, depth=depth + 1)
        kind, code = self._random.choice(
            [(pa.list_view(child.type), "<i"), (pa.large_list_view(child.type), "<q")]
        )
        buffers = [self._validity(logical), _packed(code, offsets), _packed(code, map(len, shown))]
        return pa.Array.from_buffers(kind, len(logical), buffers, children=[child])

    def _entries(self, t: pa.MapType, flat: list[Any], depth: int) -> pa.Array:
        keys = self.array(t.key_type, [key for key, _ in flat], depth=depth + 1)
        items = self.array(t.item_type, [item for _, item in flat], depth=depth + 1)
        assert keys.null_count == 0  # pyarrow 23 aborts where it has not been counted
        fields = [pa.field("key", keys.type, nullable=False), pa.field("value", items.type)]
        return pa.Array.from_buffers(pa.struct(fields), len(flat), [None], children=[keys, items])


def _packed(code: str, numbers: Iterable[int]) -> pa.Buffer:
    return pa.py_buffer(b"".join(struct.pack(code, number) for number in numbers))
