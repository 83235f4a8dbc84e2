"""Owns answering a selection for a workspace: its keys, and the oracle for what only the past or git knows."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from assetflow.errors import SelectionError
from assetflow.model.states import PlanState, RunState
from assetflow.operate.workspace import Workspace
from assetflow.planning.plan import Plan, PlanItem

if TYPE_CHECKING:
    from assetflow.lineage.selection import Selection


def selected_keys(
    workspace: Workspace,
    selection: str | Selection | None,
    exclude: str | Selection | None,
    plan_all: Callable[[], Plan],
) -> frozenset[str]:
    """Return the keys that are selected; all of them where ``selection`` is None.

    ``plan_all`` plans everything: asked by selections of states.

    Raises:
        SelectionError: it does not parse, names no asset, or selects nothing.
    """
    if not workspace.specs:
        raise SelectionError(
            "the project declares no assets",
            hint="decorate a function with @assetflow.asset in one of the project's modules",
        )
    if selection is None and exclude is None:
        return frozenset(workspace.specs)
    from assetflow.lineage.evaluation import (
        select,
    )  # the language costs more to import than most plans to make

    return select(
        "*" if selection is None else selection,
        workspace.graph,
        workspace.traits,
        LedgerOracle(workspace, plan_all),
        exclude=exclude,
    )


class LedgerOracle:
    """Answers ``state:``, ``result:`` and ``changed:git`` (``lineage.traits.Oracle``)."""

    def __init__(self, workspace: Workspace, plan_all: Callable[[], Plan]) -> None:
        self._workspace = workspace
        self._plan_all = plan_all

    def in_state(self, state: str) -> Collection[str]:
        """Return the assets in ``state``."""
        if state == "failed":
            with self._workspace.ledger.session() as session:
                return {asset for asset, _ in session.last_failures(self._workspace.env)}
        if state in ("never_built", "missing"):
            with self._workspace.ledger.session() as session:
                published = {pointer.asset for pointer in session.pointers(self._workspace.env).values()}
            never = frozenset(self._workspace.specs) - published
            if state == "never_built":
                return never
            return never | {i.key for i in self._plan_all() if "artifact missing" in i.reasons}
        if state == "fresh":
            return frozenset(item.key for item in self._plan_all() if item.state is PlanState.FRESH)
        wanted = {
            "stale": {PlanState.BUILD, PlanState.MAYBE, PlanState.REUSE, PlanState.CHECK},
            "rejected": {PlanState.REJECTED},
            "held": {PlanState.HELD},
        }[state]
        return frozenset(item.key for item in self._plan_all() if _stands(item, wanted))

    def with_result(self, result: RunState, run: str | None) -> Collection[str]:
        """Return the assets of which ``run`` (None: the last of the environment) made ``result``."""
        live = self._workspace.store.live
        with self._workspace.ledger.session() as session:
            found = (
                session.last_run(self._workspace.env, live) if run is None else session.find_run(run, live)
            )
            items = session.run_items(found.run) if found else []
        return {item.asset for item in items if item.state is result}

    def changed_since(self, ref: str | None) -> Collection[str]:
        """Return the assets of whose code a file differs from the git revision ``ref``."""
        from assetflow.lineage.git import changed_files

        root = self._workspace.root
        if root is None:
            raise SelectionError(
                "changed:git needs a project folder", hint="open a project with af.open(folder)"
            )
        changed = changed_files(root, ref)
        resolver = self._workspace.resolver({})
        found = set()
        for key, spec in self._workspace.specs.items():
            files = {part.file for part in resolver.resolve(spec).code.parts}
            files.add(_relative(spec.path, root))
            if files & changed:
                found.add(key)
        return found


def _stands(item: PlanItem, wanted: Collection[PlanState]) -> bool:
    """Whether an asset is in one of these states, or any partition of it."""
    states = (item.state,) if item.partitions is None else item.partitions.counts
    return any(state in wanted for state in states)


def _relative(path: str, root: Path) -> str:
    file = Path(path)
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.as_posix()
