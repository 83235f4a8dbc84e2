"""Golden values: what each definition yields, for ever. One that changes is a change of format.

A new result takes a new number of the definition (docs/formats.md); what is here for the old number stays.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from laws.arrow_columns import LEAVES

from assetflow.hashing.arrays import hash_array
from assetflow.hashing.arrow_types import storage_of, type_text
from assetflow.hashing.blobs import hash_blob, hash_single_file, hash_text
from assetflow.hashing.digest import digest, hash_bytes
from assetflow.hashing.files import hash_directory, hash_files
from assetflow.hashing.fingerprint import (
    check_fingerprint,
    effect_version,
    fingerprint,
    source_fingerprint,
    version_id,
)
from assetflow.hashing.tables import hash_table
from assetflow.hashing.values import encode_value, hash_value


def sample(t: pa.DataType) -> pa.Array:
    """Three values, the second null, that are made of the bytes 1, 2, 3, ... as far as the type allows."""
    storage = storage_of(t)
    if pa.types.is_null(storage):
        array = pa.nulls(3)
    elif pa.types.is_boolean(storage):
        array = pa.array([True, None, False])
    elif pa.types.is_string(storage) or pa.types.is_binary(storage):
        array = pa.array(["ab", None, "ü"]).cast(storage)
    elif pa.types.is_fixed_size_list(storage):
        array = pa.array([[1.5, None], None, [-0.0, float("nan")]], storage)
    else:
        width = storage.bit_width // 8
        data = b"".join(bytes([row + 1] * min(width, 2)).ljust(width, b"\0") for row in range(3))
        array = pa.Array.from_buffers(storage, 3, [pa.py_buffer(b"\x05"), pa.py_buffer(data)])
    return pa.ExtensionArray.from_storage(t, array) if t != storage else array


NESTED = {
    "list": pa.array([[1, None], None, []], pa.list_(pa.int16())),
    "fixed": pa.array([["a", None], None], pa.list_(pa.string(), 2)),
    "map": pa.array([[("k", 1.5), ("l", None)], None, []], pa.map_(pa.string(), pa.float32())),
    "struct": pa.array(
        [{"a": 1, "b": "x"}, None, {"a": None, "b": ""}], pa.struct([("a", pa.int8()), ("b", pa.string())])
    ),
    "deep": pa.array(
        [[{"m": [("k", [b"x", None])]}, None], None, [{"m": None}]],
        pa.list_(pa.struct([("m", pa.map_(pa.string(), pa.list_(pa.binary())))])),
    ),
}


@dataclasses.dataclass
class Line:
    amount: Decimal
    day: dt.date


COLUMNS = {
    "null": "86c772e795f7a30416ae09bae3935add",
    "bool": "13eaad0842778b121e9e4ab2dfaee365",
    "int8": "dea18ce9db9f1e93e09962aca624c42a",
    "int16": "3bce80fca2a97780d72a8c6138bf8e79",
    "int32": "71bad54288056bf847202939ac7254d4",
    "int64": "c8b967e9dc91930b9d82a4bc90ac0e58",
    "uint8": "4ca245e993abd917f32dd4ab6d2ad350",
    "uint16": "2ebc35109d6c6d0711f20bc23ba6332e",
    "uint32": "087b46b256d30ca07e42b9b65d82306a",
    "uint64": "f62dc77dd595d4e82d7860992ba6600b",
    "float16": "443e7278c69a54df0fafa9c7f9d9fa18",
    "float32": "b85e5f1d6c8664e64311fb2db7b9b207",
    "float64": "2c22c6f31e0b38887d34fbf1e94f9c5f",
    "string": "d1422082957407b9f1f05fbc03099db7",
    "binary": "1874771aeb873bafdebb7146fa03b700",
    "fixed_size_binary[3]": "fbf4ebe424d189e6e4e868a3e4bcce91",
    "fixed_size_binary[0]": "dc012923f795c1454fb075eb345f9aad",
    "date32": "69ea2762923b429b651f24e8948c8bb1",
    "date64": "f2dcd84aeb71e1a11314382650fba13e",
    "time32[s]": "13380896dffd8ec6a79933621ee69e42",
    "time32[ms]": "51114e41d7d7cdb59600d17b69d2f82e",
    "time64[us]": "94a20aaf7e417fdd1f8b56093de095fc",
    "time64[ns]": "610e8fefb0bf03454f04b644ab2beb0b",
    "timestamp[s]": "7cd8c278a50e1a81b0aa0740a1bc69bd",
    "timestamp[ms]": "64ec82ed1c2b809e20f95883228c8461",
    "timestamp[us]": "43c93739f52173424e34de84aeb772e6",
    "timestamp[ns]": "c16ede6919115e862a18ebf190a8e605",
    'timestamp[us,"UTC"]': "55f0861ed009dae040ce92291febf3e2",
    'timestamp[ns,"Europe/Berlin"]': "761cf8da0b0bb49ee85a350493620d88",
    "duration[s]": "57b8d8d294aea89237549ec9300bd3ff",
    "duration[ms]": "f0a4012fd21f971aa5964c4beea3524c",
    "duration[us]": "d16ad67df8dcc1397bbddb025c588b9c",
    "duration[ns]": "41281c613b69dca970d5a2f05beac4e4",
    "month_day_nano_interval": "68b54c4ad14cc2c2276eee28f015c6f5",
    "decimal[5,2]": "a9c83776ba2ed0ab208484720bd286de",
    "decimal[38,-3]": "1f6edd4423e434bc377d958512e8e246",
    "decimal[60,10]": "b0feabb2f64bfce52e05a5c565d45bbb",
    "arrow.uuid": "64e56715575494caf3180c70d992f61d",
    "arrow.json": "a8361060e5dc10aa2b95966899018e1d",
    "arrow.bool8": "912f77ffb5922f67ede63ac06b7b6c16",
    "arrow.fixed_shape_tensor": "6e75d48b91fe07e36b09921c31c3ef12",
    "arrow.opaque": "58b81e3a2507369f27da65d3cc61c32a",
    "list": "75692a7e3f4e106d73d9250817d2fc25",
    "fixed": "4af99bfdf7f7eb6f7761f5523231a014",
    "map": "2efdaf6fff633e262664c7d4eb51c60d",
    "struct": "57d5a84f4e90aca4c80f21495d0d02c4",
    "deep": "f557f8b1661953df014d55ace902f141",
}


def column_hash(array: pa.Array) -> str:
    return hash_table(pa.table({"x": array})).columns[0][1]


@pytest.mark.parametrize("t", LEAVES, ids=type_text)
def test_columns_of_plain_types(t):
    name = t.extension_name if isinstance(t, pa.BaseExtensionType) else type_text(t)

    assert column_hash(sample(t)) == COLUMNS[name]


@pytest.mark.parametrize("name", NESTED)
def test_columns_of_nested_types(name):
    assert column_hash(NESTED[name]) == COLUMNS[name]


def test_tables():
    table = pa.table({"id": [1, 2, 3], "tëxt": ["a", None, "b"], "x": [1.5, None, float("nan")]})

    assert hash_table(table).data_version == "988f127458505de5f8d39097f16cd29d"
    assert hash_table(table.slice(0, 0)).data_version == "5221620bad0d69645628cce5e53cf079"
    assert hash_table(table.select([])).data_version == "39b69739a3c23aa3deb373512ae17366"


VALUES = {
    "plain": [None, True, False, 0, -1, 1.0, -0.0, "", "ü", {"b": [], "a": {}}],
    "tagged": [2**64, float("nan"), b"\0", (1, {2, 1}), {1: "a", "$x": frozenset()}, 1j, Decimal("1.00")],
    "times": [
        dt.date(2026, 1, 1),
        dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC),
        dt.time(1),
        dt.timedelta(1, 2, 3),
    ],
    "arrays": [np.arange(3, dtype="<i2"), np.datetime64("2026-01-01", "s")],
}
VALUE_HASHES = {
    "plain": "0f4672bbfaa5ddd3c1279f5398b84044",
    "tagged": "300776276412b91731da573278c938d8",
    "times": "161f73b49a9fa59973846da06dd3f400",
    "arrays": "61ab940f570d719cdcec808a7f59e71c",
}


@pytest.mark.parametrize("name", VALUES)
def test_values(name):
    assert hash_value(VALUES[name]) == VALUE_HASHES[name]


def test_values_with_a_class():
    text = encode_value(Line(Decimal("1.50"), dt.date(2026, 1, 1))).replace(__name__, "shop")

    assert text == '{"$dataclass":["shop:Line",{"amount":{"$decimal":"1.50"},"day":{"$date":"2026-01-01"}}]}'


OTHERS = {
    "digest": lambda: digest("sample/1", "a", 1, b"c", None),
    "bytes": lambda: hash_bytes(b"bytes"),
    "array": lambda: hash_array(np.arange(6, dtype="<f4").reshape(2, 3)),
    "structured array": lambda: hash_array(np.array([(1, 2.5)], [("a", "<i2"), ("b", "<f8")])),
    "text": lambda: hash_text("text"),
    "blob": lambda: hash_blob("figure", b"<svg/>"),
    "file": lambda: hash_single_file("a.csv", hash_bytes(b"a")),
    "folder": lambda: hash_directory([("b", hash_bytes(b"b")), ("a", hash_bytes(b"a"))]),
    "source": lambda: hash_files("csv", 1, [("b", hash_bytes(b"b")), ("a", hash_bytes(b"a"))]),
    "source fingerprint": lambda: source_fingerprint("sales", "d" * 32),
    "effect": lambda: effect_version("f" * 32),
    "version": lambda: version_id("sales", "2026", "f" * 32, "d" * 32),
    "check": lambda: check_fingerprint("unique", "c" * 32, "a" * 32, [("sales", "d" * 32), ("other", None)]),
    "fingerprint": lambda: fingerprint(
        asset="report",
        output="second",
        code_version="c" * 32,
        config_hash="e" * 32,
        token="2026-11-23T06:00",
        partition="2026-11-23",
        sort_by=("a", "b"),
        round=(("x", 2),),
        form="pandas",
        resources=(("db", "host"),),
        inputs=[
            ("sales", "pandas", "fail", "", [("", "1" * 32)]),
            ("rates", "polars", "none", "window(-1,0)", [("p", None), ("q", (3, [("a", "2" * 32)]))]),
        ],
        deps=(("calendar", "4" * 32), ("holidays", None)),
    ),
}
OTHER_HASHES = {
    "digest": "5b8e324b25a6adefae7bf54fbe4c822b",
    "bytes": "95f64cad147d23ee983871c230125b12",
    "array": "23595acd92d6681810f90956c7510ca3",
    "structured array": "1da54336adc39cc72957595f19857b92",
    "text": "bfd74354e94a825ae24fef37883b8e21",
    "blob": "883b4d69467281546a9692a54e57d68f",
    "file": "069d7b465cd75a9b169456756b7a7cad",
    "folder": "8309d7621488528866f6f41bc57a9857",
    "source": "fe2e4683cf233a3e1f7b4056d910ab3e",
    "source fingerprint": "6d8f691174107d6336d98e76afecab9c",
    "effect": "9fb9d19df59ba1f197696d145ce39d29",
    "version": "f8e16671269f46a82f9d921de698b422",
    "check": "106da7c2b4cdb867384f466c2ddfe779",
    "fingerprint": "cb998b2f9bf62ea39c6ec0f57c575e9a",
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_definitions(name):
    assert OTHERS[name]() == OTHER_HASHES[name]
