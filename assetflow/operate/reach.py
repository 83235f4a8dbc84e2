"""Owns what is needed of a store, and so what is not: read from the ledger at one commit, and from the store.

Deletes nothing. Whatever cannot be read counts as needed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from assetflow.errors import DamagedError
from assetflow.ledger.keeping import MadeVersion, Mention, StoredPart
from assetflow.ledger.session import Session
from assetflow.model.actions import ForgottenVersion
from assetflow.planning.retention import Moment, kept_versions
from assetflow.settings.settings import Keeping
from assetflow.storage.folder import Entry
from assetflow.storage.head import Head
from assetflow.storage.objects import Objects, names_in

_THREADS = 16  # objects read at once: small ones, which only hold names


@dataclass(frozen=True)
class OnRecord:
    """What the log says, as of ``head``, about what is kept and what that needs.

    ``kept``: versions with the reason. ``made``: the newest record of every version whose data count. ``named``: the
    objects that are named for something kept. ``lists``: those of all objects that hold names themselves.
    ``forgotten``: names that are forgotten already, with the commit.
    """

    head: Head
    kept: Mapping[str, str]
    made: Mapping[str, MadeVersion]
    parts: Mapping[str, tuple[StoredPart, ...]]
    named: frozenset[str]
    lists: frozenset[str]
    forgotten: Mapping[str, int]


@dataclass(frozen=True)
class Unneeded:
    """What nothing needs any more: versions to forget, and stored objects.

    ``needed``: every object that is. ``unreadable``: lists of objects that could not be read.
    """

    versions: tuple[ForgottenVersion, ...]
    objects: Mapping[str, Entry]
    needed: frozenset[str]
    unreadable: frozenset[str]


def read_record(session: Session, keeping_of: Callable[[str], Keeping], moment: Moment) -> OnRecord:
    """Ask the ledger what is kept, and what is named for it."""
    made = session.made_versions()
    inputs = session.inputs_of_versions()
    kept = kept_versions(made, session.pointer_moves(), inputs, session.all_pins(), keeping_of, moment)
    data = {(one.asset, one.partition, one.data_version) for one in made if one.version in kept}
    parts: dict[str, tuple[StoredPart, ...]] = {}
    for part in session.stored_parts():
        parts[part.version] = (*parts.get(part.version, ()), part)
    forgotten = session.forgotten_objects()
    named = session.named_by_versions(kept) | session.named_by_checks(data)
    named |= _mentioned(session.named_otherwise(), keeping_of, moment)
    return OnRecord(
        head=session.head,
        kept=kept,
        made={one.version: one for one in made},
        parts=parts,
        named=named - forgotten.keys(),
        lists=session.lists_of_objects(),
        forgotten=forgotten,
    )


def find_unneeded(
    record: OnRecord, listed: Mapping[str, Entry], objects: Objects, moment: Moment
) -> Unneeded:
    """Compare what is stored with what is needed.

    An object is unneeded when nothing kept needs it, it is old, and no version that is not forgotten names it. A
    version is forgotten when that frees something; one that lies in the log, or shares all its objects, costs nothing.
    """
    needed, unreadable = _with_listed(record.named, record, objects)
    old = {name: entry for name, entry in listed.items() if entry.modified < moment.young_since}
    doomed = {version for version in record.parts if version not in record.kept}
    while staying := {version for version in doomed if _stays(record.parts[version], needed, listed, old)}:
        doomed -= staying
        more, broken = _with_listed(
            {part.object for version in staying for part in record.parts[version]}, record, objects
        )
        needed, unreadable = needed | more, unreadable | broken
    unneeded = {name: old[name] for name in old.keys() - needed - record.forgotten.keys()}
    if unreadable:  # what they list is not known: it may be anything that no record names
        known = {part.object for version in doomed for part in record.parts[version]}
        unneeded = {name: entry for name, entry in unneeded.items() if name in known}
    return Unneeded(
        versions=tuple(_forgotten(record.made[version]) for version in sorted(doomed)),
        objects=unneeded,
        needed=needed,
        unreadable=unreadable,
    )


def with_inner(
    names: Collection[str], lists: Collection[str], objects: Objects
) -> tuple[frozenset[str], frozenset[str]]:
    """Return ``names`` with all names that those of them that are ``lists`` hold, and the lists that cannot be read."""
    found, unreadable = set(names), set()
    wanted = sorted(found & set(lists))
    with ThreadPoolExecutor(_THREADS) as pool:
        for name, inner in zip(wanted, pool.map(lambda one: _inner(objects, one), wanted), strict=True):
            if inner is None:
                unreadable.add(name)
            else:
                found |= inner
    return frozenset(found), frozenset(unreadable)


def _with_listed(
    names: Collection[str], record: OnRecord, objects: Objects
) -> tuple[frozenset[str], frozenset[str]]:
    return with_inner(names, record.lists, objects)


def _inner(objects: Objects, name: str) -> frozenset[str] | None:
    try:
        return names_in(bytes(objects.read(name)).decode("utf-8", "replace"))
    except DamagedError:
        return None


def _stays(
    parts: Iterable[StoredPart],
    needed: Collection[str],
    listed: Mapping[str, Entry],
    old: Mapping[str, Entry],
) -> bool:
    """Whether a version that is not kept stays all the same: to forget it frees nothing, or may not be done yet."""
    free = [part.object for part in parts if part.object not in needed]
    return not free or any(name in listed and name not in old for name in free)


def _mentioned(
    mentions: Iterable[Mention], keeping_of: Callable[[str], Keeping], moment: Moment
) -> frozenset[str]:
    """Return the objects that other actions name: of runs and failures within the retention, of all others always."""
    return frozenset(
        one.object
        for one in mentions
        if one.type not in ("run_started", "failed")
        or one.env is None
        or one.time >= min(moment.since(keeping_of(one.env).retention), moment.young_since)
    )


def _forgotten(made: MadeVersion) -> ForgottenVersion:
    return ForgottenVersion(
        asset=made.asset, partition=made.partition, version=made.version, data_version=made.data_version
    )
