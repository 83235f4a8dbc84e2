from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from assetflow.errors import DamagedError
from assetflow.frames.content import Content, FilesContent, identify
from assetflow.frames.forms import Form
from assetflow.frames.intake import take
from assetflow.model.manifest import Manifest, ManifestRef
from assetflow.storage import artifacts
from assetflow.storage.objects import Objects
from assetflow.storage.store import open_store

ROWS = 3000
BIG = pa.table({"n": pa.array(range(ROWS), pa.int64()), "t": pa.array([f"row {n}" for n in range(ROWS)])})
SMALL = pa.table({"n": pa.array([1, None, 3], pa.int64())})


class Counting(Objects):
    """Objects that count what is really written."""

    def __init__(self, folder):
        super().__init__(folder)
        self.written: Counter[str] = Counter()

    def put(self, data, suffix):
        self.written[suffix] += 1
        return super().put(data, suffix)


@pytest.fixture
def objects(tmp_path):
    return Counting(open_store(tmp_path / "store", durable=False).folder)


def content_of(value, **options):
    return take(value, form=Form("any"), asset="a", **options)


def contents(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").write_bytes(b"a,b\n1,2\n" * 2000)
    (tmp_path / "data" / "empty").write_bytes(b"")
    return {
        "small table": content_of(SMALL),
        "big table": content_of(BIG),
        "arrow table": content_of(BIG, format="arrow"),
        "empty table": content_of(BIG.schema.empty_table()),
        "value": content_of({"a": [1, 2.5, None]}),
        "long value": content_of(["x" * 10_000]),
        "text": content_of("grüße"),
        "long text": content_of("ü" * 10_000),
        "bytes": content_of(b"\x00\xff"),
        "long bytes": content_of(b"\x00\xff" * 10_000),
        "no bytes": content_of(b""),
        "numpy": content_of(np.arange(5.0)),
        "long numpy": content_of(np.arange(5000.0).reshape(50, 100)),
        "folder": content_of(tmp_path / "data"),
        "file": content_of(tmp_path / "data" / "x.csv"),
    }


def test_every_kind_of_content_comes_back_with_its_data_version(objects, tmp_path):
    for name, content in contents(tmp_path).items():
        for allow_inline in (True, False):
            manifest = artifacts.write(content, objects, allow_inline=allow_inline).manifest
            settled = artifacts.settle(manifest, objects)
            resolved = artifacts.resolve(settled, objects)
            loaded = artifacts.read(resolved, objects)

            assert resolved == manifest, name
            assert (loaded.kind, loaded.format) == (content.kind, content.format), name
            assert identify(loaded).data_version == identify(content).data_version, name
            assert allow_inline or manifest.inline is None, name


def test_a_manifest_says_what_is_stored(objects):
    content = content_of(BIG)
    manifest = artifacts.write(content, objects).manifest
    identity = identify(content)

    assert manifest.rows == ROWS
    assert manifest.columns == identity.columns
    assert [part.rows for part in manifest.parts] == [ROWS]
    assert manifest.parts[0].version == identity.data_version
    assert (
        manifest.bytes
        == manifest.parts[0].bytes
        == objects.local_path(manifest.parts[0].object).stat().st_size
    )


def test_small_content_lies_in_the_commit(objects):
    manifest = artifacts.write(content_of(SMALL), objects).manifest

    assert manifest.parts == ()
    assert manifest.inline
    assert manifest.bytes > 0
    assert not objects.written


def test_the_size_of_inline_content_is_that_of_its_bytes(objects):
    assert artifacts.write(content_of("grüße"), objects).manifest.bytes == len("grüße".encode())
    assert artifacts.write(content_of(b"123"), objects).manifest.bytes == 3


def test_columns_are_chosen_and_ordered(objects):
    manifest = artifacts.write(content_of(BIG), objects).manifest

    assert artifacts.read(manifest, objects, columns=["t"]).data == BIG.select(["t"])
    assert artifacts.read(manifest, objects, columns=["t", "n"]).data == BIG.select(["t", "n"])


def test_what_is_known_is_not_written(objects):
    content = content_of(BIG)
    recorded = artifacts.write(content, objects).manifest
    objects.written.clear()
    asked = []
    again = artifacts.write(content, objects, known=lambda *key: asked.append(key) or recorded).manifest

    assert again is recorded
    assert asked == [(identify(content).data_version, "parquet")]
    assert not objects.written


def test_a_part_that_is_known_is_neither_encoded_nor_written(objects):
    content = content_of(BIG)
    part = artifacts.write(content, objects).manifest.parts[0]
    objects.written.clear()
    again = artifacts.write(
        content, objects, known_part=lambda version, _format: part if version == part.version else None
    ).manifest

    assert again.parts == (part,)
    assert not objects.written


def test_what_is_damaged_counts_as_unknown(objects):
    content = content_of(BIG)
    recorded = artifacts.write(content, objects).manifest
    part = recorded.parts[0]
    objects.local_path(part.object).write_bytes(b"damaged")
    again = artifacts.write(
        content,
        objects,
        known=lambda *_: recorded,
        known_part=lambda *_: part,
        replace=frozenset({part.object}),
    ).manifest

    assert again == recorded
    assert artifacts.read(again, objects).data == BIG


def test_inline_content_on_record_does_not_stand_for_what_must_be_erasable(objects):
    content = content_of(SMALL)
    inline = artifacts.write(content, objects).manifest
    manifest = artifacts.write(content, objects, known=lambda *_: inline, allow_inline=False).manifest

    assert manifest.inline is None
    assert len(manifest.parts) == 1


@pytest.mark.parametrize("harm", ["flip", "cut", "remove"])
def test_a_damaged_part_is_named(objects, harm):
    manifest = artifacts.write(content_of(BIG), objects).manifest
    path = objects.local_path(manifest.parts[0].object)
    data = bytearray(path.read_bytes())
    if harm == "flip":
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif harm == "cut":
        path.write_bytes(data[:-1])
    else:
        path.unlink()

    with pytest.raises(DamagedError, match="part 1 of 1: object ") as caught:
        artifacts.read(manifest, objects)
    assert caught.value.objects == (manifest.parts[0].object,)


def test_a_manifest_too_large_for_a_commit_is_an_object(objects):
    manifest = artifacts.write(
        content_of(pa.table({f"column {n}": [n] * 1000 for n in range(300)})), objects
    ).manifest
    settled = artifacts.settle(manifest, objects)

    assert isinstance(settled, ManifestRef)
    assert settled.object.endswith(".json")
    assert (settled.kind, settled.format, settled.rows, settled.bytes, settled.columns) == (
        manifest.kind,
        manifest.format,
        manifest.rows,
        manifest.bytes,
        manifest.columns,
    )
    assert artifacts.resolve(settled, objects) == manifest


def test_a_small_manifest_stays_in_the_commit(objects):
    manifest = artifacts.write(content_of(BIG), objects).manifest

    assert artifacts.settle(manifest, objects) is manifest
    assert artifacts.resolve(manifest, objects) is manifest


def test_inline_content_stays_in_the_commit_though_its_manifest_is_large(objects):
    manifest = artifacts.write(content_of(b"\xff" * 8000), objects).manifest

    assert isinstance(artifacts.settle(manifest, objects), Manifest)


def test_a_large_file_is_streamed(objects, tmp_path):
    """Never as one piece of bytes: ``put`` is not called."""
    (tmp_path / "file").write_bytes(b"x" * 10_000_000)
    manifest = artifacts.write(
        Content("files", FilesContent((("file", tmp_path / "file"),)), "file"), objects
    ).manifest

    assert manifest.bytes == 10_000_000
    assert not objects.written
