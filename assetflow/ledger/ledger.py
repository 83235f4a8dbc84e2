"""Owns the ledger of one store: who may have it open, which file it is in, what to do when that is no use.

The log is the truth. Whatever is wrong with the file (another store, another release, damage, a folder that
cannot be written), the answer is the same: the ledger is made again from the log, and nobody is asked.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from assetflow.ledger.apply import OtherLogError
from assetflow.ledger.file import CommitLog, LedgerFile, hashes_in
from assetflow.ledger.lock import locked
from assetflow.ledger.places import LOCK_NAME, Places
from assetflow.ledger.session import Session


class LoggedStore(Protocol):
    """What the ledger asks of a store."""

    @property
    def url(self) -> str:
        """Where the store lies."""

    @property
    def store_id(self) -> str | None:
        """The id that its first commit gave it, None while there is no commit."""

    @property
    def log(self) -> CommitLog:
        """Its log."""


@dataclass(frozen=True)
class Remembered:
    """The commits that a ledger has seen: their hashes by number.

    ``lost``: those that an earlier look did not find any more; ``notes``: the file that says so.
    """

    hashes: Mapping[int, str]
    lost: Mapping[int, str]
    notes: Path | None


class Ledger:
    """The ledger of ``store``, kept in ``folder``; in memory when that is None or cannot be written.

    Safe to use from many threads and processes: each session waits for those before it. ``defers``: the environments
    that one reads from where it has nothing of its own, nearest first.
    """

    def __init__(
        self,
        folder: Path | None,
        store: LoggedStore,
        defers: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        self._defers = defers
        self._folder = folder
        self._store = store
        self._in_memory: LedgerFile | None = None
        self._gate = threading.Lock()
        self._holder: int | None = None
        self._session: Session | None = None

    @property
    def path(self) -> Path | None:
        """The file that it is kept in; None in memory, and while the store has no commit."""
        store_id = self._store.store_id if self._folder is not None else None
        return Places(self._folder).path_of(store_id) if self._folder and store_id is not None else None

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Bring the ledger to the log's head and open it for questions; all others wait until it ends.

        Within a session of this thread it is that one.
        """
        if self._session is not None and self._holder == threading.get_ident():
            yield self._session
            return
        with self._alone(), self._lock_folder() as folder:
            opened = self._open(folder)
            try:
                self._session = Session(opened.head, opened.ask, opened.copy_to, self._defers)
                yield self._session
            finally:
                self._session = None
                if opened is not self._in_memory:
                    opened.close()

    def follow(self) -> None:
        """Bring the ledger to the log's head."""
        with self.session():
            pass

    def rebuild(self) -> None:
        """Make the ledger anew from the log."""
        with self._alone(), self._lock_folder() as folder:
            self._in_memory = None
            made = self._try(Places(folder), self._store.store_id, fresh=True) if folder is not None else None
            if made is not None:
                made.close()

    def remembered(self) -> Remembered:
        """Return what is remembered of the log, without looking at it: to see whether it was changed since."""
        with self._alone(), self._lock_folder() as folder:
            if folder is None:
                return Remembered(self._in_memory.hashes() if self._in_memory else {}, {}, None)
            places = Places(folder)
            store_id = places.remembered(self._store.url)
            if store_id is None:
                return Remembered({}, {}, None)
            path = places.path_of(store_id)
            hashes = hashes_in(path) if path.exists() else {}
            return Remembered(hashes, places.lost(store_id), places.lost_path(store_id))

    def lost(self) -> Mapping[int, str]:
        """Return the commits, number and hash, that an earlier look at the log did not find any more."""
        with self._alone(), self._lock_folder() as folder:
            store_id = self._store.store_id
            return Places(folder).lost(store_id) if folder is not None and store_id is not None else {}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._holder == threading.get_ident():
            message = "a session of this ledger is open in this thread already: it would wait for itself"
            raise RuntimeError(message)
        with self._gate:
            self._holder = threading.get_ident()
            try:
                yield
            finally:
                self._holder = None

    @contextmanager
    def _lock_folder(self) -> Iterator[Path | None]:
        """Hold the lock of the folder; give None when there is no folder that can be written."""
        with ExitStack() as stack:
            if self._folder is not None:
                try:
                    self._folder.mkdir(parents=True, exist_ok=True)
                    stack.enter_context(locked(self._folder / LOCK_NAME))
                except OSError:
                    self._folder = None
            yield self._folder

    def _open(self, folder: Path | None) -> LedgerFile:
        found = self._open_file(Places(folder)) if folder is not None else None
        return found or self._open_in_memory()

    def _open_file(self, places: Places) -> LedgerFile | None:
        """Open the store's file, made anew if need be; None without a store, or without a place."""
        url = self._store.url
        remembered = places.remembered(url)
        opened = self._try(places, remembered, fresh=False)
        if opened:
            return opened
        store_id = self._store.store_id
        if store_id is None:
            return None
        try:
            places.remember(url, store_id)
        except OSError:
            return None
        if store_id != remembered:
            opened = self._try(places, store_id, fresh=False)
        return opened or self._try(places, store_id, fresh=True)

    def _try(self, places: Places, store_id: str | None, *, fresh: bool) -> LedgerFile | None:
        if store_id is None:
            return None
        path = places.path_of(store_id)
        if not fresh and not path.exists():
            return None
        try:
            return LedgerFile(path, self._store.log, fresh=fresh)
        except OtherLogError as error:
            if error.lost is not None:
                with suppress(OSError):
                    places.note_lost(store_id, error.lost.number, error.lost.hash)
            return None

    def _open_in_memory(self) -> LedgerFile:
        if self._in_memory is not None:
            try:
                self._in_memory.sync()
            except OtherLogError:
                self._in_memory.close()
            else:
                return self._in_memory
        self._in_memory = LedgerFile(None, self._store.log, fresh=True)
        return self._in_memory
