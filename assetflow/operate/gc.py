"""Owns the use case of keeping a store small: what nothing needs is forgotten, and a day later deleted.

Two steps, so that no reader and no writer loses anything under its hands. First a commit says which versions are no
longer kept, and which names of objects are never used again; writers read it before they commit. A later call deletes
these names: nobody can come to need them meanwhile. Each step can be interrupted anywhere, and done again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from assetflow.declare.durations import seconds_of
from assetflow.errors import DamagedError, StoreFormatError, UsageError
from assetflow.model.store import ForgottenVersion
from assetflow.operate.forgetting import commit_forgotten, until_undisturbed
from assetflow.operate.how import new_run_id
from assetflow.operate.reach import OnRecord, Unneeded, find_unneeded, read_record
from assetflow.operate.workspace import Workspace
from assetflow.planning.retention import Moment
from assetflow.storage.clock import parse_time
from assetflow.storage.failure import told
from assetflow.storage.folder import Entry
from assetflow.storage.objects import names_in

DAY = 86400.0


@dataclass(frozen=True)
class AssetShare:
    """What becomes of one asset's versions: number that go and their bytes; number that stay, and why."""

    asset: str
    versions: int
    bytes: int
    stay: int
    reasons: Mapping[str, int]


@dataclass(frozen=True)
class Collected:
    """What `gc` did; with ``dry_run`` what it would do.

    ``forgotten``: the versions, with the objects that are freed by that and their bytes. ``deleted``: objects forgotten
    earlier that are gone now; ``waiting``: those that will be. ``left_over``: temporary files of dead writers.
    ``live``: runs for whose sake more is kept.
    """

    dry_run: bool
    assets: tuple[AssetShare, ...]
    forgotten: tuple[ForgottenVersion, ...]
    objects: int
    bytes: int
    deleted: int
    deleted_bytes: int
    waiting: int
    waiting_bytes: int
    left_over: int
    live: tuple[str, ...]
    unreadable: tuple[str, ...]
    commit: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {**asdict(self), "forgotten": [one.model_dump() for one in self.forgotten]}


@dataclass(frozen=True)
class _Plan:
    """What is to be done, as of one commit. ``due``: forgotten names that are to be deleted."""

    record: OnRecord
    unneeded: Unneeded
    due: Mapping[str, Entry]
    waiting: Mapping[str, Entry]
    left_over: tuple[str, ...]
    live: tuple[str, ...]


def gc(workspace: Workspace, *, yes: bool = False, grace: float = DAY) -> Collected:
    """Forget what nothing needs and delete what was forgotten more than ``grace`` seconds ago; only with ``yes``.

    Raises:
        UsageError: ``grace`` is shorter than a day while a run goes on.
        ClockError: this machine's clock and the store's differ.
        StoreError: the store cannot be read as a whole, or not be written; then nothing more was done.
    """
    if not yes:
        return _report(_plan(workspace, grace, own=""), dry_run=True)
    own = f"gc-{new_run_id()}"
    workspace.store.live.remove_dead()
    with workspace.store.live.begin(own):
        return until_undisturbed(lambda: _collect(workspace, grace, own))


def grace_of(duration: str | float | None) -> float:
    """Return the seconds that a person means; raise UsageError where that is no duration."""
    try:
        return DAY if duration is None else seconds_of(duration)
    except ValueError as error:
        raise UsageError(f"grace: {error}") from error


def _collect(workspace: Workspace, grace: float, own: str) -> Collected | None:
    """Do it once; return None where others came to need some of what was to be forgotten."""
    plan = _plan(workspace, grace, own)
    _require_whole_log(workspace, plan)
    _delete(workspace, plan)
    unneeded = plan.unneeded
    if not (unneeded.versions or unneeded.objects):
        return _report(plan, dry_run=False)
    commit = commit_forgotten(workspace, plan.record.head, unneeded.versions, unneeded.objects, "gc")
    if commit is None:
        return None
    workspace.ledger.follow()
    return _report(plan, dry_run=False, commit=commit)


