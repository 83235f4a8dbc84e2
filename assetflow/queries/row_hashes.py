"""Owns a number of 64 bits for each row of a table: equal rows have the same, others but by chance another.

DuckDB makes them: of the stored files where it reads from them what assetflow takes for equal, and else of bits. The
two ways give different numbers. They are those of this release of DuckDB: not to be kept.
"""
# ruff: noqa: S608 -- of statements made here all that varies are places of files, quoted, and names that are numbered

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from assetflow.frames.parted import PartedTable
from assetflow.frames.sql_quotes import literal
from assetflow.queries.two_tables import Rows, Side, reading

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

    Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]

_PATTERN = frozenset("*?[")
_GROUP_ROWS = 1 << 20


def can_hash_files(side: Side, columns: Sequence[str]) -> bool:
    """Say whether DuckDB can read the stored files of a table, and tells all values of these columns apart."""
    table = side.table
    return (
        isinstance(table, PartedTable)
        and table.format == "parquet"
        and all(_is_plain(side.schema.field(name).type) for name in columns)
        and all((path := table.find_part(part)) and not _PATTERN & set(str(path)) for part in table.parts)
    )


def row_hashes(
    rows: Rows, columns: Sequence[str], connection: duckdb.DuckDBPyConnection, *, from_files: bool
) -> Iterator[Hashes]:
    """Yield the hashes of the rows of whole pieces, in order. To be compared, both must come in one way."""

    def of_pieces(numbers: Sequence[int]) -> Hashes:
        with connection.cursor() as cursor:
            if from_files:
                return _of_files(rows.side, numbers, columns, cursor)
            return _of_bits(rows.side.piece(numbers[0], columns), cursor)

    with reading() as each:
        yield from each(of_pieces, _groups(rows) if from_files else [[number] for number, _ in rows.pieces])


def _groups(rows: Rows) -> list[list[int]]:
    """Return the pieces, several together: a query takes time of its own."""
    groups: list[list[int]] = []
    held = _GROUP_ROWS
    for number, _ in rows.pieces:
        if held >= _GROUP_ROWS:
            groups.append([])
            held = 0
        groups[-1].append(number)
        held += rows.side.starts[number + 1] - rows.side.starts[number]
    return groups


def _of_files(
    side: Side, numbers: Sequence[int], columns: Sequence[str], connection: duckdb.DuckDBPyConnection
) -> Hashes:
    """Hash the rows of verified files. DuckDB does not tell names apart by case: columns go by their places."""
    import pyarrow.parquet as pq

    table = side.table
    assert isinstance(table, PartedTable)
    files = replace(table, parts=tuple(table.parts[number] for number in numbers)).files
    assert files, "all parts are files of this machine"
    places = {name: place for place, name in enumerate(pq.read_schema(files[0]).names)}
    named = ", ".join(f"c{place}" for place in range(len(places)))
    hashed = ", ".join(_hashed_value(f"c{places[name]}", side.schema.field(name).type) for name in columns)
    listed = ", ".join(literal(str(file)) for file in files)
    stored = f"read_parquet([{listed}], hive_partitioning = false)"
    return _fetched(f"SELECT hash({hashed}) AS h FROM {stored} AS t({named})", connection)


def _of_bits(piece: pa.Table, connection: duckdb.DuckDBPyConnection) -> Hashes:
    from assetflow.queries.bits import bits_of

    bits = bits_of(piece)
    connection.register("bits", bits)
    hashed = ", ".join(_hashed_bits(field) for field in bits.schema)
    return _fetched(f"SELECT hash({hashed}) AS h FROM bits", connection)


def _fetched(query: str, connection: duckdb.DuckDBPyConnection) -> Hashes:
    hashes: Hashes = connection.sql(query).fetchnumpy()["h"]
    return hashes


def _is_plain(t: pa.DataType) -> bool:
    """Say whether DuckDB reads from Parquet exactly what was written: no other unit, nothing wider than it has."""
    import pyarrow as pa

    is_ = pa.types
    if is_.is_timestamp(t):
        return bool(t.unit == "us")
    return bool(
        is_.is_integer(t)
        or is_.is_boolean(t)
        or is_.is_float32(t)
        or is_.is_float64(t)
        or is_.is_string(t)
        or is_.is_binary(t)
        or is_.is_date32(t)
        or (is_.is_decimal128(t) and t.scale >= 0)
    )


def _hashed_value(name: str, t: pa.DataType) -> str:
    """Return what tells values apart: to DuckDB -0.0 is 0.0."""
    import pyarrow as pa

    return f"{name}, signbit({name})" if pa.types.is_floating(t) else name


def _hashed_bits(field: pa.Field) -> str:
    """Return what tells values apart: to DuckDB's hash NULL, [] and [NULL] are one, and [[1], [2]] is [[1, 2]]."""
    import pyarrow as pa

    return f"CAST({field.name} AS VARCHAR)" if pa.types.is_nested(field.type) else field.name
