"""Owns the reading of some commits by DuckDB: their bytes laid out as tables of Arrow.

Knows nothing of the ledger's tables, nor of the rules that commits keep among each other (``storage.head``).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import TYPE_CHECKING, get_args

from assetflow.ledger.rows import FIELDS, SAID, SCHEMAS
from assetflow.model.actions import Action
from assetflow.model.commit import COMMIT_FORMAT, parse_commit, readable_text
from assetflow.model.known_actions import KNOWN_ACTIONS
from assetflow.storage.head import Link, chain

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

Bytes = bytes | memoryview

COMMITS = "batch"
"""The batch's commits: ``number`` and ``hash`` of each, and its fields in ``c``, where actions are JSON."""


@dataclass(frozen=True)
class Batch:
    """Some commits: what chains them, in order, the types of their actions, and tables of what they say, by name."""

    links: tuple[Link, ...]
    types: frozenset[str]
    tables: dict[str, pa.Table]


class BatchReader:
    """Reads batches on a connection of its own, which holds no more than the one that is being read."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection
        self._schemas: dict[str, list[str]] = {}

    def read(self, commits: Sequence[tuple[int, Bytes]]) -> Batch:
        """Read ``commits``.

        Raises:
            StoreFormatError: one of them is not a commit, or not of a format that this release reads.
        """
        import duckdb

        try:
            self._lay_out(commits)
            rows = self._connection.execute(_CONTENT).fetchall()
        except (duckdb.DataError, duckdb.ProgrammingError):  # not JSON, or not of the shape of a commit
            _parse(commits)
            raise
        suspects = {number for number, *_, is_suspect in rows if is_suspect}
        _parse([(number, data) for number, data in commits if number in suspects])
        links = tuple(Link(*fields) for *fields, _types, _is_suspect in rows)
        types = frozenset(name for *_, types, _is_suspect in rows for name in types or ())
        self._lay_out_schemas()
        tables = {name: self._connection.table(name).to_arrow_table() for name in (COMMITS, SAID, SCHEMAS)}
        return Batch(links, types, tables)

    def _lay_out(self, commits: Sequence[tuple[int, Bytes]]) -> None:
        numbers = [number for number, _ in commits]
        hashes = [chain(data) for _, data in commits]
        texts = [readable_text(bytes(data), number) for number, data in commits]
        self._connection.execute(_LAY_OUT_COMMITS, [numbers, hashes, texts])
        self._connection.execute(_LAY_OUT_ACTIONS)

    def _lay_out_schemas(self) -> None:
        """Lay out the columns' types of each schema in the batch. In the log they are in Arrow's binary form."""
        found = [text for (text,) in self._connection.execute(_SCHEMAS).fetchall()]
        for text in found:
            if text not in self._schemas:
                self._schemas[text] = _column_types(text)
        # DuckDB makes the table: pyarrow would import pandas, a fifth of a second, to see that these are lists.
        self._connection.execute(_LAY_OUT_SCHEMAS, [found, [self._schemas[text] for text in found]])


def _parse(commits: Sequence[tuple[int, Bytes]]) -> None:
    """Raise what is wrong with the first of ``commits`` that has something wrong with it, in words."""
    for number, data in commits:
        parse_commit(bytes(data), number)


def _column_types(schema_ipc: str) -> list[str]:
    import pyarrow as pa

    return [str(field.type) for field in pa.ipc.read_schema(pa.py_buffer(base64.b64decode(schema_ipc)))]


def _lacking() -> Iterator[str]:
    """Yield for each type of action the condition that it lacks what its model demands."""
    for name, model in KNOWN_ACTIONS.items():
        lacks = " OR ".join(f'"{field}" IS NULL' for field in _demanded(model) if f'"{field}"' in FIELDS)
        yield f"WHEN '{name}' THEN {lacks or 'false'}"


def _demanded(model: type[Action]) -> list[str]:
    return [
        name
        for name, info in model.model_fields.items()
        if info.is_required() and NoneType not in get_args(info.annotation)
    ]


_ENVELOPE = """{"format": "JSON", "id": "VARCHAR", "number": "BIGINT", "parent": "VARCHAR", "time": "VARCHAR",
    "wall": "TIMESTAMPTZ", "run": "VARCHAR", "actions": ["JSON"],
    "writer": {"host": "VARCHAR", "pid": "BIGINT", "user": "VARCHAR", "release": "VARCHAR"}}"""

_LAY_OUT_COMMITS = f"""
    CREATE OR REPLACE TEMP TABLE {COMMITS} AS
    SELECT number, hash, from_json(body, '{_ENVELOPE}') AS c
    FROM (SELECT unnest(?) AS number, unnest(?) AS hash, unnest(?) AS body)"""  # noqa: S608 -- constants only

_LAY_OUT_ACTIONS = f"""
    CREATE OR REPLACE TEMP TABLE {SAID} AS
    SELECT commit_number, position, timezone('UTC', time::TIMESTAMPTZ) AS time, body,
           unnest(from_json(body, '{FIELDS}'))
    FROM (
        SELECT number AS commit_number, unnest(c.actions) AS body, c.time AS time,
               generate_subscripts(c.actions, 1) - 1 AS position
        FROM {COMMITS})"""  # noqa: S608 -- constants only

_LAY_OUT_SCHEMAS = f"""
    CREATE OR REPLACE TEMP TABLE {SCHEMAS} AS
    SELECT unnest(?::VARCHAR[]) AS schema_ipc, unnest(?::VARCHAR[][]) AS types"""

_SCHEMAS = f"SELECT DISTINCT manifest.schema_ipc FROM {SAID} WHERE manifest.schema_ipc IS NOT NULL"  # noqa: S608 -- constants only

_KNOWN = ", ".join(f"'{name}'" for name in sorted(KNOWN_ACTIONS))

# A suspect has not all that a commit or an action has: to see, and to say, what is wrong with it takes its model.
_CONTENT = f"""
    SELECT b.number, c.number, c.parent, b.hash, c.time, c.writer.release, a.store_id, a.unknown, a.types,
           coalesce(c.format::VARCHAR, '') <> '{COMMIT_FORMAT}' OR c.id IS NULL OR c.number IS NULL
           OR c.parent IS NULL OR c.time IS NULL OR c.wall IS NULL OR c.actions IS NULL OR c.writer.host IS NULL
           OR c.writer.pid IS NULL OR c.writer."user" IS NULL OR c.writer.release IS NULL
           OR coalesce(a.is_suspect, false)
    FROM {COMMITS} b LEFT JOIN (
        SELECT commit_number, list(DISTINCT type) AS types,
               any_value(store_id) FILTER (position = 0 AND type = 'store_created') AS store_id,
               min_by(type, position) FILTER (required AND type NOT IN ({_KNOWN})) AS unknown,
               bool_or(CASE type {" ".join(_lacking())} ELSE type IS NULL END) AS is_suspect
        FROM {SAID} GROUP BY commit_number) a ON a.commit_number = b.number
    ORDER BY b.number"""  # noqa: S608 -- constants only
