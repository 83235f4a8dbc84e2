from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from matplotlib.figure import Figure

from assetflow.errors import UnknownNameError
from assetflow.frames.codecs import MAX_INLINE_BYTES, decode, encode, inline_text
from assetflow.frames.content import Content, identify
from assetflow.frames.hand_out import hand_out
from assetflow.frames.intake import take
from assetflow.frames.table_codec import schema_to_text
from assetflow.model.manifest import Manifest, Part

TABLE = pa.table({"n": range(10), "s": [str(n) for n in range(10)]})


def written(content: Content, **options) -> tuple[Manifest, dict[str, bytes]]:
    parts, objects = [], {}
    for number, part in enumerate(encode(content, **options)):
        name = f"{number}.{part.suffix}"
        objects[name] = bytes(part.data)
        parts.append(
            Part(object=name, bytes=len(objects[name]), version=part.version, rows=part.rows, path=part.path)
        )
    schema = schema_to_text(content.data.schema) if content.kind == "table" else None
    manifest = Manifest(
        kind=content.kind, format=content.format, bytes=0, parts=tuple(parts), schema_ipc=schema
    )
    return manifest, objects


def figure() -> Figure:
    drawn = Figure()
    drawn.subplots().plot([1, 2])
    return drawn


@pytest.mark.parametrize(
    ("value", "options", "suffix"),
    [
        (TABLE, {}, "parquet"),
        (TABLE, {"format": "arrow"}, "arrow"),
        ({"a": (1,)}, {}, "json"),
        ("text", {}, "txt"),
        (b"bytes", {}, "bin"),
        (np.arange(3), {}, "npy"),
        (figure(), {}, "png"),
        (figure(), {"format": "svg"}, "svg"),
        ({1}, {"format": "pickle"}, "pickle"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_kind_is_one_part_and_comes_back_the_same(value, options, suffix):
    content = take(value, **options)
    manifest, objects = written(content)

    assert [part.object for part in manifest.parts] == [f"0.{suffix}"]
    back = decode(manifest, lambda part: memoryview(objects[part.object]))
    assert identify(back) == identify(content)
    assert back.format == content.format


def test_a_part_is_encoded_when_it_is_asked_for_and_reads_the_same_in_pieces(tmp_path):
    (tmp_path / "f").write_bytes(b"x" * 10)
    for content in (take(TABLE), take(tmp_path / "f")):
        (part,) = encode(content)
        assert b"".join(bytes(piece) for piece in part.chunks()) == bytes(part.data)


def test_the_version_of_a_single_part_is_the_data_version_and_not_hashed_again():
    identity = identify(take(TABLE))
    (part,) = encode(take(TABLE), identity=identity)

    assert part.version == identity.data_version
    assert [p.rows for p in encode(take(TABLE.slice(0, 0)))] == [0]


def test_parquet_has_zstd_statistics_and_checksums():
    _, objects = written(take(TABLE))
    data = objects["0.parquet"]
    column = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(0).column(0)

    assert column.compression == "ZSTD"
    assert column.statistics.max == 9
    spoilt = bytearray(data)
    spoilt[column.data_page_offset + column.total_compressed_size - 1] ^= 1
    with pytest.raises(OSError):
        pq.ParquetFile(io.BytesIO(bytes(spoilt)), page_checksum_verification=True).read()


def test_arrow_parts_are_read_without_a_copy():
    manifest, objects = written(take(TABLE, format="arrow"))
    data = pa.py_buffer(objects["0.arrow"])

    before = pa.total_allocated_bytes()
    back = decode(manifest, lambda _: memoryview(data))
    assert back.data.equals(TABLE)
    assert pa.total_allocated_bytes() - before < 1024


def test_only_the_named_columns_are_loaded_even_where_one_name_looks_like_a_path():
    table = pa.table({"a": [{"b": 1}], "a.b": [2], "c": [3]})
    manifest, objects = written(take(table))

    def names(*columns):
        return decode(manifest, lambda part: objects[part.object], columns=columns).data.column_names

    assert names("a.b") == ["a.b"]
    assert names("c", "a") == ["c", "a"]
    assert names() == []
    with pytest.raises(UnknownNameError, match="there is no column 'd'"):
        names("d")


def test_a_table_without_columns_has_no_rows_in_any_form():
    manifest, objects = written(take(TABLE.select([])))

    assert manifest.format == "arrow"
    assert decode(manifest, lambda part: objects[part.object]).data.equals(pa.table({}))
    assert identify(take(pd.DataFrame(index=range(3)))) == identify(take(TABLE.select([])))


@pytest.mark.parametrize(
    ("value", "small"),
    [
        ("a" * MAX_INLINE_BYTES, True),
        ("é" * MAX_INLINE_BYTES, False),
        (b"a" * MAX_INLINE_BYTES, True),
        (b"a" * (MAX_INLINE_BYTES + 1), False),
        ({"a": "x" * MAX_INLINE_BYTES}, False),
        (TABLE, True),
        (pa.table({"n": range(5000)}), False),
        (pa.table({f"column_{n}": [n] for n in range(500)}), False),
        (np.zeros(10), True),
    ],
)
def test_at_most_8_kib_lie_in_the_commit(value, small):
    assert (inline_text(take(value)) is not None) == small


def test_files_and_pickles_never_lie_in_a_commit(tmp_path):
    (tmp_path / "f").write_text("x")

    assert inline_text(take(tmp_path / "f")) is None
    assert inline_text(take(1, format="pickle")) is None


@pytest.mark.parametrize(
    "value", [TABLE, {"a": 1}, "é", b"a", np.arange(3)], ids=lambda value: type(value).__name__
)
def test_what_lies_in_a_commit_comes_back_the_same(value):
    content = take(value)
    schema = schema_to_text(content.data.schema) if content.kind == "table" else None
    manifest = Manifest(
        kind=content.kind, format=content.format, bytes=0, inline=inline_text(content), schema_ipc=schema
    )

    assert identify(decode(manifest, lambda _: pytest.fail("read a part"))) == identify(content)


def test_text_and_values_are_readable_in_the_commit():
    assert inline_text(take("plain")) == "plain"
    assert inline_text(take({"a": [1, 2]})) == '{"a":[1,2]}'


def test_a_folder_comes_back_file_by_file(tmp_path):
    made = tmp_path / "made"
    (made / "sub").mkdir(parents=True)
    (made / "b.txt").write_text("b")
    (made / "sub" / "a.txt").write_text("a")
    content = take(made)
    manifest, objects = written(content)

    assert [part.path for part in manifest.parts] == ["b.txt", "sub/a.txt"]
    back = decode(manifest, lambda part: objects[part.object])
    assert identify(back) == identify(content)
    path: Path = hand_out(back, scratch=tmp_path)
    assert (path / "sub" / "a.txt").read_text() == "a"
