"""Owns the writing of the ledger: its tables, and applying commits to them in bulk.

Knows nothing of files or locks. Commits come as the bytes that the log keeps.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, cycle, islice
from itertools import chain as followed_by
from typing import TYPE_CHECKING

from assetflow.ledger.batch import COMMITS, Batch, BatchReader, Bytes
from assetflow.ledger.commits import HEAD_QUERY, head_of
from assetflow.ledger.rows import READINGS, SAID
from assetflow.ledger.schema import SCHEMA, comments, definitions, shape_of
from assetflow.ledger.tables import TABLES
from assetflow.ledger.views import VIEWS
from assetflow.model.known_actions import KNOWN_ACTIONS
from assetflow.storage.head import Head, follow

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_BATCH_BYTES = 8 << 20  # what is held in memory at once: of commits' bytes,
_BATCH = 10_000  # and of commits
_BATCHES = 2  # in one transaction: DuckDB holds some ten times its bytes
_READERS = 2  # to read takes twice as long as to append
_NUMBER = 2  # raise it when rows.py says something else of the same action


class OtherLogError(Exception):
    """The ledger was made from another log, or has another shape: it must be made anew.

    ``lost``: the commit that it ended with, where the log no longer has that.
    """

    def __init__(self, message: str = "", *, lost: Head | None = None) -> None:
        super().__init__(message)
        self.lost = lost


def shape() -> str:
    """Return the text that names what this release's ledgers look like."""
    return shape_of(_DEFINITIONS, KNOWN_ACTIONS, _NUMBER)


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
    connection.execute("SET threads = 1")  # for each connection: a batch is too small to be shared out
    try:
        readers = [BatchReader(connection.cursor()) for _ in range(_READERS)]
        batches = _read_ahead(readers, _cut(commits))
        for first in batches:
            with _transaction(connection):
                for batch in followed_by([first], islice(batches, _BATCHES - 1)):
                    head = _append(connection, batch, head)
        return head
    finally:
        connection.execute("RESET threads")


def _cut(commits: Iterable[tuple[int, Bytes]]) -> Iterator[list[tuple[int, Bytes]]]:
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


def _read_ahead(readers: Sequence[BatchReader], cut: Iterator[list[tuple[int, Bytes]]]) -> Iterator[Batch]:
    """Read the next batches, each reader one at a time, while one is appended: DuckDB uses one processor for each."""
    from concurrent.futures import Future, ThreadPoolExecutor

    reading: deque[Future[Batch]] = deque()
    with ThreadPoolExecutor(len(readers)) as pool:
        for reader, commits in zip(cycle(readers), cut, strict=False):
            done = reading.popleft().result() if len(reading) == len(readers) else None
            reading.append(pool.submit(reader.read, commits))
            if done is not None:
                yield done
        while reading:
            yield reading.popleft().result()


@contextmanager
def _transaction(connection: DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _append(connection: DuckDBPyConnection, batch: Batch, head: Head) -> Head:
    """Append what ``batch`` says, which follows ``head``; return the new head."""
    heads = list(accumulate(batch.links, follow, initial=head))[1:]
    read_only = next((head for head in heads if head.read_only_because), Head())
    since = read_only.number or None  # from here on, for good
    for name, table in batch.tables.items():
        connection.register(name, table)
    connection.execute(_APPEND_COMMITS, [heads[-1].store_id, since, read_only.read_only_because])
    connection.execute(_APPEND_ACTIONS)
    for reading in READINGS:
        if reading.type in batch.types:
            connection.execute(reading.statement)
    for name in batch.tables:
        connection.unregister(name)
    return heads[-1]


_APPEND_COMMITS = f"""
    INSERT INTO {SCHEMA}.commits
    SELECT number, c.id, timezone('UTC', c.time::TIMESTAMPTZ), timezone('UTC', c.wall), hash, c.parent, c.run,
           c.writer.host, c.writer.pid, c.writer."user", c.writer.release, len(c.actions), ?,
           CASE WHEN number >= ? THEN ? END
    FROM {COMMITS}"""  # noqa: S608 -- constants only

_APPEND_ACTIONS = f"""
    INSERT INTO {SCHEMA}.actions SELECT commit_number, position, type, body FROM {SAID}"""  # noqa: S608 -- constants only

_DEFINITIONS = definitions(TABLES, VIEWS)
