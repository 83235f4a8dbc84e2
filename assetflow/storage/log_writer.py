"""Owns how something becomes true: a commit is built on the head, and built again when another came first.

Knows nothing of what actions mean, nor of the rules by which a loser changes them: ``build`` does. But for one: what
another commit forgot, no later one may rely on.
"""

from __future__ import annotations

import secrets
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from assetflow.errors import StoreError, StoreFormatError
from assetflow.model.actions import Action
from assetflow.model.commit import Commit, Writer
from assetflow.model.runs import Published
from assetflow.model.store import Forgotten, StoreCreated
from assetflow.model.versions import Materialized, SourceObserved
from assetflow.storage.clock import Clock, SystemClock, parse_time, time_text
from assetflow.storage.failure import shown
from assetflow.storage.head import Head, advance, chain
from assetflow.storage.live import MAX_SKEW
from assetflow.storage.objects import names_in
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
        self._forgotten: dict[str, int] = {}

    def commit(self, build: Build, *, run: str | None = None) -> Commit | None:
        """Commit what ``build`` returns, or nothing when it returns none; return the commit.

        ``build`` is given the commits since ``head``, other writers' all of them, and called again with more
        whenever a race is lost. Objects that were put are made durable first. Commit 1, which says whose
        store this is, is written when the first commit needs it. When something is raised, ``head`` stays,
        and the next call sees the same commits.

        Raises:
            StoreError: it cannot be written; or what ``build`` returns relies on what another commit has forgotten.
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
                commit = self._next(head, actions, run)
                body = commit.to_bytes()
                self._require_kept(actions, body)
                self._store.objects.flush()
                if self._store.log.append(commit.number, body, commit.id) and head.number:
                    self.head = replace(head, number=commit.number, hash=chain(body), time=commit.time)
                    return commit
            raise self._outrun()

    def _read_on(self, head: Head, news: list[Commit]) -> Head:
        for number, body in self._store.log.read_since(head.number):
            head, commit = advance(head, number, body)
            news.append(commit)
            self._learn(commit)
        self._check(head)
        return head

    def _learn(self, commit: Commit) -> None:
        """Take note of what was forgotten, and of what was made again since."""
        for action in commit.actions:
            if isinstance(action, Forgotten):
                self._store.objects.forget(dict.fromkeys(action.objects, commit.number))
                self._forgotten.update((one.version, commit.number) for one in action.versions)
            elif isinstance(action, Materialized | SourceObserved):
                self._forgotten.pop(action.version, None)

    def _require_kept(self, actions: Sequence[Action], body: bytes) -> None:
        """Raise StoreError where ``actions``, of which ``body`` is made, rely on what was forgotten."""
        made = {a.version for a in actions if isinstance(a, Materialized | SourceObserved)}
        pointed = {version for action in actions for version in _pointed_at(action)}
        for version in sorted((pointed & self._forgotten.keys()) - made):
            raise _forgotten(f"version {version[:12]}", self._forgotten[version])
        objects = self._store.objects.forgotten
        if objects and not any(isinstance(action, Forgotten) for action in actions):
            for name in sorted(names_in(body.decode()) & objects.keys()):
                raise _forgotten(f"object {name}", objects[name])

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


def _pointed_at(action: Action) -> list[str]:
    """Return the versions that an action has an environment point at."""
    if isinstance(action, Published):
        return [action.version]
    return [move.version for move in getattr(action, "moves", ()) if move.version is not None]


def _forgotten(what: str, commit: int) -> StoreError:
    return StoreError(
        f"{what} was forgotten by commit {commit}, while it was about to be used; nothing was committed",
        hint="run again: what is still needed is made again",
    )
