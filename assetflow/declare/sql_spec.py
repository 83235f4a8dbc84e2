"""Owns how ``sql`` becomes its spec: the inputs that the query reads, and what is wrong with it, at its place.

Knows nothing of other assets but the keys that exist.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from assetflow.declare import options as read
from assetflow.declare.asset_spec import ReadDeclaration, read_key
from assetflow.declare.inputs import Input, key_of
from assetflow.declare.made_spec import read_call, read_output
from assetflow.declare.partitioning import read_mapping
from assetflow.declare.problems import Problems
from assetflow.declare.sql import SqlAsset
from assetflow.errors import QueryError
from assetflow.frames.content import FORMATS
from assetflow.frames.forms import Form
from assetflow.hashing.sql_text import SqlText
from assetflow.keys import did_you_mean
from assetflow.model.spec import AssetSpec, InputSpec
from assetflow.queries.clauses import split
from assetflow.queries.functions import SOURCE_HINT
from assetflow.queries.reading import QueryReader, TableRead
from assetflow.queries.tree import pointed

RELATION = Form("duckdb")


def read_sql(
    asset: SqlAsset, *, keys: Mapping[str, str], root: Path | None, reader: QueryReader
) -> ReadDeclaration:
    """Read what ``asset`` says; ``keys`` are all of the project's by their case-folded form."""
    options = asset.options
    problems = Problems(f"asset {asset.key!r}", asset.place.text(root))
    key = read_key(asset.key, problems, "write af.sql('name', query)")
    query = _query_of(asset, root, problems)
    call = read_call(options, problems)
    described = _comment(query.text)
    output = read_output(options, key, problems, formats=FORMATS["table"], described=described)
    inputs = _inputs(asset, query, keys, reader, problems)
    if key in {*call["deps"], *(item.key for item in inputs)}:
        problems.add(
            "it reads itself, or waits for itself", "an asset is made from others; name another input"
        )
    elif output["sort_by"] and query.text.strip() and split(query.text).order:
        problems.add("its query has an ORDER BY, and sort_by= says otherwise", "keep one of them")
    spec = AssetSpec(
        key=key,
        kind="sql",
        where=problems.where,
        path=query.name if isinstance(asset.query, Path) else asset.place.path(root),
        module=asset.place.module,
        query=query,
        inputs=tuple(inputs),
        returns=RELATION,
        **call,
        **output,
    )
    return ReadDeclaration((spec,), tuple(problems.found))


def _query_of(asset: SqlAsset, root: Path | None, problems: Problems) -> SqlText:
    """Return the query's text, as its file is now; one in Python is kept as a file of its own beside the code."""
    if isinstance(asset.query, Path):
        file = asset.query.as_posix()
        if root is not None and asset.query.is_relative_to(root):
            file = asset.query.relative_to(root).as_posix()
        try:
            return SqlText(asset.query.read_text(encoding="utf-8"), file)
        except (OSError, UnicodeDecodeError) as error:
            hint = "its path is relative to the module that declares it"
            problems.add(f"its file {file} cannot be read: {error}", hint)
            return SqlText("", file)
    name = f"{asset.place.path(root)}:{asset.key}.sql"
    if isinstance(asset.query, str):
        return SqlText(asset.query, name)
    problems.add(f"its query is {asset.query!r}", "write its text, or the path of a .sql file")
    return SqlText("", name)


def _inputs(
    asset: SqlAsset, query: SqlText, keys: Mapping[str, str], reader: QueryReader, problems: Problems
) -> list[InputSpec]:
    if problems.found and not query.text:
        return []  # its file is told of already
    try:
        tables = reader.read(query.text)
    except QueryError as problem:
        _add(problems, asset, query, problem)
        return []
    mapped = {
        name.casefold(): (name, target if isinstance(target, Input) else Input(key=target))
        for name, target in read.read_mapping("inputs", asset.options.inputs, problems).items()
    }
    for name, asked in mapped.values():
        if key_of(asked.key) is None:
            problems.add(f"inputs= maps {name!r} to what is neither a key nor an asset")
        elif asked.columns is not None or asked.missing == "none":
            problems.add(
                f"inputs= says of {name!r} what only a function can be told",
                "the query says which columns it reads; a table cannot be None",
            )
        elif name.casefold() not in {table.name.casefold() for table in tables}:
            problems.add(f"inputs= maps {name!r}, and the query reads no table of this name")
    found = []
    for table in tables:
        _, asked = mapped.get(table.name.casefold(), ("", Input(keys.get(table.name.casefold(), ""))))
        key = key_of(asked.key)
        if key and keys.get(key.casefold()) == key:
            mapping = read_mapping(asked.partitions, f"table {table.name!r}", problems)
            missing = asked.missing or "fail"
            found.append(
                InputSpec(table.name, key, RELATION, missing=missing, named=table.named, partitions=mapping)
            )
        elif table.name.casefold() not in mapped or key is not None:
            _add(problems, asset, query, _unknown(table, key or table.name, keys.values()))
    return found


def _unknown(table: TableRead, key: str, keys: Collection[str]) -> QueryError:
    looks_like_file = re.search(r"[./*:\\]", key) and not did_you_mean(key, keys)
    hint = SOURCE_HINT if looks_like_file else did_you_mean(key, keys)
    return QueryError(f"it reads {key!r}, and no asset has this key", position=table.position, hint=hint)


def _add(problems: Problems, asset: SqlAsset, query: SqlText, problem: QueryError) -> None:
    """Note a problem at its line and column, with the line and a mark under the place."""
    if problem.position is None:
        problems.add(problem.message, problem.hint)
        return
    line, column, shown = pointed(query.text, problem.position)
    hint = "\n".join(filter(None, [shown, problem.hint]))
    place = f"{query.name}:{line}:{column}"
    if isinstance(asset.query, Path):
        problems.add_at(place, problem.message, hint)
    else:
        problems.add(f"line {line}, column {column} of its query: {problem.message}", hint)


def _comment(text: str) -> str | None:
    """Return the text of the comment that a query begins with."""
    lines = list(_comment_lines(text))
    return "\n".join(lines).strip() or None


def _comment_lines(text: str) -> Iterator[str]:
    for line in text.lstrip().split("\n"):
        if not line.strip().startswith("--"):
            return
        yield line.strip().removeprefix("--").strip()
