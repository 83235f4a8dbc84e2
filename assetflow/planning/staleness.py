"""Owns the judgement of one asset whose inputs' versions are known: one predicate for each state, tried in order.

Each predicate takes the same :class:`Case` and returns an :class:`Outcome`, or None when it does not apply.
The plan and the runner both ask here, so a run never does what its plan would not have said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from assetflow.ledger.records import Recorded
from assetflow.model.recipe import Recipe
from assetflow.model.states import PlanState
from assetflow.model.versions import Materialized, Version
from assetflow.planning.fingerprints import Seen, check_fingerprint_of, fingerprint_now, recipe_of
from assetflow.planning.holding import pinned, turned_away
from assetflow.planning.reasons import differences, observed_differences
from assetflow.planning.renaming import renamed, to_take_over
from assetflow.planning.resolve import Resolved, ResolvedCheck
from assetflow.planning.world import World


@dataclass(frozen=True)
class CheckStatus:
    """How a version stands with its asset's present checks: names that fail, and checks not yet judged."""

    failing: tuple[str, ...]
    due: tuple[ResolvedCheck, ...]


class Case(NamedTuple):
    """All that the predicates look at.

    ``candidates``: records of this fingerprint with sound bytes, newest first; where there are none of the asset
    itself, those of its former key that it takes over.
    """

    asset: Resolved
    fingerprint: str
    seen: Mapping[str, Seen | None]
    published: Recorded | None
    published_is_sound: bool
    candidates: tuple[Recorded, ...]
    lost: bool
    forced: bool
    world: World

    @property
    def published_is_current(self) -> bool:
        """Whether the environment points at a sound version with this very fingerprint.

        An effect's must be what its last run was of, too.
        """
        return (
            self.published is not None
            and self.published_is_sound
            and self.published.fingerprint == self.fingerprint
            and undone(self.asset, self.fingerprint, self.world) is None
        )

    def checks_of(self, recorded: Recorded) -> CheckStatus:
        """Return how ``recorded`` stands with the present checks."""
        return check_status(self.asset, recorded.data_version, self.seen, self.world)


