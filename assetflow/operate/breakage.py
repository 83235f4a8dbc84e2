"""Owns what broke: the version that was rejected, or the attempt that failed, against the last good version.

From the ledger and the store alone. Knows nothing of trials but what they are called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assetflow.errors import UnknownNameError, UsageError
from assetflow.ledger.breaks import Break
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.model.actions import CheckEvaluated
from assetflow.operate.comparison import CodeChange
from assetflow.operate.divergence import Difference, Divergence, Kind, Side, diverge, side_of
from assetflow.operate.references import find_version, split_reference
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
    ``field``: of its config. ``hint``: a command that shows more.
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
class Breakage:
    """What broke, against what was good; with all that a trial needs to know.

    ``failing``: the last evaluations that reject it. ``raised_in``: the checks that raised. ``before``: for each check,
    the evaluation of the good version that it is compared with, None where it never was judged by it.
    """

    good: Side
    bad: Side
    failing: tuple[CheckEvaluated, ...]
    raised_in: tuple[str, ...]
    before: dict[str, CheckEvaluated | None]
    divergence: Divergence
    error: str | None

    @property
    def judged(self) -> tuple[tuple[CheckEvaluated, CheckEvaluated | None], ...]:
        """Each failing evaluation, with the one that it is compared with."""
        return tuple((one, self.before[one.check]) for one in self.failing)

    @property
    def checks(self) -> tuple[str, ...]:
        """Names of the checks that stand against it; none where the asset itself raised."""
        return (*dict.fromkeys(one.check for one in self.failing), *self.raised_in)


def breakage_of(workspace: Workspace, key: str, good: str | None, bad: str | None) -> Breakage:
    """Return what broke of ``key``, or of what broke above it, against what was good.

    ``good`` and ``bad`` are references without the key; None for what was last published, and what broke last.

    Raises:
        UnknownNameError: nothing broke, there is nothing good to compare it with, or no such version.
    """
    with workspace.ledger.session() as session:
        broken = _Broken(session, workspace.env)
        side, failing, raised_in, error = broken.named(key, bad) if bad is not None else broken.last(key)
        better = _good(session, workspace.env, side, good)
        before = {one.check: _judged_before(session, better, one) for one in failing}
        divergence = diverge(
            session, workspace.store.objects, side_of(better), side, _reads_of_checks(failing, before)
        )
    return Breakage(side_of(better), side, tuple(failing), raised_in, before, divergence, error)


Broke = tuple[Side, list[CheckEvaluated], tuple[str, ...], str | None]


class _Broken:
    """Finds what broke in an environment."""

    def __init__(self, session: Session, env: str) -> None:
        self._session = session
        self._env = env

    def named(self, key: str, reference: str) -> Broke:
        """Return a version that was named as the bad one."""
        at = split_reference(reference)[1] or reference
        recorded = find_version(self._session, key, at, self._env)
        return side_of(recorded), self._failing(recorded), (), None

    def last(self, key: str, below: Sequence[str] = ()) -> Broke:
        """Return what broke last; of an asset that was skipped, what broke above it."""
        broke = self._session.last_break(self._env, key)
        if broke is None:
            self._session.require_recorded(key)
            raise UnknownNameError(
                f"no attempt at {key} was rejected or failed in {self._env}",
                hint=f"`assetflow history {key}` lists its versions; name one by --bad",
            )
        if broke.kind == "skipped":
            if broke.because is None or broke.because in below:
                raise UsageError(f"{key} was not tried in run {broke.run}: {broke.reason}")
            return self.last(broke.because, (*below, key))
        if broke.kind == "rejected":
            assert broke.version is not None
            recorded = self._session.versions([broke.version])[broke.version]
            return side_of(recorded), self._failing(recorded), (), None
        return self._failed(key, broke)

    def _failed(self, key: str, broke: Break) -> Broke:
        failures = [one for one in self._session.failures(broke.run, key) if one.commit == broke.commit]
        action = failures[0].action
        if action.check is None:
            return Side(key, broke.time, broke.run, failed=action), [], (), broke.reason
        records = self._session.records([key], [action.fingerprint or ""])
        if not records:
            raise UnknownNameError(
                f"the version of {key} that check {action.check} raised on is not on record"
            )
        names = tuple(dict.fromkeys(one.action.check for one in failures if one.action.check))
        return side_of(records[-1]), self._failing(records[-1]), names, broke.reason

    def _failing(self, recorded: Recorded) -> list[CheckEvaluated]:
        """Return the last evaluation of each check that does not let the version pass."""
        judged = self._session.verdicts([(recorded.asset, recorded.data_version)])
        last = {one.check: one for one in judged}
        return [one for one in last.values() if not one.passed]


def _good(session: Session, env: str, bad: Side, reference: str | None) -> Recorded:
    """Return the version to compare with: what was published when the bad one came.

    That may be the bad one itself, where a check rejects what was published before the check was what it is.
    """
    if reference is not None:
        return find_version(session, bad.asset, split_reference(reference)[1] or reference, env)
    commit = bad.recorded.commit if bad.recorded is not None else session.commit_at(bad.time)
    pointer = session.pointers(env, commit).get((bad.asset, ""))
    if pointer is None:
        raise UnknownNameError(
            f"{env} had published no version of {bad.asset} before it broke: there is none to compare it with",
            hint="name a version to take for the good one by --good",
        )
    return session.versions([pointer.version])[pointer.version]


def _judged_before(session: Session, good: Recorded, failing: CheckEvaluated) -> CheckEvaluated | None:
    """Return how a check judged the good version: as it is now, if it did so and let it pass, else as it was."""
    judged = [
        one for one in session.verdicts([(good.asset, good.data_version)]) if one.check == failing.check
    ]
    return next((one for one in judged[::-1] if one.passed and same_check(one, failing)), None) or next(
        (one for one in judged[::-1] if not same_check(one, failing)), None
    )


def same_check(one: CheckEvaluated, other: CheckEvaluated) -> bool:
    """Whether two evaluations are of the same check: its code and its arguments."""
    return (one.code_version, one.arguments) == (other.code_version, other.arguments)


def _reads_of_checks(
    failing: Sequence[CheckEvaluated], before: dict[str, CheckEvaluated | None]
) -> dict[str, tuple[str, str]]:
    """Return the data versions of other assets that the failing checks read, on the good side and on the bad one."""
    found = {}
    for one in failing:
        earlier = before[one.check]
        for asset, data_version in earlier.reads if earlier is not None else ():
            if asset in dict(one.reads):
                found[asset] = (data_version, dict(one.reads)[asset])
    return found


def causes_of(breakage: Breakage) -> list[Cause]:
    """Return all that differs, nearest first."""
    return [*_check_causes(breakage), *(_cause(one) for one in breakage.divergence.differences)]


def _check_causes(breakage: Breakage) -> list[Cause]:
    """Return the failing checks that are not what judged the good version."""
    causes = []
    for one, earlier in breakage.judged:
        if earlier is not None and same_check(earlier, one):
            continue
        words = f"check {one.check} changed" if earlier is not None else f"check {one.check} is new"
        key, good, bad = breakage.good.asset, breakage.good.version, breakage.bad.version
        causes.append(Cause(key, "check", (key,), (words,), good, bad))
    return causes


def _cause(one: Difference) -> Cause:
    return Cause(
        asset=one.asset,
        kind=one.kind,
        path=one.path,
        words=one.words,
        good=one.good_version,
        bad=one.bad_version,
        field=one.field,
        code_changes=one.code_changes,
        hint=_hint(one),
    )


def _hint(one: Difference) -> str | None:
    if one.good_version is None or one.bad_version is None or one.kind not in ("source", "data"):
        return None
    return f"assetflow diff {one.asset}@{one.good_version[:12]} {one.asset}@{one.bad_version[:12]}"
