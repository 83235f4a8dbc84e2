"""Owns one ledger as a DuckDB database: opening it, making it anew, bringing it to the log's head.

Knows nothing of locks, of folders, or of which store the file is for: whoever calls holds the lock.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from itertools import chain as followed_by
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from assetflow.errors import DamagedError, StoreError
from assetflow.frames.sql_quotes import literal
from assetflow.ledger.apply import OtherLogError, applied, apply, create
from assetflow.ledger.batch import Bytes
from assetflow.storage.head import Head, chain

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The same for every connection of a process, as DuckDB demands.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "memory_limit": "1GB",  # what a rebuild needs does not grow with the log; DuckDB would take most of the machine
    "python_enable_replacements": False,
}


class CommitLog(Protocol):
    """What the ledger asks of a log."""

    def read(self, number: int) -> Bytes:
        """Return the bytes of commit ``number``; raise DamagedError when there is none."""

    def read_since(self, known: int) -> Iterator[tuple[int, Bytes]]:
        """Yield number and bytes of every commit after ``known``, in order."""


class LedgerFile:
    """An open ledger that is at the head of ``log``, in the file ``path`` (None: in memory).

    Raises:
        OtherLogError: what lies at ``path`` is of another log, of another shape, or damaged; or, when
            ``fresh``, no file can be made there.
        StoreError: the log cannot be read.
    """

    def __init__(self, path: Path | None, log: CommitLog, *, fresh: bool) -> None:
        self._path = path
        self._log = log
        self._connection, self.head = self._open(fresh=fresh)

    def sync(self) -> None:
        """Apply the commits that the log has gained since."""
        self.head = _sync(self._connection, self._log)

    def hashes(self) -> dict[int, str]:
        """Return the hash of each commit that was applied."""
        return dict(self._connection.execute(_HASHES).fetchall())

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
        self._make_anew()
        return self._connection.execute(query, parameters).fetchall()

    def copy_to(self, path: Path) -> None:
        """Write all of it to ``path``, a new file.

        Raises:
            StoreError: nothing can be written there.
        """
        import duckdb

        if self._path is not None and not self._path.exists():  # somebody deleted it while it was open
            self._make_anew()
        if self._path is not None:
            try:
                # What is still in the write-ahead log goes into the file.
                self._connection.execute("CHECKPOINT")
            except duckdb.Error:  # as on a full disk; after it this connection answers nothing
                self._go_on_in_memory()
        try:
            if self._path is not None:
                shutil.copyfile(self._path, path)
            else:
                self._copy_memory(path)
        except (duckdb.Error, OSError) as error:
            raise _no_copy(path, error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _copy_memory(self, path: Path) -> None:
        self._connection.execute(f"ATTACH {literal(str(path))} AS target")
        self._connection.execute("COPY FROM DATABASE memory TO target")
        self._connection.execute("DETACH target")

    def _make_anew(self) -> None:
        self.close()
        try:
            self._connection, self.head = self._open(fresh=True)
        except OtherLogError:  # no file can be made there
            self._go_on_in_memory()

    def _go_on_in_memory(self) -> None:
        self.close()
        self._path = None
        self._connection, self.head = self._open(fresh=True)

    def _open(self, *, fresh: bool) -> tuple[DuckDBPyConnection, Head]:
        if self._path is None:
            return _opened(None, self._log, fresh=fresh)
        import duckdb

        try:
            if fresh:
                _remove(self._path)
            return _opened(self._path, self._log, fresh=fresh)
        except duckdb.Error as error:
            raise OtherLogError(str(error)) from error


def hashes_in(path: Path) -> dict[int, str]:
    """Return the hash of each commit as the ledger in the file ``path`` took it in, without looking at the log."""
    import duckdb

    try:
        connection = duckdb.connect(path, config=_CONFIG)
        try:
            return dict(connection.execute(_HASHES).fetchall())
        finally:
            connection.close()
    except duckdb.Error:  # damaged, or of another shape: then it remembers nothing
        return {}


_HASHES = "SELECT number, hash FROM assetflow.commits"


def _opened(path: Path | None, log: CommitLog, *, fresh: bool) -> tuple[DuckDBPyConnection, Head]:
    import duckdb

    connection = duckdb.connect(path or ":memory:", config=_CONFIG)
    try:
        connection.execute(
            "SET enable_progress_bar = false"
        )  # on stdout, after two seconds, among the answers
        if fresh:
            return connection, _make(connection, log, commented=path is not None)
        return connection, _sync(connection, log)
    except BaseException:
        connection.close()
        raise


def _make(connection: DuckDBPyConnection, log: CommitLog, *, commented: bool) -> Head:
    create(connection, commented=commented)
    return apply(connection, log.read_since(0), Head())


def _sync(connection: DuckDBPyConnection, log: CommitLog) -> Head:
    known = applied(connection)
    news = iter(log.read_since(known.number))
    first = next(news, None)
    if known.number and not _goes_on(known, first, log):
        raise OtherLogError(lost=known)
    return known if first is None else apply(connection, followed_by([first], news), known)


def _goes_on(known: Head, first: tuple[int, Bytes] | None, log: CommitLog) -> bool:
    """Whether this log has the commit ``known``: the next one names it; without one, it is read again."""
    try:
        if first is not None:
            return bool(json.loads(bytes(first[1]))["parent"] == known.hash)
        return chain(log.read(known.number)) == known.hash
    except (DamagedError, ValueError, KeyError, TypeError):
        return False


def _no_copy(path: Path, error: Exception) -> StoreError:
    return StoreError(
        f"cannot write a copy of the ledger for the query into {path.parent}: {error}",
        hint="free some space there, or name a folder that has it by TMPDIR; nothing that was recorded is lost",
    )


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    except OSError as error:
        raise OtherLogError(str(error)) from error
