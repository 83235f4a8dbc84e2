"""Owns the use case of planning: select, resolve, observe, and ask ``planning`` what would happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assetflow.execution.observation import Observation
from assetflow.lineage.selection import Selection
from assetflow.operate.past import Past
from assetflow.operate.selecting import selected_keys
from assetflow.operate.workspace import Workspace
from assetflow.planning.plan import Plan, make_plan
from assetflow.planning.resolve import Resolved

Config = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Planned:
    """A plan with what it was made from, for the runner. ``order``: the assets of the plan, parents first."""

    plan: Plan
    order: tuple[Resolved, ...]
    past: Past
    observations: Mapping[str, Observation]
    forced: frozenset[str]


def plan(
    workspace: Workspace,
    selection: str | Selection | None = None,
    *,
    exclude: str | Selection | None = None,
    force: bool = False,
    config: Config | None = None,
) -> Planned:
    """Plan what ``selection`` (None: everything) selects.

    Raises:
        SelectionError: the selection does not parse, names no asset, or selects nothing.
        DeclarationError: the declarations have problems.
        SourceError: a source matches nothing or cannot be read.
    """
    keys = selected(workspace, selection, exclude)
    order = _resolved(workspace, _with_direct_sources(workspace, keys), config or {})
    past = Past(workspace, [asset.key for asset in order])
    observations = {
        asset.key: workspace.observer.observe(asset.key, asset.spec.source)
        for asset in order
        if asset.spec.source is not None
    }
    workspace.observer.save()
    forced = keys if force else frozenset()
    made = make_plan(
        order,
        past,
        {key: observation.data_version for key, observation in observations.items()},
        selection=str(selection) if selection is not None else "",
        forced=forced,
    )
    return Planned(made, order, past, observations, forced)


def selected(
    workspace: Workspace, selection: str | Selection | None, exclude: str | Selection | None = None
) -> frozenset[str]:
    """Return the keys that are selected; all of them where ``selection`` is None.

    Raises:
        SelectionError: it does not parse, names no asset, or selects nothing.
    """
    return selected_keys(workspace, selection, exclude, lambda: plan(workspace).plan)


def _with_direct_sources(workspace: Workspace, keys: frozenset[str]) -> Sequence[str]:
    specs = workspace.specs
    wanted = set(keys)
    for key in keys:
        wanted.update(name for name in specs[key].upstream if specs[name].kind == "source")
    return [key for key in workspace.order if key in wanted]


def _resolved(workspace: Workspace, keys: Sequence[str], config: Config) -> tuple[Resolved, ...]:
    specs = [workspace.specs[key] for key in keys]
    resolved = workspace.resolver(config).resolve_all(specs)
    return tuple(resolved[key] for key in keys)
