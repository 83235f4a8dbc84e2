"""Owns the writing of the ledger: its tables, and applying commits to them in bulk.

Knows nothing of files or locks. Commits come as the bytes that the log keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, islice
from itertools import chain as followed_by
from typing import TYPE_CHECKING

from assetflow.ledger.batch import COMMITS, Bytes, clear, lay_out
from assetflow.ledger.commits import HEAD_QUERY, head_of
from assetflow.ledger.rows import READINGS, SAID
from assetflow.ledger.schema import SCHEMA, comments, definitions, shape_of
from assetflow.ledger.tables import TABLES
from assetflow.ledger.views import VIEWS
from assetflow.model.commit import KNOWN_TYPES
from assetflow.storage.head import Head, follow

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_BATCH_BYTES = 16 << 20  # what is held in memory at once: of commits' bytes,
_BATCH = 10_000  # and of commits
_BATCHES = 8  # in one transaction
_NUMBER = 2  # raise it when rows.py says something else of the same action


class OtherLogError(Exception):
    """The ledger was made from another log, or has another shape: it must be made anew."""


def shape() -> str:
    """Return the text that names what this release's ledgers look like."""
    return shape_of(_DEFINITIONS, KNOWN_TYPES, _NUMBER)


def create(connection: DuckDBPyConnection, *, commented: bool) -> None:
    """Make the tables and views in an empty database.

    Comments take most of the time (50 of 60 ms), so what nobody will open with another tool may do without.
    """
    with _transaction(connection):
        connection.execute(_DEFINITIONS)
        if commented:
            connection.execute(comments(TABLES, VIEWS))
        connection.execute("INSERT INTO assetflow.state VALUES (?)", [shape()])


def applied(connection: DuckDBPyConnection) -> Head:
    """Return the last commit that was applied; raise OtherLogError when the file has another shape."""
    if connection.execute("SELECT shape FROM assetflow.state").fetchall() != [(shape(),)]:
        raise OtherLogError
    return head_of(connection.execute(HEAD_QUERY).fetchall())


def apply(connection: DuckDBPyConnection, commits: Iterable[tuple[int, Bytes]], head: Head) -> Head:
    """Append what ``commits``, which follow ``head``, say; return the new head.

    Long logs are taken in in several transactions, so that what one holds in memory is bounded, and an interrupted one
    loses only its own.

    Raises:
        StoreFormatError: a commit does not follow the one before, or is in a format that this release does
            not read.
    """
    batches = _batches(commits)
    for first in batches:
        with _transaction(connection):
            for batch in followed_by([first], islice(batches, _BATCHES - 1)):
                head = _apply_batch(connection, batch, head)
            clear(connection)
    return head


@contextmanager
def _transaction(connection: DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _apply_batch(connection: DuckDBPyConnection, commits: Sequence[tuple[int, Bytes]], head: Head) -> Head:
    batch = lay_out(connection, commits)
    heads = list(accumulate(batch.links, follow, initial=head))[1:]
    _append(connection, heads, batch.types)
    return heads[-1]


def _batches(commits: Iterable[tuple[int, Bytes]]) -> Iterator[list[tuple[int, Bytes]]]:
    """Cut ``commits`` where what is held in memory at once gets long."""
    batch: list[tuple[int, Bytes]] = []
    length = 0
    for number, data in commits:
        batch.append((number, data))
        length += len(data)
        if length >= _BATCH_BYTES or len(batch) >= _BATCH:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


def _append(connection: DuckDBPyConnection, heads: Sequence[Head], types: frozenset[str]) -> None:
    """Append the rows of the batch that is laid out; ``heads``: the head after each of its commits."""
    read_only = next((head for head in heads if head.read_only_because), Head())
    since = read_only.number or None  # from here on, for good
    connection.execute(_APPEND_COMMITS, [heads[-1].store_id, since, read_only.read_only_because])
    connection.execute(_APPEND_ACTIONS)
    for reading in READINGS:
        if reading.type in types:
            connection.execute(reading.statement)


_APPEND_COMMITS = f"""
    INSERT INTO {SCHEMA}.commits
    SELECT number, c.id, timezone('UTC', c.time::TIMESTAMPTZ), timezone('UTC', c.wall), hash, c.parent, c.run,
           c.writer.host, c.writer.pid, c.writer."user", c.writer.release, len(c.actions), ?,
           CASE WHEN number >= ? THEN ? END
    FROM {COMMITS}"""  # noqa: S608 -- constants only

_APPEND_ACTIONS = f"""
    INSERT INTO {SCHEMA}.actions SELECT commit_number, position, type, body FROM {SAID}"""  # noqa: S608 -- constants only

_DEFINITIONS = definitions(TABLES, VIEWS)
