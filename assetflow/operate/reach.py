"""Owns what is needed of a store, and so what is not: read from the ledger at one commit, and from the store.

Deletes nothing. Whatever cannot be read counts as needed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from assetflow.errors import DamagedError
from assetflow.ledger.keeping import MadeVersion, Mention
from assetflow.ledger.session import Session
from assetflow.model.store import ForgottenVersion
from assetflow.planning.retention import Moment, kept_versions, with_inputs
from assetflow.settings.settings import Keeping
from assetflow.storage.folder import Entry
from assetflow.storage.head import Head
from assetflow.storage.objects import Objects, names_in

_THREADS = 16  # objects read at once: small ones, which only hold names


@dataclass(frozen=True)
class OnRecord:
    """What the log says, as of ``head``, about what is kept and what that needs.

    ``kept``: versions with the reason. ``made``: the newest record of every version whose data count. ``names``: the
    objects that each of these names: data, code, log, rows that failed its checks; ``inputs``: versions that it was
    made from. ``others``: objects that are named otherwise, and needed. ``lists``: objects that hold names themselves.
    ``forgotten``: names that are forgotten already, with the commit.
    """

    head: Head
    kept: Mapping[str, str]
    made: Mapping[str, MadeVersion]
    names: Mapping[str, frozenset[str]]
    inputs: Mapping[str, Collection[str]]
    others: frozenset[str]
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
    forgotten = session.forgotten_objects()
    keeping_of = _keeping_of(keeping_of, session.environments())
    return OnRecord(
        head=session.head,
        kept=kept_versions(made, session.pointer_moves(), inputs, session.all_pins(), keeping_of, moment),
        made={one.version: one for one in made},
        names=names_of(session, made, forgotten),
        inputs=inputs,
        others=_mentioned(session.named_otherwise(), keeping_of, moment) - forgotten.keys(),
        lists=session.lists_of_objects(),
        forgotten=forgotten,
    )


def names_of(
    session: Session, made: Iterable[MadeVersion], forgotten: Collection[str]
) -> dict[str, frozenset[str]]:
    """Return the objects that each version names: data, code, log, and rows that failed its checks."""
    by_version, by_data = session.named_by_versions(), session.named_by_checks()
    none = frozenset[str]()
    gone = frozenset(forgotten)
    return {
        one.version: (by_version.get(one.version, none) | by_data.get(one.data, none)) - gone for one in made
    }


def find_unneeded(
    record: OnRecord, listed: Mapping[str, Entry], objects: Objects, moment: Moment
) -> Unneeded:
    """Compare what is stored with what is needed.

    A version that is not kept is forgotten when that frees something, or when what it was made from is forgotten. An
    object is unneeded when it is old, and no version that is not forgotten names it.
    """
    kept = frozenset[str]().union(
        *(record.names[version] for version in record.names.keys() & record.kept.keys())
    )
    needed, unreadable = with_inner(record.others | kept, record.lists, objects)
    old = {name: entry for name, entry in listed.items() if entry.modified < moment.young_since}
    young = listed.keys() - old.keys()
    doomed = set(record.names.keys() - record.kept.keys())
    while staying := {version for version in doomed if _stays(version, record, doomed, needed, young)}:
        staying = with_inputs(staying, record.inputs) & doomed
        doomed -= staying
        names = frozenset[str]().union(*(record.names[version] for version in staying))
        more, broken = with_inner(names - needed, record.lists, objects)
        needed, unreadable = needed | more, unreadable | broken
    unneeded = {name: old[name] for name in old.keys() - needed - record.forgotten.keys()}
    if unreadable:  # what they list is not known: it may be anything that no record names
        known = frozenset[str]().union(*(record.names[version] for version in doomed))
        unneeded = {name: entry for name, entry in unneeded.items() if name in known}
    return Unneeded(
        versions=tuple(forgotten_version(record.made[version]) for version in sorted(doomed)),
        objects=unneeded,
        needed=needed,
        unreadable=unreadable,
    )


def with_inner(
    names: Collection[str], lists: Collection[str], objects: Objects
) -> tuple[frozenset[str], frozenset[str]]:
    """Return ``names`` with all names that those of them that are ``lists`` hold, and the lists that cannot be read."""
    wanted = frozenset(names) & frozenset(lists)
    inner = names_by_list(wanted, objects)
    return frozenset(names).union(*inner.values()), wanted - inner.keys()


def names_by_list(lists: Collection[str], objects: Objects) -> dict[str, frozenset[str]]:
    """Return the names that each of these lists holds, read side by side; without those that cannot be read."""
    with ThreadPoolExecutor(_THREADS) as pool:
        inner = pool.map(lambda name: _inner(objects, name), lists)
        return {name: names for name, names in zip(lists, inner, strict=True) if names is not None}


def forgotten_version(made: MadeVersion) -> ForgottenVersion:
    """Return how the log names a version that is forgotten."""
    return ForgottenVersion(
        asset=made.asset, partition=made.partition, version=made.version, data_version=made.data_version
    )


def _inner(objects: Objects, name: str) -> frozenset[str] | None:
    try:
        return names_in(bytes(objects.read(name)).decode("utf-8", "replace"))
    except DamagedError:
        return None


def _stays(
    version: str, record: OnRecord, doomed: Collection[str], needed: Collection[str], young: Collection[str]
) -> bool:
    """Whether a version that is not kept stays all the same: to forget it frees nothing, or may not be done yet."""
    free = record.names[version] - frozenset(needed)
    if any(name in young for name in free):
        return True
    return not free and not any(one in doomed for one in record.inputs.get(version, ()))


def _keeping_of(
    keeping_of: Callable[[str], Keeping], environments: Collection[str]
) -> Callable[[str], Keeping]:
    """Return what each environment keeps: one that was deleted no last versions, so that all of it goes in the end."""

    def of(env: str) -> Keeping:
        keeping = keeping_of(env)
        exists = env in environments or not env  # by no known run: of no environment
        return keeping if exists else keeping.model_copy(update={"keep_last": 0})

    return of


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
