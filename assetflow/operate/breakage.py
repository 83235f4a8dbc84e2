"""Owns what broke: the version that was rejected, or the attempt that failed, against the last good version.

From the ledger and the store alone. Knows nothing of trials but what they are called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assetflow.errors import UnknownNameError, UsageError
from assetflow.keys import name_of, split_name, typed
from assetflow.ledger.breaks import Break
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.model.runs import Failed
from assetflow.model.verdicts import CheckEvaluated
from assetflow.operate.comparison import CodeChange
from assetflow.operate.diff import diff_command
from assetflow.operate.divergence import Difference, Divergence, Kind, Side, differences, diverge, side_of
from assetflow.operate.histories import History, both, in_one_store
from assetflow.operate.kept_code import KeptCode
from assetflow.operate.references import Opened, find_version, of_key, opened_for
from assetflow.operate.workspace import Workspace


@dataclass(frozen=True)
class Trial:
    """What came of putting one difference alone into the good version: it breaks, does not, or cannot be tried."""

    outcome: Literal["breaks", "does not break", "cannot be tried"]
    why: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Cause:
    """One difference between the good version and the bad one.

    ``path``: from the ``asset`` where it began down to the one that broke; ``good`` and ``bad``: its versions there.
    ``field``: of its config; of a check, its name. ``hint``: a command that shows more.
    ``trial``: what it does alone, where that was tried.
    """

    asset: str
    kind: Kind | Literal["check"]
    path: tuple[str, ...]
    words: tuple[str, ...]
    good: str | None
    bad: str | None
    field: str | None = None
    code_changes: tuple[CodeChange, ...] = ()
    hint: str | None = None
    trial: Trial | None = None


@dataclass(frozen=True)
class Objection:
    """A check that stands against the bad version: the evaluation that rejects it, or the failure that it raised.

    ``earlier``: the evaluation of the good version to compare it with, None where it was never judged by it.
    ``reads``: the data versions of other assets that it read, on the good side (None: unknown) and on the bad one.
    """

    by: CheckEvaluated | Failed
    earlier: CheckEvaluated | None
    reads: Mapping[str, tuple[str | None, str]]

    @property
    def check(self) -> str:
        """Name of the check."""
        return self.by.check or ""

    @property
    def is_changed(self) -> bool:
        """Whether it is not the check that judged the good version."""
        return self.earlier is None or not _same_check(self.by, self.earlier)

    @property
    def passed_before(self) -> bool:
        """Whether this very check is on record to have let the good version pass."""
        return self.earlier is not None and self.earlier.passed and not self.is_changed


@dataclass(frozen=True)
class Breakage:
    """What broke, against what was good. ``objections``: none where the asset itself raised ``error``.

    ``places``: where the good version is on record, and the bad one. ``mended_by``: the version that was published
    after it broke and passes now, or the bad one itself where it does.
    """

    good: Side
    bad: Side
    objections: tuple[Objection, ...]
    divergence: Divergence
    error: str | None
    places: tuple[Workspace, Workspace]
    mended_by: str | None = None

    @property
    def checks(self) -> tuple[str, ...]:
        """Names of the checks that stand against it."""
        return tuple(one.check for one in self.objections)

    @property
    def reads(self) -> dict[str, tuple[str | None, str]]:
        """What all of them read of other assets, as in ``Objection``."""
        return {asset: versions for one in self.objections for asset, versions in one.reads.items()}


def breakage_of(
    workspace: Workspace, key: str, good: str | None, bad: str | None, opened: Opened
) -> Breakage:
    """Return what broke of ``key``, or of what broke above it, against what was good.

    ``key`` may be the name of a partition; of an asset that has some, whichever broke last is told of. ``good`` and
    ``bad`` are references with or without the key; None for what was last published, and what broke last.

    Raises:
        UnknownNameError: nothing broke, there is nothing good to compare it with, or no such version.
    """
    there, _, at = (workspace, key, None) if bad is None else opened_for(workspace, of_key(key, bad), opened)
    with there.ledger.session() as session:
        broken = _Broken(session, there.env)
        side, against, error, commit = broken.last(key) if bad is None else broken.named(key, at)
        mended_by = broken.mended_by(side, commit, raised=error is not None)
    here, better = _good(workspace, there, side, good, opened)
    with both(here, there) as histories:
        objections = tuple(_objection(*histories, better, one) for one in against)
        reads = {asset: pair for one in objections for asset, pair in one.reads.items()}
        divergence = diverge(histories, side_of(better), side, reads)
    return Breakage(side_of(better), side, objections, divergence, error, (here, there), mended_by)


Against = Sequence[CheckEvaluated | Failed]
_Found = tuple[Side, Against, str | None, int]


class _Broken:
    """Finds what broke in an environment: one side, what stands against it, what was raised, and by which commit."""

    def __init__(self, session: Session, env: str) -> None:
        self._session = session
        self._env = env

    def named(self, key: str, reference: str | None) -> _Found:
        """Return a version that was named as the bad one."""
        recorded = find_version(self._session, key, reference, self._env)
        return side_of(recorded), self._failing(recorded), None, recorded.commit

    def last(self, key: str, below: Sequence[str] = ()) -> _Found:
        """Return what broke last; of an asset that was skipped, what broke above it."""
        asset, partition = split_name(key)
        broke = self._session.last_break(self._env, asset, partition or None)
        if broke is None:
            self._session.require_recorded(asset)
            raise UnknownNameError(
                f"no attempt at {key} was rejected or failed in {self._env}",
                hint=f"`assetflow history {typed(key)} --env {self._env}` lists its versions; name one by --bad",
            )
        if broke.kind == "skipped":
            if broke.because is None or broke.because in below:
                raise UsageError(f"{key} was not tried in run {broke.run}: {broke.reason}")
            return self.last(broke.because, (*below, key))
        if broke.kind == "rejected":
            assert broke.version is not None
            recorded = self._session.versions([broke.version])[broke.version]
            return side_of(recorded), self._failing(recorded, broke.run), None, broke.commit
        return self._failed(asset, broke)

    def mended_by(self, bad: Side, commit: int, *, raised: bool) -> str | None:
        """Return the version that is published and passes, if it came after that commit.

        It may be the bad one, published all along; unless a check ``raised``: that leaves no verdict to change.
        """
        pointer = self._session.pointers(self._env).get((bad.asset, bad.partition))
        if pointer is None or pointer.how == "rolled_back":
            return None
        if pointer.commit <= commit and (raised or pointer.version != bad.version):
            return None
        published = self._session.versions([pointer.version])[pointer.version]
        accepted = self._session.accepted(self._env)
        blocking = self._session.blocking(bad.asset, published.data_version, accepted)
        return None if blocking else published.version

    def _failed(self, key: str, broke: Break) -> _Found:
        failures = [
            one.action
            for one in self._session.failures(broke.run, key)
            if (one.commit, one.action.partition) == (broke.commit, broke.partition)
        ]
        if failures[0].check is None:
            return Side(key, broke.time, broke.run, failed=failures[0]), (), broke.reason, broke.commit
        records = self._session.records([key], [failures[0].fingerprint or ""])
        if not records:
            raise UnknownNameError(
                f"the version of {key} on which {failures[0].check} raised is not on record"
            )
        raised = {one.check: one for one in failures if one.check is not None}
        failing = self._failing(records[-1], broke.run)
        return side_of(records[-1]), [*failing, *raised.values()], broke.reason, broke.commit

    def _failing(self, recorded: Recorded, run: str | None = None) -> list[CheckEvaluated]:
        """Return the last evaluation by each check that did not let the version pass; those of ``run``, if any."""
        judged = self._session.verdicts([(recorded.asset, recorded.data_version)])
        failing = [one for one in judged if not one.passed]
        of_run = [one for one in failing if one.run == run]
        return list({one.check: one for one in of_run or failing}.values())


def _good(
    workspace: Workspace, there: Workspace, bad: Side, reference: str | None, opened: Opened
) -> tuple[Workspace, Recorded]:
    """Return the version to compare with, and where it is on record: what was published when the bad one came.

    That may be the bad one itself, where a check rejects what was published before the check was what it is.
    """
    if reference is not None:
        where, key, at = opened_for(workspace, of_key(name_of(bad.asset, bad.partition), reference), opened)
        with where.ledger.session() as session:
            return where, find_version(session, key, at, where.env)
    with workspace.ledger.session() as session:
        is_here = bad.recorded is not None and in_one_store(workspace, there)
        commit = bad.recorded.commit if bad.recorded and is_here else session.commit_at(bad.time)
        pointer = session.pointers(workspace.env, commit).get((bad.asset, bad.partition))
        if pointer is None:
            raise UnknownNameError(
                f"{workspace.env} had published no version of {name_of(bad.asset, bad.partition)} before it broke: "
                "there is none to compare it with",
                hint="name a version to take for the good one by --good",
            )
        return workspace, session.versions([pointer.version])[pointer.version]


def _objection(here: History, there: History, good: Recorded, by: CheckEvaluated | Failed) -> Objection:
    earlier = _judged_before(here, good, by)
    before = dict(earlier.reads) if earlier is not None else {}
    if isinstance(by, CheckEvaluated):
        read = dict(by.reads)
    else:
        versions = there.versions([version for _, version in by.inputs])
        read = {one.asset: one.data_version for one in versions.values() if one.asset in before}
    return Objection(by, earlier, {asset: (before.get(asset), version) for asset, version in read.items()})


def _judged_before(history: History, good: Recorded, by: CheckEvaluated | Failed) -> CheckEvaluated | None:
    """Return how a check judged the good version: as it is now, if it let it pass; else as it was; else at all."""
    judged = history.verdicts([(good.asset, good.data_version)])
    newest = [one for one in judged[::-1] if one.check == by.check and one != by]
    passed = (one for one in newest if one.passed and _same_check(one, by))
    otherwise = (one for one in newest if not _same_check(one, by))
    return next(passed, None) or next(otherwise, None) or next(iter(newest), None)


def _same_check(one: CheckEvaluated | Failed, other: CheckEvaluated | Failed) -> bool:
    """Whether both are by one check, as far as both say so: older releases recorded less."""
    pairs = ((one.code_version, other.code_version), (one.arguments, other.arguments))
    return all(first == second for first, second in pairs if first and second)


def causes_of(breakage: Breakage) -> list[Cause]:
    """Return all that differs, nearest first; reads kept code from the stores."""
    here, there = breakage.places
    old = KeptCode(here.store.objects)
    new = old if in_one_store(here, there) else KeptCode(there.store.objects)
    found = differences(breakage.divergence, (old, new))
    return [*_check_causes(breakage), *(_cause(one, breakage.places) for one in found)]


def _check_causes(breakage: Breakage) -> list[Cause]:
    """Return the failing checks that are not what judged the good version."""
    key, good, bad = breakage.good.asset, breakage.good.version, breakage.bad.version
    return [
        Cause(
            asset=key,
            kind="check",
            path=(key,),
            words=(f"check {one.check} {'changed' if one.earlier else 'is new'}",),
            good=good,
            bad=bad,
            field=one.check,
        )
        for one in breakage.objections
        if one.is_changed
    ]


def _cause(one: Difference, places: tuple[Workspace, Workspace]) -> Cause:
    return Cause(
        asset=one.asset,
        kind=one.kind,
        path=one.path,
        words=one.words,
        good=one.good_version,
        bad=one.bad_version,
        field=one.field,
        code_changes=one.code_changes,
        hint=_hint(one, *places),
    )


def _hint(one: Difference, here: Workspace, there: Workspace) -> str | None:
    """Return the command that compares the data; versions of two stores have none."""
    if one.good_version is None or one.bad_version is None or one.kind not in ("source", "data"):
        return None
    return diff_command(there, one.good_version, one.bad_version) if in_one_store(here, there) else None
