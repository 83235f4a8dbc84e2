"""Owns the head: how far someone has read a log, and the rules that each next commit must keep.

Knows nothing of where commits lie.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from assetflow.errors import StoreFormatError
from assetflow.model.actions import StoreCreated, Unknown
from assetflow.model.commit import Commit, parse_commit


@dataclass(frozen=True)
class Head:
    """The last commit that was read: its number (0 before the first), the sha256 of its bytes, its time.

    ``read_only_because``: why this release may read the store but not write to it.
    """

    number: int = 0
    hash: str = ""
    time: str = ""
    store_id: str | None = None
    read_only_because: str | None = None


def chain(body: bytes | memoryview) -> str:
    """Return what the next commit names as its parent: the sha256 of this one's bytes."""
    return hashlib.sha256(body).hexdigest()


def advance(head: Head, number: int, body: bytes | memoryview) -> tuple[Head, Commit]:
    """Read the commit after ``head``; raise StoreFormatError when it is not the one that followed it."""
    data = bytes(body)
    commit = parse_commit(data, number)
    if commit.number != number or number != head.number + 1 or commit.parent != head.hash:
        raise StoreFormatError(
            f"commit {number} does not follow commit {head.number}: the log was changed after it was written",
            hint="restore the store's log folder from a copy",
        )
    return _after(head, commit, chain(data)), commit


def _after(head: Head, commit: Commit, own_hash: str) -> Head:
    moved = replace(head, number=commit.number, hash=own_hash, time=commit.time)
    created = commit.actions[0] if commit.actions else None
    if commit.number == 1:
        if not isinstance(created, StoreCreated):
            raise StoreFormatError(
                "commit 1 does not say whose store this is: it is not a store of assetflow"
            )
        moved = replace(moved, store_id=created.store_id)
    return replace(moved, read_only_because=head.read_only_because or _read_only_because(commit))


def _read_only_because(commit: Commit) -> str | None:
    for action in commit.actions:
        if isinstance(action, Unknown) and action.required:
            return (
                f"commit {commit.number} holds {action.type!r}, which this release does not know; "
                f"release {commit.writer.release} wrote it"
            )
    return None