class Outcome(NamedTuple):
    """What a predicate found. ``recorded``: the version it is about; ``due``: checks to run on it."""

    state: PlanState
    reasons: tuple[str, ...]
    recorded: Recorded | None = None
    due: tuple[ResolvedCheck, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """An outcome with the identity that led to it, and what the asset saw of its inputs."""

    outcome: Outcome
    fingerprint: str
    asset: Resolved
    seen: Mapping[str, Seen | None]

    @cached_property
    def recipe(self) -> Recipe:
        """What the fingerprint was made of; a source's is made of its files. Of most assets nobody asks for it."""
        return (
            recipe_of(self.asset, self.seen) if not self.asset.spec.is_observed else Recipe(code_version="")
        )

    def version(self, run: str, tree: str | None) -> Version:
        """Return the version that the outcome is about, as the asset's own.

        What is on record of its former key alone becomes a new record, by ``run``; ``tree``: the run's code.
        """
        assert self.outcome.recorded is not None
        action = self.outcome.recorded.action
        if action.asset == self.asset.key:
            return action
        assert isinstance(action, Materialized)
        return renamed(action, self.asset, self.fingerprint, self.recipe, run=run, tree=tree)


def judge(
    asset: Resolved, seen: Mapping[str, Seen | None], world: World, *, forced: bool = False
) -> Judgement:
    """Judge an asset whose inputs are all known (None in ``seen``: the upstream has no version)."""
    return judge_identity(asset, fingerprint_now(asset, seen), seen, world, forced=forced)


def judge_identity(
    asset: Resolved,
    fingerprint: str,
    seen: Mapping[str, Seen | None],
    world: World,
    *,
    forced: bool = False,
) -> Judgement:
    """Judge an asset whose fingerprint is known already (a source's comes from its observation)."""
    case = _case(asset, fingerprint, seen, world, forced)
    for predicate in PREDICATES:
        outcome = predicate(case)
        if outcome is not None:
            return Judgement(outcome, fingerprint, asset, seen)
    return Judgement(build(case), fingerprint, asset, seen)


def check_status(
    asset: Resolved,
    data_version: str,
    seen: Mapping[str, Seen | None],
    world: World,
    accepted: Collection[str] | None = None,
) -> CheckStatus:
    """Return how data of ``asset`` stand with its present checks; ``accepted``: None for those of ``world``."""
    accepted = world.accepted if accepted is None else accepted
    failing, due = [], []
    for check in asset.checks:
        evaluated = world.verdict(asset.key, data_version, check_fingerprint_of(check, data_version, seen))
        if evaluated is None:
            due.append(check)
        elif evaluated.fingerprint not in accepted:
            failing += [verdict.name for verdict in evaluated.verdicts if verdict.blocks]
    return CheckStatus(tuple(failing), tuple(due))


def undone(asset: Resolved, fingerprint: str, world: World) -> str | None:
    """Say why an effect must run again although it is published with ``fingerprint``; None where it need not.

    What it did stands outside the store, where its last start may have changed it, however that start ended.
    """
    unsure = _may_have_run(asset, world)
    if unsure is not None:
        return unsure
    last = world.effects.get(asset.key, fingerprint) if asset.spec.kind == "effect" else fingerprint
    if last == fingerprint:
        return None
    return "its last run was of other code or data" if last else "its last run failed"


def held(case: Case) -> Outcome | None:
    """It is pinned, or what this code would make was turned away; what is lost is made again all the same."""
    published = case.published
    if published and not case.published_is_sound and published.fingerprint == case.fingerprint:
        return None
    reason = pinned(case.asset, case.world)
    if reason is None and (case.forced or not case.published_is_current):
        reason = turned_away(case.asset, case.world)
    return Outcome(PlanState.HELD, (reason,), published) if reason is not None else None


def force(case: Case) -> Outcome | None:
    """Asked for by hand: whatever is on record is not looked at."""
    return Outcome(PlanState.BUILD, ("forced",)) if case.forced else None


def rejected(case: Case) -> Outcome | None:
    """Every version with this fingerprint has failed the present checks."""
    known = _known(case)
    if not known:
        return None
    statuses = [case.checks_of(recorded) for recorded in known]
    if not all(status.failing for status in statuses):
        return None
    reason = f"failed {', '.join(dict.fromkeys(statuses[0].failing))}"
    if case.published_is_current:
        reason += " (published before this check)"
    return Outcome(PlanState.REJECTED, (reason,), known[0])


def check(case: Case) -> Outcome | None:
    """The data exist, but a check is new, changed, or reads something that changed."""
    for recorded in _known(case):
        status = case.checks_of(recorded)
        if status.failing:
            continue
        if not status.due:
            return None
        names = ", ".join(item.spec.name for item in status.due)
        return Outcome(PlanState.CHECK, (f"not yet judged by {names}",), recorded, status.due)
    return None


def fresh(case: Case) -> Outcome | None:
    """The environment points at a version with this fingerprint."""
    return Outcome(PlanState.FRESH, (), case.published) if case.published_is_current else None


def reuse(case: Case) -> Outcome | None:
    """A version with this fingerprint is on record and passed its checks: publish it, run nothing."""
    for recorded in case.candidates:
        if not case.checks_of(recorded).failing:
            return Outcome(PlanState.REUSE, _reasons_to_reuse(case, recorded), recorded)
    return None


def build(case: Case) -> Outcome:
    """No usable record."""
    return Outcome(PlanState.BUILD, tuple(_reasons_to_build(case)))


PREDICATES = (held, force, rejected, check, fresh, reuse)


def _case(
    asset: Resolved,
    fingerprint: str,
    seen: Mapping[str, Seen | None],
    world: World,
    forced: bool,
) -> Case:
    published = world.published.get(asset.key)
    is_current = published is not None and published.fingerprint == fingerprint
    sound = published is None or not world.unsound([published])
    candidates: Sequence[Recorded] = ()
    if not (is_current and sound):
        own = world.records(asset.key, fingerprint) if asset.spec.kind != "effect" else ()
        candidates = own or to_take_over(asset, seen, world)
    unsound = world.unsound(candidates) if candidates else frozenset()
    return Case(
        asset=asset,
        fingerprint=fingerprint,
        seen=seen,
        published=published,
        published_is_sound=sound,
        candidates=tuple(item for item in candidates if item.version not in unsound),
        lost=bool(unsound) or (is_current and not sound),
        forced=forced,
        world=world,
    )


def _known(case: Case) -> tuple[Recorded, ...]:
    if case.published_is_current:
        assert case.published is not None
        return (case.published,)
    return case.candidates


def _reasons_to_build(case: Case) -> list[str]:
    unsure = _may_have_run(case.asset, case.world)
    if unsure is not None:
        return [unsure]
    if case.lost:
        return ["artifact missing"]
    if case.published is None:
        return _reasons_not_to_take_over(case) or ["never built"]
    again = undone(case.asset, case.fingerprint, case.world)
    return _differences(case) or [again or "no usable record"]


def _reasons_to_reuse(case: Case, recorded: Recorded) -> tuple[str, ...]:
    if recorded.asset != case.asset.key:
        return (f"renamed from {recorded.asset}",)
    return tuple(_differences(case)) or ("on record",)


def _reasons_not_to_take_over(case: Case) -> list[str]:
    former = case.world.published.get(case.asset.spec.renamed_from or "")
    if former is None or not isinstance(former.action, Materialized):
        return []
    differs = differences(former.action.recipe, recipe_of(case.asset, case.seen), case.seen, case.world)
    return [f"renamed from {former.asset}", *differs]


def _may_have_run(asset: Resolved, world: World) -> str | None:
    run = world.interrupted.get(asset.key) if asset.spec.kind == "effect" else None
    return f"may have run in {run}, which was interrupted" if run is not None else None


def _differences(case: Case) -> list[str]:
    if case.published is None:
        return ["not yet published here"]
    action, spec = case.published.action, case.asset.spec
    if action.type == "source_observed":
        return observed_differences(action, spec)
    if spec.is_observed:
        return [f"it was no {spec.kind}"]
    return differences(action.recipe, recipe_of(case.asset, case.seen), case.seen, case.world)
