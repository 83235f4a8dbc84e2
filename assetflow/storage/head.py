"""Owns the head: how far someone has read a log, and the rules that each next commit must keep.

Knows nothing of where commits lie.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from assetflow.errors import StoreFormatError
from assetflow.model.actions import Unknown
from assetflow.model.commit import Commit, parse_commit
from assetflow.model.store import StoreCreated


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


@dataclass(frozen=True)
class Link:
    """What of a commit the rules are about.

    ``number``: where it was found; ``own_number``: what it says itself. ``store_id``: of the store that its first
    action creates. ``unknown``: the type of its first action that a reader must know and this release does not.
    """

    number: int
    own_number: int
    parent: str
    hash: str
    time: str
    release: str
    store_id: str | None = None
    unknown: str | None = None


def chain(body: bytes | memoryview) -> str:
    """Return what the next commit names as its parent: the sha256 of this one's bytes."""
    return hashlib.sha256(body).hexdigest()


def advance(head: Head, number: int, body: bytes | memoryview) -> tuple[Head, Commit]:
    """Read the commit after ``head``; raise StoreFormatError when it is not the one that followed it."""
    data = bytes(body)
    commit = parse_commit(data, number)
    return follow(head, _link(commit, number, chain(data))), commit


def follow(head: Head, link: Link) -> Head:
    """Return the head after one more commit; raise StoreFormatError when it is not the one that followed."""
    if link.own_number != link.number or link.number != head.number + 1 or link.parent != head.hash:
        raise StoreFormatError(
            f"commit {link.number} does not follow commit {head.number}: the log was changed after it was written",
            hint="restore the store's log folder from a copy",
        )
    if link.number == 1 and link.store_id is None:
        raise StoreFormatError("commit 1 does not say whose store this is: it is not a store of assetflow")
    return Head(
        number=link.number,
        hash=link.hash,
        time=link.time,
        store_id=link.store_id if link.number == 1 else head.store_id,
        read_only_because=head.read_only_because or _read_only_because(link),
    )


def _link(commit: Commit, number: int, own_hash: str) -> Link:
    first = commit.actions[0] if commit.actions else None
    unknown = (a.type for a in commit.actions if isinstance(a, Unknown) and a.required)
    return Link(
        number,
        commit.number,
        commit.parent,
        own_hash,
        commit.time,
        commit.writer.release,
        first.store_id if isinstance(first, StoreCreated) else None,
        next(unknown, None),
    )


def _read_only_because(link: Link) -> str | None:
    if link.unknown is None:
        return None
    return (
        f"commit {link.number} holds {link.unknown!r}, which this release does not know; "
        f"release {link.release} wrote it"
    )
