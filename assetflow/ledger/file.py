"""Owns one ledger as a DuckDB database: opening it, making it anew, bringing it to the log's head, copying it.

Knows nothing of locks, of folders, or of which store the file is for: whoever calls holds the lock.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from assetflow.errors import DamagedError
from assetflow.ledger.apply import Applied, Bytes, OtherLogError, applied, apply, create

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The same for every connection of a process, as DuckDB demands. Nothing is ever fetched; no variable is a table.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}


class CommitLog(Protocol):
    """What the ledger asks of a log."""

    def head(self) -> int:
        """Return the number of the last commit, 0 for an empty log."""

    def read(self, number: int) -> Bytes:
        """Return the bytes of commit ``number``; raise DamagedError when there is none."""

    def read_since(self, known: int) -> Iterator[tuple[int, Bytes]]:
        """Yield number and bytes of every commit after ``known``, in order."""


class LedgerFile:
    """An open ledger that is at the head of ``log``, in the file ``path`` (None: in memory).

    Raises:
        OtherLogError: what lies at ``path`` is of another log, of another shape, or damaged; or, ``fresh``, no
            file can be made there.
        StoreError: the log cannot be read.
    """

    def __init__(self, path: Path | None, log: CommitLog, *, fresh: bool) -> None:
        self._path = path
        self._log = log
        self._connection = self._open(fresh=fresh)

    def sync(self) -> None:
        """Apply the commits that the log has gained since."""
        _sync(self._connection, self._log)

    def ask(self, query: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return all rows of ``query``; a file that turns out to be damaged is made anew first."""
        import duckdb

        try:
            return self._connection.execute(query, parameters).fetchall()
        except (duckdb.ProgrammingError, duckdb.DataError):
            raise  # the question is wrong, not the file
        except duckdb.Error:
            if self._path is None:
                raise
        self.close()
        self._connection = self._open(fresh=True)
        return self._connection.execute(query, parameters).fetchall()

    def copy_to(self, path: Path) -> None:
        """Write all of it to ``path``, a new file."""
        if self._path is None:
            target = str(path).replace("'", "''")
            self._connection.execute(f"ATTACH '{target}' AS target")
            self._connection.execute("COPY FROM DATABASE memory TO target")
            self._connection.execute("DETACH target")
        else:
            self._connection.execute("CHECKPOINT")  # what is still in the write-ahead log goes into the file
            shutil.copyfile(self._path, path)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _open(self, *, fresh: bool) -> DuckDBPyConnection:
        if self._path is None:
            return _opened(None, self._log, fresh=fresh)
        import duckdb

        try:
            if fresh:
                _remove(self._path)
            return _opened(self._path, self._log, fresh=fresh)
        except duckdb.Error as error:
            raise OtherLogError(str(error)) from error


def _opened(path: Path | None, log: CommitLog, *, fresh: bool) -> DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(path or ":memory:", config=_CONFIG)
    try:
        if fresh:
            _make(connection, log, commented=path is not None)
        else:
            _sync(connection, log)
    except BaseException:
        connection.close()
        raise
    return connection


def _make(connection: DuckDBPyConnection, log: CommitLog, *, commented: bool) -> None:
    connection.begin()
    create(connection, commented=commented)
    apply(connection, log.read_since(0), Applied(0, ""))
    connection.commit()


def _sync(connection: DuckDBPyConnection, log: CommitLog) -> None:
    known = applied(connection)
    news = iter(log.read_since(known.number))
    first = next(news, None)
    if first is None:
        if known.number and _digest(log, known.number) != known.hash:
            raise OtherLogError
        return
    connection.begin()
    try:
        apply(connection, chain([first], news), known)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _digest(log: CommitLog, number: int) -> str:
    try:
        return hashlib.sha256(log.read(number)).hexdigest()
    except DamagedError as error:
        raise OtherLogError(f"commit {number} is gone") from error


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    except OSError as error:
        raise OtherLogError(str(error)) from error
