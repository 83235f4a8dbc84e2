"""Owns the use case of erasing the data of one version, at once: its record stays.

What other versions need stays too. Whoever writes meanwhile reads in the log that the names are not to be used.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assetflow.errors import StoreError, UsageError
from assetflow.keys import typed
from assetflow.ledger.keeping import MadeVersion
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.model.manifest import Manifest
from assetflow.operate.forgetting import commit_forgotten, until_undisturbed
from assetflow.operate.reach import forgotten_version, names_of, with_inner
from assetflow.operate.references import Opened, find_record, opened_for
from assetflow.operate.workspace import Workspace
from assetflow.storage.head import Head


@dataclass(frozen=True)
class Erased:
    """What `forget` did; with ``dry_run`` what it would do.

    ``versions``: those that have no data any more; ``objects``: how many were deleted.
    ``stay``: objects that were not, as the versions ``needed_by`` (key@version) need them too.
    ``already``: it was forgotten before, and nothing is committed; objects that were left are deleted all the same.
    """

    dry_run: bool
    key: str
    version: str
    versions: tuple[str, ...]
    objects: int
    stay: int
    needed_by: tuple[str, ...]
    commit: int | None
    already: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


@dataclass(frozen=True)
class _Plan:
    """What is to be erased, as of ``head``. ``again``: it was forgotten before, and objects of it are still there."""

    head: Head
    recorded: Recorded
    versions: tuple[MadeVersion, ...]
    objects: frozenset[str]
    stay: frozenset[str]
    needed_by: tuple[str, ...]
    again: bool = False


def forget(workspace: Workspace, reference: str, opened: Opened, *, dry_run: bool = False) -> Erased:
    """Erase the data of the version ``key@reference``, and of the same data under other versions of that asset.

    With ``dry_run`` it is only said what would go.

    Raises:
        UsageError: an environment publishes it, or is pinned at it; or nothing of it can be erased.
        UnknownNameError: there is no such version.
    """
    where, key, at = opened_for(workspace, reference, opened)
    if at is None:
        raise UsageError(
            f"{reference!r} names no version: what is published cannot be forgotten",
            hint=f"say which: `assetflow history {typed(key)} --env {where.env}` lists the versions",
        )
    if dry_run:
        return _report(_plan(where, key, at), dry_run=True)
    return until_undisturbed(lambda: _erase(where, key, at))


def _erase(workspace: Workspace, key: str, at: str) -> Erased | None:
    """Do it once; return None where others came to need some of it."""
    plan, commit = _plan(workspace, key, at), None
    if not plan.again:
        versions = [forgotten_version(one) for one in plan.versions]
        commit = commit_forgotten(workspace, plan.head, versions, plan.objects, "forget")
        if commit is None:
            return None
    workspace.store.objects.remove(sorted(plan.objects))
    workspace.damage.forget(plan.objects)
    workspace.ledger.follow()
    return _report(plan, dry_run=False, commit=commit)


def _plan(workspace: Workspace, key: str, at: str) -> _Plan:
    objects = workspace.store.objects
    with workspace.ledger.session() as session:
        recorded = find_record(session, key, at, workspace.env)
        again = recorded.version in session.forgotten([recorded.version])
        made = session.made_versions()
        same = () if again else tuple(_same_data(made, recorded))
        if not again:
            _require_free(session, recorded, same)
        versions = {one.version for one in same}
        others = {one.version: one for one in made if one.version not in versions}
        forgotten, head = session.forgotten_objects(), session.head
        names = names_of(session, made, forgotten)
        mine = _all_of(session.named_by_versions({recorded.version, *versions}).values())
        mine |= session.named_by_checks().get(_data_of(recorded), frozenset())
        trees, lists = session.trees(), session.lists_of_objects()
        named = {mention.object for mention in session.named_otherwise()} - forgotten.keys()
    erased, _ = with_inner(mine - trees, lists, objects)
    needed, unreadable = with_inner(named.union(*(names[version] for version in others)), lists, objects)
    if unreadable - trees:
        raise StoreError(
            f"object {min(unreadable - trees)} lists what others need, and cannot be read: nothing was forgotten",
            hint=f"`assetflow verify --repair --env {workspace.env}` says how to mend it",
        )
    needed_by = tuple(
        f"{one.asset}@{one.version[:12]}" for one in others.values() if names[one.version] & erased
    )
    goes = (erased & forgotten.keys() if again else erased) - needed
    if again:
        goes -= objects.missing(goes)
    return _Plan(head, recorded, same, goes, erased & needed, needed_by, again)


def _all_of(groups: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*groups)


def _data_of(recorded: Recorded) -> tuple[str, str, str]:
    return recorded.asset, recorded.partition, recorded.data_version


def _same_data(made: Sequence[MadeVersion], recorded: Recorded) -> list[MadeVersion]:
    """Return the versions of this asset that are the same data, made in another way: to keep them would keep these."""
    return list({one.version: one for one in made if one.data == _data_of(recorded)}.values())


def _require_free(session: Session, recorded: Recorded, same: Sequence[MadeVersion]) -> None:
    """Raise UsageError where the data are in use, or cannot be erased."""
    key, version = recorded.asset, recorded.version[:12]
    versions = {one.version for one in same}
    for env in session.environments():
        for pointer in session.pointers(env).values():
            if pointer.version in versions:
                raise UsageError(
                    f"{env} publishes {key} version {pointer.version[:12]}"
                    + ("" if pointer.version == recorded.version else f", which are the data of {version}"),
                    hint=f"publish another version first: `assetflow promote`, or `assetflow rollback {env}`",
                )
    for env in session.environments():
        if versions & set(session.pins(env).values()):
            raise UsageError(
                f"{env} has {key} pinned at version {version}",
                hint=f"`assetflow unpin {typed(recorded.name)} --env {env}` first",
            )
    manifest = recorded.manifest
    if manifest is None:
        raise UsageError(
            f"{key} version {version} has no data in the store", hint="there is nothing to forget"
        )
    if isinstance(manifest, Manifest) and manifest.inline is not None:
        raise UsageError(
            f"{key} version {version} is so small that it lies in the log itself, which is never changed",
            hint="`private=True` on the asset keeps the data of later versions out of the log",
        )


def _report(plan: _Plan, *, dry_run: bool, commit: int | None = None) -> Erased:
    return Erased(
        dry_run=dry_run,
        key=plan.recorded.asset,
        version=plan.recorded.version,
        versions=tuple(one.version for one in plan.versions) or (plan.recorded.version,),
        objects=len(plan.objects),
        stay=len(plan.stay),
        needed_by=plan.needed_by,
        commit=commit,
        already=plan.again,
    )
