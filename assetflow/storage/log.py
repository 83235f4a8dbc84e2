"""Owns the log's files: ``log/<20 digits>.json``, created exclusively, never changed, numbered without gaps.

Knows nothing of what a commit says, but for its ``id``: by it a writer knows its own after a lost reply.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from assetflow.errors import DamagedError, StoreError
from assetflow.storage.clock import Clock
from assetflow.storage.failure import hopeless, shown, store_error, told
from assetflow.storage.folder import Bytes, Folder

_TRIES = 6
_DIGITS = 20
_FIRST_PAUSE = 0.05  # seconds; doubles


class CommitLog:
    """The log of one store."""

    def __init__(self, folder: Folder, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def head(self, known: int = 0) -> int:
        """Return the number of the last commit, given that commit ``known`` exists (0: none is known).

        Asks for exact names, never for a listing, which may be an old one: n+1, n+2, n+4, ... and then
        between. That there are no gaps makes this sound; a commit that is gone right behind the last one that
        is there raises DamagedError, so that nobody writes into the gap.
        """
        with told("read the log", self._folder.url):
            if known == 0 and self.is_empty():
                return 0
            last = self._last_from(known or 1)
            while last != known and self._exists(last + 2):
                if not self._exists(last + 1):  # looked at again: it may have been written meanwhile
                    raise self._missing(last + 1)
                last = self._last_from(last + 1)
            return last

    def is_empty(self) -> bool:
        """Whether there is no commit; raise DamagedError when only the first is gone."""
        with told("read the log", self._folder.url):
            if self._exists(1):
                return False
            if not self._exists(2):
                return True
            if not self._exists(1):  # looked at again: both may have been written meanwhile
                raise self._missing(1)
            return False

    def read(self, number: int) -> Bytes:
        """Return the bytes of a commit; raise DamagedError when there is none."""
        with told(f"read commit {number}", self._folder.url):
            try:
                return self._folder.read(_path(number))
            except FileNotFoundError:
                raise self._missing(number) from None

    def read_since(self, known: int) -> Iterator[tuple[int, Bytes]]:
        """Yield the number and the bytes of every commit after ``known``, in order."""
        numbers = range(known + 1, self.head(known) + 1)
        number = known
        with told("read the log", self._folder.url):
            try:
                for number, body in zip(
                    numbers, self._folder.read_many([_path(n) for n in numbers]), strict=True
                ):
                    yield number, body
            except FileNotFoundError:
                raise self._missing(number + 1) from None

    def numbers(self) -> list[int]:
        """Return the numbers of the commits that a listing shows: for looking the log over, never for writing."""
        with told("list the log", self._folder.url):
            names = (name.removesuffix(".json") for name in self._folder.list("log"))
            return sorted(int(name) for name in names if len(name) == _DIGITS and name.isdecimal())

    def written(self, number: int) -> float:
        """Return when a commit was written, by the store's clock; raise DamagedError when there is none."""
        with told(f"look when commit {number} was written", self._folder.url):
            try:
                return self._folder.modified(_path(number))
            except FileNotFoundError:
                raise self._missing(number) from None

    def append(self, number: int, body: bytes, commit_id: str) -> bool:
        """Make ``body`` commit ``number``; return whether that is so now, or another commit has the number.

        A reply may be lost, and a 409 says that nothing landed, so whatever the file system answers short of
        success is settled by reading the number back. Tries again, with the same bytes, while nothing is
        there.
        """
        tries = 0
        while failure := self._create(number, body):
            winner = self._id_of(number)
            if winner is not None:
                return winner == commit_id
            tries += 1
            if tries == _TRIES or hopeless(failure):
                raise store_error(failure, f"write commit {number}", self._folder.url) from failure
            self._clock.sleep(_FIRST_PAUSE * 2**tries)
        return True

    def _create(self, number: int, body: bytes) -> Exception | None:
        try:
            if self._folder.create(_path(number), body):
                return None
        except Exception as error:  # noqa: BLE001 -- cloud file systems raise their clients' own classes
            return error
        return FileExistsError(f"commit {number} was said to exist, and is not there")

    def _id_of(self, number: int) -> str | None:
        """Return a commit's id, None when there is none; raise StoreError when nobody can tell."""
        with told(f"read commit {number} back", self._folder.url):
            try:
                return str(json.loads(bytes(self._folder.read(_path(number))))["id"])
            except FileNotFoundError:
                return None
            except (ValueError, KeyError, TypeError) as error:
                raise StoreError(
                    f"commit {number} of {shown(self._folder.url)} is not a commit: {error}",
                    hint=f"it was cut off or changed; look at {self._folder.address(_path(number))}",
                ) from error

    def _last_from(self, low: int) -> int:
        step = 1
        while self._exists(low + step):
            low, step = low + step, step * 2
        high = low + step
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._exists(middle) else (low, middle)
        return low

    def _exists(self, number: int) -> bool:
        return self._folder.exists(_path(number))

    def _missing(self, number: int) -> DamagedError:
        return DamagedError(
            f"commit {number} of {shown(self._folder.url)} is missing: its log has a gap",
            hint="restore the store's log folder from a copy",
        )


def _path(number: int) -> str:
    return f"log/{number:0{_DIGITS}d}.json"
