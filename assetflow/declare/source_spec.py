"""Owns how a ``source`` becomes its spec: the format that its name says, and what is wrong with it."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from assetflow.declare import options as read
from assetflow.declare.asset_spec import ReadDeclaration, read_key
from assetflow.declare.attached import read_checks
from assetflow.declare.partitioning import read_partitions, read_placeholders
from assetflow.declare.problems import Problems
from assetflow.declare.source import Source, SourceOptions
from assetflow.frames.files import COMPRESSIONS
from assetflow.frames.readers import FORMATS, TABLE_FORMATS, option_problem
from assetflow.model.spec import AssetSpec, SourceSpec

_BY_SUFFIX = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".ipc": "arrow",
    ".feather": "arrow",
    ".txt": "text",
}
_COMPRESSIBLE = ("csv", "jsonl", "text")


def read_source(source: Source, *, root: Path | None) -> ReadDeclaration:
    """Read what ``source`` says; places are told relative to ``root``."""
    options = source.options
    problems = Problems(f"source {source.key!r}", source.place.text(root))
    key = read_key(source.key, problems, "write af.source('name', url)")
    partitions = read_partitions(options.partitions, problems)
    location = _read_location(options, problems)
    read_placeholders(location.url, partitions, problems)
    spec = AssetSpec(
        key=key,
        kind="source",
        where=problems.where,
        path=source.place.path(root),
        module=source.place.module,
        source=location,
        partitions=partitions,
        checks=read_checks(options.checks, key, problems),
        group=read.read_label("group", options.group, problems),
        tags=read.read_labels("tags", options.tags, problems),
        owner=read.read_text("owner", options.owner, problems),
        description=read.read_text("description", options.description, problems),
        fresh_within=read.read_fresh_within(options.fresh_within, problems),
    )
    return ReadDeclaration((spec,), tuple(problems.found))


def format_of_url(url: str) -> str:
    """Return the format that ``url`` (a path, a glob, an fsspec URL) says by its suffix; else ``file``."""
    links = url.split("::")
    inner = next(
        (link for link in links if "://" in link), links[-1]
    )  # of zip://a.csv::s3://b/c.zip, the inner file
    if inner.startswith(("http://", "https://")):
        inner = urlsplit(inner).path
    name = PurePosixPath(inner.replace("\\", "/")).name.lower()
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a Path would take ".csv" for a name without suffix
    if suffix not in COMPRESSIONS:
        return _BY_SUFFIX.get(suffix, "file")
    inside = _BY_SUFFIX.get(os.path.splitext(stem)[1], "file")  # noqa: PTH122 - as above
    return inside if inside in _COMPRESSIBLE else "file"


def _read_location(options: SourceOptions, problems: Problems) -> SourceSpec:
    url = os.fspath(options.url) if isinstance(options.url, str | os.PathLike) else ""
    if not isinstance(url, str) or not url:
        problems.add(f"its url is {options.url!r}", "write a path, or a URL such as 's3://bucket/data/*.csv'")
        url = ""
    data_format = read.read_format(options.format, FORMATS, problems) or format_of_url(url)
    if options.identity not in ("bytes", "content"):
        problems.add(f"identity={options.identity!r} is neither 'bytes' nor 'content'")
    elif data_format not in TABLE_FORMATS and options.identity == "content":
        problems.add(f"identity='content' is for tables, and its format is {data_format!r}", _TABLES)
    if data_format not in TABLE_FORMATS and options.schema is not None:
        problems.add(f"schema= is for tables, and its format is {data_format!r}", _TABLES)
    if not isinstance(options.keep, bool):
        problems.add(f"keep={options.keep!r} is neither True nor False")
    reading = read.read_mapping("options", options.options, problems)
    wrong = option_problem(data_format, reading)
    if wrong:
        problems.add(f"options=: {wrong}")
    return SourceSpec(
        url=url,
        format=data_format,
        identity="content" if options.identity == "content" else "bytes",
        keep=bool(options.keep),
        schema=read.read_schema(options.schema, problems),
        options=dict(reading),
    )


_TABLES = f"give format= (one of {', '.join(TABLE_FORMATS)}), or leave this out"
