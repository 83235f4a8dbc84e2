"""Owns checking a whole log: that no commit is missing, and none was changed after it was written.

A log that was changed with care, to its very end, fits itself: only who remembers it, or trusts a hash, can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from assetflow.errors import DamagedError, StoreFormatError
from assetflow.model.commit import Commit, parse_commit
from assetflow.model.store import StoreCreated
from assetflow.storage.folder import Bytes
from assetflow.storage.head import chain
from assetflow.storage.log import CommitLog

_THREADS = 16
_BATCH = 512  # commits held in memory at once
SHORTEST = 12  # digits of a hash that somebody trusts


@dataclass(frozen=True)
class BrokenCommit:
    """What is wrong with one commit."""

    number: int
    what: str


@dataclass(frozen=True)
class LogCheck:
    """What a log says of itself: its last commit and the hash of that, how many there are, and what is wrong."""

    head: int
    hash: str
    commits: int
    broken: tuple[BrokenCommit, ...]
    trusted_is_there: bool


@dataclass(frozen=True)
class _Before:
    """The commit before: its number, hash (None: not known), time, and whether it was found to be changed."""

    number: int
    hash: str | None
    time: str
    is_broken: bool


def check_log(log: CommitLog, remembered: Mapping[int, str], trusted: str | None = None) -> LogCheck:
    """Check every commit.

    Args:
        log: the log.
        remembered: hashes by number, of commits that somebody has seen.
        trusted: hash of a commit, or its first digits, that the log must have.
    """
    last = max([*log.numbers(), *remembered], default=0)
    before = _Before(0, "", "", is_broken=False)
    broken: list[BrokenCommit] = []
    head, digest, commits, is_there = 0, "", 0, trusted is None
    for number, body in _read(log, range(1, last + 1)):
        before, problem = _look(before, number, body, remembered.get(number))
        broken += [problem] if problem is not None else []
        if body is not None:
            head, digest, commits = number, chain(body), commits + 1
            is_there |= trusted is not None and digest.startswith(trusted)
    return LogCheck(head, digest, commits, tuple(broken), is_there)


def _read(log: CommitLog, numbers: Sequence[int]) -> Iterator[tuple[int, Bytes | None]]:
    """Yield every commit's bytes; None for what is missing."""

    def read(number: int) -> Bytes | None:
        try:
            return log.read(number)
        except DamagedError:
            return None

    with ThreadPoolExecutor(_THREADS) as pool:
        for start in range(0, len(numbers), _BATCH):
            batch = numbers[start : start + _BATCH]
            yield from zip(batch, pool.map(read, batch), strict=True)


def _look(
    before: _Before, number: int, body: Bytes | None, known: str | None
) -> tuple[_Before, BrokenCommit | None]:
    """Look at one commit; return what the next one is compared with, and what is wrong."""
    if body is None:
        return _Before(number, known, before.time, is_broken=True), BrokenCommit(number, "missing")
    digest = chain(body)
    if known is not None and digest != known:
        problem = BrokenCommit(number, "changed after it was written: another hash is remembered")
        return _Before(number, known, before.time, is_broken=True), problem
    try:
        commit = parse_commit(bytes(body), number)
    except StoreFormatError as error:
        problem = BrokenCommit(number, f"cannot be understood ({error.message})")
        return _Before(number, digest, before.time, is_broken=True), problem
    misfit = _misfit(before, number, commit)
    is_broken = misfit is not None and misfit.number == number
    return _Before(number, digest, commit.time, is_broken), misfit


def _misfit(before: _Before, number: int, commit: Commit) -> BrokenCommit | None:
    """Return how a commit does not fit the one before, if so."""
    if commit.number != number:
        return BrokenCommit(number, f"says that it is commit {commit.number}")
    if before.hash is not None and commit.parent != before.hash:
        if before.is_broken:
            return None  # that is said already
        return BrokenCommit(
            before.number, f"not what commit {number} was written after; one of the two was changed"
        )
    if number == 1 and not (commit.actions and isinstance(commit.actions[0], StoreCreated)):
        return BrokenCommit(number, "does not say whose store this is")
    if commit.time <= before.time:
        return BrokenCommit(number, "not later than the commit before")
    return None
