from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from assetflow.declare.source import source
from assetflow.declare.source_spec import format_of_url, read_source


@pytest.mark.parametrize(
    ("url", "data_format"),
    [
        ("data/sales.csv", "csv"),
        ("data/SALES.CSV.GZ", "csv"),
        ("data/*.csv", "csv"),
        ("data/2026-?.jsonl", "jsonl"),
        ("data/x.ndjson.zst", "jsonl"),
        ("s3://bucket/year=*/part-*.parquet", "parquet"),
        ("x.arrow", "arrow"),
        ("x.ipc", "arrow"),
        ("x.feather", "arrow"),
        ("notes.txt", "text"),
        ("data/", "file"),
        ("data/**", "file"),
        ("s3://acme.csv/data", "file"),
        ("model.bin", "file"),
        (".csv", "file"),
        ("archive.gz", "file"),
        ("x.parquet.gz", "file"),
        ("https://host/data.csv?token=a.b", "csv"),
        ("zip://inner.csv::s3://bucket/outer.zip", "csv"),
        ("simplecache::s3://bucket/x.parquet", "parquet"),
        (r"C:\data\sales.csv", "csv"),
    ],
)
def test_the_last_name_of_a_url_says_the_format(url, data_format):
    assert format_of_url(url) == data_format


def test_a_source_says_where_it_was_declared_and_how_it_is_read():
    schema = pa.schema([("a", pa.int64())])
    made = source(
        "raw", Path("data/raw.csv"), schema=schema, options={"delimiter": ";"}, tags="daily", owner="me"
    )
    spec = read_source(made, root=None).specs[0]
    assert read_source(made, root=None).problems == ()
    assert (spec.kind, spec.key, spec.function, spec.tags, spec.owner) == (
        "source",
        "raw",
        None,
        ("daily",),
        "me",
    )
    assert spec.path == __file__
    assert spec.where.startswith(f"{__file__}:")
    assert (spec.source.url, spec.source.format, spec.source.identity, spec.source.keep) == (
        "data/raw.csv",
        "csv",
        "bytes",
        True,
    )
    assert spec.source.schema is schema
    assert spec.source.options == {"delimiter": ";"}
    assert repr(made) == "Source('raw')"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"format": "cvs"}, "format='cvs' is not one of csv, jsonl, parquet, arrow, text, file"),
        ({"identity": "rows"}, "identity='rows' is neither 'bytes' nor 'content'"),
        ({"format": "text", "identity": "content"}, "identity='content' is for tables"),
        ({"format": "file", "schema": pa.schema([])}, "schema= is for tables"),
        ({"schema": {"a": "int"}}, "schema= is a dict, not a pyarrow.Schema"),
        ({"keep": "no"}, "keep='no' is neither True nor False"),
        ({"options": ["header"]}, "options=['header'] is not a mapping from names"),
        ({"options": {"delimeter": ";"}}, "options=: the reader of csv has no option 'delimeter'"),
        ({"tags": ["two words"]}, "tags='two words' cannot be selected"),
        ({"url": ""}, "its url is ''"),
        ({"url": "data/{partition}.csv"}, "names a partition, and it has none"),
        ({"url": None}, "its url is None"),
        ({"key": "no spaces"}, "'no spaces' is not a key"),
        ({"key": 3}, "its key is not text"),
    ],
)
def test_what_is_wrong_with_a_source_is_told(given, told):
    made = source(**{"key": "raw", "url": "raw.csv", **given})
    assert [
        problem.message for problem in read_source(made, root=None).problems if told in problem.message
    ], read_source(made, root=None).problems
    assert all(problem.where.startswith(f"{__file__}:") for problem in read_source(made, root=None).problems)