def _plan(workspace: Workspace, grace: float, own: str) -> _Plan:
    store = workspace.store
    live = [run for run in store.live.runs() if run.alive and run.run != own]
    if live and grace < DAY:
        raise UsageError(
            f"run {live[0].run} goes on, and needs what may be younger than a day",
            hint="wait until it has ended, or leave out --grace",
        )
    since = [parse_time(run.began).timestamp() if run.began else 0.0 for run in live]
    moment = Moment(store.live.now(), grace, min(since, default=None))
    listed = store.objects.listed()
    with workspace.ledger.session() as session:
        record = read_record(session, workspace.settings.keeping_of, moment)
        gone = {name: listed[name] for name in record.forgotten.keys() & listed.keys()}
        named = session.last_named(gone) if gone else {}
    unneeded = find_unneeded(record, listed, store.objects, moment)
    safe = {name for name in gone.keys() - unneeded.needed if named.get(name, 0) <= record.forgotten[name]}
    written = {commit: store.log.written(commit) for commit in {record.forgotten[name] for name in safe}}
    due = {name for name in safe if written[record.forgotten[name]] < moment.young_since}
    return _Plan(
        record,
        unneeded,
        {name: gone[name] for name in sorted(due)},
        {name: gone[name] for name in safe - due},
        _left_over(workspace, moment),
        tuple(run.run for run in live),
    )


def _require_whole_log(workspace: Workspace, plan: _Plan) -> None:
    """Raise StoreError where the log may say more than can be read: nothing may be deleted on half a log."""
    because = plan.record.head.read_only_because
    if because is not None:
        raise StoreFormatError(f"this store can only be read: {because}", hint="upgrade assetflow")
    lost = workspace.ledger.lost()
    if lost:
        raise DamagedError(
            f"commit {max(lost)} of the log is not what it was, or is missing: what it named would be deleted",
            hint="`assetflow verify` says more; restore the log from a copy first",
        )


def _left_over(workspace: Workspace, moment: Moment) -> tuple[str, ...]:
    """Return the temporary files that writers left when they died."""
    with told("list left-over files", workspace.store.url):
        return tuple(workspace.store.folder.left_over(moment.young_since))


def _delete(workspace: Workspace, plan: _Plan) -> None:
    """Delete what was forgotten long ago, unless the log, read once more, names it."""
    store = workspace.store
    names = set(plan.due)
    if names:
        for _, body in store.log.read_since(plan.record.head.number):
            names -= names_in(bytes(body).decode())
        store.objects.remove(sorted(names))
        workspace.damage.forget(names)
    with told("delete left-over files", store.url):
        for path in plan.left_over:
            store.folder.remove(path)


def _report(plan: _Plan, *, dry_run: bool, commit: int | None = None) -> Collected:
    return Collected(
        dry_run=dry_run,
        assets=_shares(plan),
        forgotten=plan.unneeded.versions,
        objects=len(plan.unneeded.objects),
        bytes=_bytes(plan.unneeded.objects),
        deleted=len(plan.due),
        deleted_bytes=_bytes(plan.due),
        waiting=len(plan.waiting),
        waiting_bytes=_bytes(plan.waiting),
        left_over=len(plan.left_over),
        live=plan.live,
        unreadable=tuple(sorted(plan.unneeded.unreadable)),
        commit=commit,
    )


def _shares(plan: _Plan) -> tuple[AssetShare, ...]:
    """Return what becomes of each asset's versions; an object that several share counts for the first."""
    record, going = plan.record, {one.version for one in plan.unneeded.versions}
    sizes = {name: entry.size for name, entry in plan.unneeded.objects.items()}
    goes, freed = Counter[str](), Counter[str]()
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for version, made in sorted(record.made.items()):
        if version in going:
            goes[made.asset] += 1
            freed[made.asset] += sum(sizes.pop(name, 0) for name in sorted(record.names[version]))
        else:
            reasons[made.asset][record.kept.get(version, "costs nothing")] += 1
    return tuple(
        AssetShare(asset, goes[asset], freed[asset], reasons[asset].total(), dict(reasons[asset]))
        for asset in sorted({made.asset for made in record.made.values()})
    )


def _bytes(entries: Mapping[str, Entry]) -> int:
    return sum(entry.size for entry in entries.values())
