"""The tables in docs/formats.md are true."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest
from laws.arrow_columns import LEAVES

from assetflow.hashing.arrow_types import type_text
from assetflow.hashing.value_scalars import _READERS

DOCUMENT = (Path(__file__).parents[3] / "docs" / "formats.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("| ").split("|")]
    for line in DOCUMENT.splitlines()
    if line.startswith("|")
]
TYPES = {row[0]: row for row in ROWS[next(i for i, row in enumerate(ROWS) if row[0] == "Arrow types") :]}
LAYOUTS = [
    *LEAVES,
    *(pa.large_string(), pa.string_view(), pa.large_binary(), pa.binary_view()),
    *(pa.decimal32(1, 0), pa.decimal64(1, 0), pa.dictionary(pa.int8(), pa.string())),
    *(pa.list_(pa.int8()), pa.large_list(pa.int8()), pa.list_view(pa.int8()), pa.large_list_view(pa.int8())),
    *(pa.list_(pa.int8(), 2), pa.map_(pa.int8(), pa.int8()), pa.struct([])),
]


@pytest.mark.parametrize("t", LAYOUTS, ids=str)
def test_every_type_has_a_row_in_the_table_of_types(t):
    name = {"halffloat": "float16", "float": "float32", "double": "float64"}.get(str(t), str(t))
    name = re.split(r"[<(\[]", name.replace("extension<arrow.", ""))[0].rstrip(">")
    told = (
        " ".join(TYPES)
        .replace("int8 to int64", "int8 int16 int32 int64")
        .replace("uint8 to uint64", "uint8 uint16 uint32 uint64")
    )

    assert re.search(rf"\b{name}\b", told)


PLAIN = [t for t in LEAVES if not isinstance(t, pa.BaseExtensionType) and not pa.types.is_integer(t)]


@pytest.mark.parametrize("t", [t for t in PLAIN if not getattr(t, "tz", None)], ids=type_text)
def test_the_text_of_a_type_is_as_told(t):
    general = re.sub(r"(decimal|fixed_size_binary)\[.*\]", r"\1[", type_text(t))
    general = re.sub(r"(timestamp|duration)\[\w+", r"\1[us", general)

    assert any(f"`{general}" in row[2] for row in TYPES.values() if len(row) == 5)


def test_every_tag_of_a_value_is_told():
    containers = {"$tuple", "$set", "$frozenset", "$dict", "$enum", "$model", "$dataclass", "$namedtuple"}

    assert {f"`{tag}`" for tag in containers | set(_READERS)} - set(re.findall(r"`\$\w+`", DOCUMENT)) == set()
