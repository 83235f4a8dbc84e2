"""Owns how something becomes true: a commit is built on the head, and built again when another came first.

Knows nothing of what actions mean, nor of the rules by which a loser changes them: ``build`` does.
"""

from __future__ import annotations

import secrets
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from assetflow.errors import StoreError, StoreFormatError
from assetflow.model.actions import Action, StoreCreated
from assetflow.model.commit import Commit, Writer
from assetflow.storage.clock import Clock, SystemClock, parse_time, time_text
from assetflow.storage.failure import shown
from assetflow.storage.head import Head, advance, chain
from assetflow.storage.live import MAX_SKEW
from assetflow.storage.store import Store

Build = Callable[[Sequence[Commit]], Sequence[Action] | None]

_PATIENCE = 200  # races lost in a row before giving up: minutes, with the pauses below
_PAUSE = 0.005  # seconds before the second try; doubles
_LONGEST_PAUSE = 1.0
_STEP = timedelta(milliseconds=1)


class LogWriter:
    """Appends commits to one store's log, as one writer. Safe for threads.

    ``head`` is how far the caller has read the log (a ledger knows); it moves with every commit. ``warning``
    says when the log's last time lay ahead of this machine's clock.
    """

    def __init__(
        self, store: Store, *, writer: Writer, head: Head | None = None, clock: Clock | None = None
    ) -> None:
        self.head = head or Head()
        self.warning: str | None = None
        self._store = store
        self._writer = writer
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()

    def commit(self, build: Build, *, run: str | None = None) -> Commit | None:
        """Commit what ``build`` returns, or nothing when it returns none; return the commit.

        ``build`` is given the commits since ``head``, other writers' all of them, and called again with more
        whenever a race is lost. Objects that were put are made durable first. Commit 1, which says whose
        store this is, is written when the first commit needs it. When something is raised, ``head`` stays,
        and the next call sees the same commits.
        """
        with self._lock:
            head, news = self.head, list[Commit]()
            for lost in range(_PATIENCE):
                self._pause(lost)
                head = self._read_on(head, news)
                actions = build(tuple(news))
                if not actions:
                    self.head = head
                    return None
                self._store.objects.flush()
                commit = self._next(head, actions, run)
                body = commit.to_bytes()
                if self._store.log.append(commit.number, body, commit.id) and head.number:
                    self.head = replace(head, number=commit.number, hash=chain(body), time=commit.time)
                    return commit
            raise self._outrun()

    def _read_on(self, head: Head, news: list[Commit]) -> Head:
        for number, body in self._store.log.read_since(head.number):
            head, commit = advance(head, number, body)
            news.append(commit)
        self._check(head)
        return head

    def _check(self, head: Head) -> None:
        if head.number and head.store_id != self._store.store_id:
            raise StoreFormatError(
                f"{shown(self._store.url)} was replaced by another store while it was in use",
                hint="run again",
            )
        if head.read_only_because:
            raise StoreFormatError(
                f"{shown(self._store.url)} cannot be written by this release: {head.read_only_because}",
                hint="upgrade assetflow",
            )

    def _next(self, head: Head, actions: Sequence[Action], run: str | None) -> Commit:
        """Build the commit after ``head``: on an empty log, commit 1 instead."""
        if head.number == 0:
            actions, run = [StoreCreated(store_id=uuid.uuid4().hex, project=self._store.project)], None
        wall = self._clock.now()
        return Commit(
            id=uuid.uuid4().hex,
            number=head.number + 1,
            parent=head.hash,
            time=time_text(self._not_before(head, wall)),
            wall=time_text(wall),
            writer=self._writer,
            run=run,
            actions=tuple(actions),
        )

    def _not_before(self, head: Head, wall: datetime) -> datetime:
        """Return a time that does not go back; warn when the log's is ahead."""
        if not head.time:
            return wall
        last = parse_time(head.time)
        if (last - wall).total_seconds() > MAX_SKEW:
            self.warning = (
                f"commit {head.number} of {shown(self._store.url)} is dated {head.time}, ahead of this "
                f"machine's clock ({time_text(wall)}): one was wrong; the log goes on from its own time"
            )
        return max(wall, last + _STEP)

    def _pause(self, lost: int) -> None:
        """Wait a random while after losing more than once, so that writers do not stay in step."""
        if lost > 1:
            longest = min(_LONGEST_PAUSE, _PAUSE * 2.0**lost)
            self._clock.sleep(longest * secrets.randbelow(1000) / 1000)

    def _outrun(self) -> StoreError:
        return StoreError(
            f"another writer of {shown(self._store.url)} was faster {_PATIENCE} times in a row; "
            "nothing was committed",
            hint="run again when fewer runs write to this store",
        )
