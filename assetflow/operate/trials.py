"""Owns trying differences one by one: each alone is put into the good version, and what comes out is judged again.

What lies between the difference and the asset that broke is made again by the code, config and inputs of the good
version, as far as anything it reads came out otherwise. In processes of their own, and nothing is written to the store.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from typing import Any

from assetflow.errors import AssetflowError, UsageError
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.lineage.graph import Graph
from assetflow.model.recipe import Recipe
from assetflow.model.runs import RunStarted
from assetflow.model.versions import Materialized, Version
from assetflow.operate.breakage import Breakage, Cause, Trial
from assetflow.operate.divergence import Node
from assetflow.operate.histories import in_one_store
from assetflow.operate.replay import CodeState, Replay
from assetflow.operate.replay_messages import Answer, Step, partitions_read
from assetflow.operate.workspace import Workspace

_RANK = {"breaks": 0, "does not break": 1, "cannot be tried": 2}


def tried(breakage: Breakage, causes: Sequence[Cause]) -> list[Cause]:
    """Return the causes with what each does alone: those that break it first, then as they come.

    Raises:
        UsageError: the good version and the bad one are not in one store.
    """
    workspace, there = breakage.places
    if not in_one_store(workspace, there):
        raise UsageError(
            f"the good version lies in {workspace.store.url}, the bad one in {there.store.url}: "
            "what differs between two stores can be told, and not be tried",
            hint="leave --run out, or name a good version that lies where the bad one does",
        )
    with workspace.ledger.session() as session:
        past = _Past(session, breakage, {cause.good for cause in causes if cause.good is not None})
    with (
        ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="assetflow-trial") as pool,
        Replay(workspace) as replay,
    ):
        trials = list(pool.map(_Trials(workspace, breakage, past, replay).trial, causes))
    found = [replace(cause, trial=trial) for cause, trial in zip(causes, trials, strict=True)]
    return sorted(found, key=lambda cause: _RANK[cause.trial.outcome] if cause.trial else 0)


class _CannotTryError(Exception):
    """Why a difference cannot be tried."""


class _Past:
    """What is on record that trials need, of all that the good version was made from, and what its checks read.

    ``lineage``: by version, what lies between a difference and the good version, or what its checks read: both ends
    included, what a version reads always before it. ``read``: what these read, and the bad version. ``reads``: by
    asset, what the failing checks read of others on the good side.
    """

    def __init__(self, session: Session, breakage: Breakage, begun: Collection[str]) -> None:
        assert breakage.good.recorded is not None
        self.reads = _read_by_checks(session, breakage)
        judged = {breakage.good.recorded.version, *(one.version for one in self.reads.values())}
        between = session.versions(_between(session, begun, judged))
        self.lineage = _parents_first(between)
        nodes = breakage.divergence.nodes.values()
        recipes = [*map(_recipe, between.values()), *(node.bad.recipe for node in nodes)]
        self.read = session.versions({version for recipe in recipes for version in _inputs(recipe)})
        runs = {recorded.action.run for recorded in between.values()} | {node.bad.run for node in nodes}
        self.starts: Mapping[str, RunStarted] = session.run_starts(
            runs | {objection.by.run for objection in breakage.objections}
        )


class _Trials:
    """Tries differences; what all of them have in common is found out once. Safe for threads."""

    def __init__(self, workspace: Workspace, breakage: Breakage, past: _Past, replay: Replay) -> None:
        self._workspace = workspace
        self._breakage = breakage
        self._past = past
        self._replay = replay
        assert breakage.good.recorded is not None
        self._good = breakage.good.recorded

    def trial(self, cause: Cause) -> Trial:
        """Put one difference into the good version, alone."""
        begun = time.perf_counter()
        try:
            breaks, why = self._tried(cause)
            outcome = Trial("breaks" if breaks else "does not break", why)
        except (_CannotTryError, AssetflowError) as error:
            outcome = Trial("cannot be tried", str(error))
        return replace(outcome, seconds=time.perf_counter() - begun)

    def _tried(self, cause: Cause) -> tuple[bool, str]:
        if cause.kind == "check":
            return self._judged(self._good.action, {}, (cause.field or "",))
        if cause.kind in ("outside", "input") or (cause.kind == "config" and cause.field is None):
            raise _CannotTryError("what it was is not on record, so it cannot be had again")
        if self._fails_already:
            raise _CannotTryError("its check fails on the good version too")
        made: dict[str, Version] = {}
        for recorded in self._affected(cause):
            answer = self._made(recorded, cause, made)
            if answer is None:
                continue
            if answer.version is None and answer.failure and self._is_what_raised(recorded):
                return True, f"{recorded.asset} raised {answer.failure}"
            if answer.version is None:
                raise _CannotTryError(answer.impossible or f"{recorded.asset} raised {answer.failure}")
            if answer.version.data_version != recorded.data_version:
                made[recorded.version] = answer.version
        if not made.keys() & {self._good.version, *(one.version for one in self._past.reads.values())}:
            return False, f"{self._good.asset} comes out as it was"
        version = made.get(self._good.version, self._good.action)
        return self._judged(version, made, self._breakage.checks)

    def _is_what_raised(self, recorded: Recorded) -> bool:
        return recorded.version == self._good.version and not self._breakage.checks

    def _affected(self, cause: Cause) -> Iterator[Recorded]:
        """Yield where the difference is and all that was made from it, parents first."""
        reached = {cause.good}
        for recorded in self._past.lineage.values():
            if recorded.version == cause.good or reached.intersection(_inputs(_recipe(recorded))):
                reached.add(recorded.version)
                yield recorded

    def _made(self, recorded: Recorded, cause: Cause, made: dict[str, Version]) -> Answer | None:
        """Make one version again, with the difference if it is there; None where nothing it reads is otherwise."""
        is_there = recorded.version == cause.good
        if is_there and cause.kind in ("source", "data"):
            bad = self._node(cause).bad.recorded
            assert bad is not None  # else its words would say that it is not on record
            made[recorded.version] = bad.action
            return None
        recipe = _recipe(recorded)
        assert recipe is not None
        if not is_there and not any(version in made for version in _inputs(recipe)):
            return None
        action = recorded.action
        assert isinstance(action, Materialized)
        tree, run, config, inputs = action.tree, action.run, recipe.config, recipe
        if is_there and cause.kind == "config":
            config = _with_field(recipe, self._node(cause).bad.recipe, cause.field or "")
        elif is_there:
            bad_side = self._node(cause).bad
            assert bad_side.recipe is not None
            tree, run, inputs = bad_side.tree, bad_side.run, bad_side.recipe
            config = _as_known(recipe, bad_side.recipe)
        step = Step(
            asset=recorded.asset,
            partition=recorded.partition,
            env=recorded.env or "",
            config=config,
            reads=partitions_read(inputs),
            inputs=self._inputs(recipe, inputs, made),
            deps=recipe.deps,
            token=recipe.token,
            known=recorded.data_version,
        )
        return self._replay.do(self._code(recorded.asset, tree, run), step)

    def _inputs(self, good: Recipe, asked: Recipe, made: Mapping[str, Version]) -> tuple[Version, ...]:
        """Return what is read by ``asked``: as the good version read it, or came out now; else what is on record."""
        before = {item.name: item.version for item in good.inputs}
        found = []
        for item in asked.inputs:
            version = before.get(item.name, item.version)
            if version is None:
                continue
            recorded = self._past.read.get(version)
            if recorded is None:
                raise _CannotTryError(f"{item.name} {version[:12]}, which it reads, is not on record")
            found.append(made.get(version, recorded.action))
        return tuple(found)

    def _judged(
        self, version: Version, made: Mapping[str, Version], checks: tuple[str, ...]
    ) -> tuple[bool, str]:
        """Have checks that failed judge a version; what they read of others is as it was, or came out now."""
        if not checks:
            return False, ""
        recipe = self._breakage.bad.recipe
        step = Step(
            asset=self._good.asset,
            partition=self._good.partition,
            env=self._good.env or "",
            config=recipe.config if recipe is not None else None,
            inputs=tuple(made.get(one.version, one.action) for one in self._past.reads.values()),
            judged=version,
            checks=checks,
        )
        answer = self._replay.do(self._judging_code(), step)
        if answer.impossible or answer.failure:
            raise _CannotTryError(answer.impossible or f"its checks cannot be asked: {answer.failure}")
        found = [
            f"{one.name}: {one.message}" if one.message else one.name for one in answer.verdicts if one.blocks
        ]
        found += [f"{name} raised" for name in answer.raised_by]
        return bool(found), "; ".join(found)

    @cached_property
    def _fails_already(self) -> bool:
        """Whether a failing check fails on the good version too: because it is another one, or as it always did."""
        if all(objection.passed_before for objection in self._breakage.objections):
            return False
        return self._judged(self._good.action, {}, self._breakage.checks)[0]

    def _node(self, cause: Cause) -> Node:
        return self._breakage.divergence.nodes[cause.asset, cause.good, cause.bad]

    def _judging_code(self) -> CodeState:
        """Return the code that judged the bad version last."""
        run = self._breakage.objections[-1].by.run
        start = self._past.starts.get(run)
        return self._code(self._good.asset, start.tree if start is not None else None, run)

    def _code(self, asset: str, tree: str | None, run: str) -> CodeState:
        if tree is None:
            raise _CannotTryError(f"the code of {asset} was not kept")
        return CodeState.recorded(self._workspace, tree, self._past.starts.get(run))


def _read_by_checks(session: Session, breakage: Breakage) -> dict[str, Recorded]:
    data = [(asset, before or now) for asset, (before, now) in breakage.reads.items()]
    named = session.newest_with_data(data) if data else {}
    records = session.versions(named.values())
    return {pair[0]: records[named[pair]] for pair in data if pair in named}


def _between(session: Session, begun: Collection[str], judged: Collection[str]) -> frozenset[str]:
    """Return the versions that lie on a way from one of ``begun`` down to one of ``judged``, which are among them."""
    above, _ = session.ancestors(judged)
    parents: dict[str, list[str]] = {version: [] for version in above}
    for parent, child in session.steps_above(above):
        parents[child].append(parent)
    return Graph(parents).between(above.keys() & set(begun), judged) | frozenset(judged)


def _parents_first(found: Mapping[str, Recorded]) -> dict[str, Recorded]:
    """Put what a version reads before it; without recursion, for histories are long."""
    ordered: dict[str, Recorded] = {}
    begun = set[str]()
    waiting = list(found)
    while waiting:
        version = waiting[-1]
        if version not in begun:
            begun.add(version)
            waiting += [one for one in _inputs(_recipe(found[version])) if one in found and one not in begun]
        else:
            waiting.pop()
            ordered.setdefault(version, found[version])
    return ordered


def _inputs(recipe: Recipe | None) -> list[str]:
    return [item.version for item in recipe.inputs if item.version is not None] if recipe is not None else []


def _recipe(recorded: Recorded) -> Recipe | None:
    return recorded.action.recipe if isinstance(recorded.action, Materialized) else None


def _with_field(good: Recipe, bad: Recipe | None, field: str) -> dict[str, Any]:
    """Return the good config with one field as it is in the bad one."""
    config, other = dict(good.config or {}), (bad.config if bad is not None else None) or {}
    config.pop(field, None)
    return {**config, field: other[field]} if field in other else config


def _as_known(good: Recipe, bad: Recipe) -> dict[str, Any] | None:
    """Return the good config as far as the bad code knows it; what is new in it as the bad one has it."""
    if bad.config is None:
        return None
    before = good.config or {}
    return {name: before.get(name, value) for name, value in bad.config.items()}
