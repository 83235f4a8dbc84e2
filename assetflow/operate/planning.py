"""Owns the use case of planning: select, resolve, observe, and ask ``planning`` what would happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Union

from assetflow.errors import SourceError
from assetflow.hashing.code import collecting_later
from assetflow.model.spec import SourceSpec
from assetflow.operate.past import Past
from assetflow.operate.refreshes import Asked, Refreshes, refreshes_of
from assetflow.operate.selecting import selected_keys
from assetflow.operate.workspace import Workspace
from assetflow.planning.plan import Plan, make_plan
from assetflow.planning.renaming import keys_on_record
from assetflow.planning.resolve import Resolved
from assetflow.planning.tokens import with_tokens

if TYPE_CHECKING:
    from assetflow.execution.observation import Observation
    from assetflow.execution.remote import RemoteObservation
    from assetflow.lineage.selection import Selection

Config = Mapping[str, Mapping[str, Any]]
Observed = Union["Observation", "RemoteObservation", SourceError]


@dataclass(frozen=True)
class Planned:
    """A plan with what it was made from, for the runner.

    ``exclude``: the text of what was left out. ``order``: the assets of the plan, parents first.
    ``refreshes``: the time that it goes by, and what probes answered.
    """

    plan: Plan
    exclude: str
    order: tuple[Resolved, ...]
    past: Past
    observations: Mapping[str, Observed]
    forced: frozenset[str]
    refreshes: Refreshes

    @property
    def data_versions(self) -> Mapping[str, str | SourceError]:
        """The data versions of the sources, or why they could not be observed."""
        return _data_versions(self.observations)


def plan(
    workspace: Workspace,
    selection: str | Selection | None = None,
    *,
    exclude: str | Selection | None = None,
    force: bool = False,
    config: Config | None = None,
    asked: Asked | None = None,
) -> Planned:
    """Plan what ``selection`` (None: everything) selects.

    ``asked``: for which run; without one nothing is to run, and probes are not asked: their last answers count.

    Raises:
        SelectionError: the selection does not parse, names no asset, or selects nothing.
        DeclarationError: the declarations have problems.
    """
    with collecting_later():
        keys = selected(workspace, selection, exclude)
        order = _resolved(workspace, _with_direct_sources(workspace, keys), config or {})
        past = Past(workspace, keys_on_record(order))
        forced = keys if force else frozenset()
        refreshes = refreshes_of(workspace, order, asked)
        order = with_tokens(order, past, refreshes.occasion, forced)
        observations = _observed(workspace, order)
        workspace.code.remember()
        made = make_plan(order, past, _data_versions(observations), selection=_text(selection), forced=forced)
        return Planned(made, _text(exclude), order, past, observations, forced, refreshes)


def selected(
    workspace: Workspace, selection: str | Selection | None, exclude: str | Selection | None = None
) -> frozenset[str]:
    """Return the keys that are selected; all of them where ``selection`` is None.

    Raises:
        SelectionError: it does not parse, names no asset, or selects nothing.
    """
    return selected_keys(workspace, selection, exclude, lambda: plan(workspace).plan)


def _text(selection: str | Selection | None) -> str:
    return "" if selection is None else str(selection)


def _data_versions(observations: Mapping[str, Observed]) -> dict[str, str | SourceError]:
    return {
        key: seen if isinstance(seen, SourceError) else seen.data_version
        for key, seen in observations.items()
    }


def _observed(workspace: Workspace, order: Sequence[Resolved]) -> dict[str, Observed]:
    """Look at what others make: files, and what other projects publish."""
    files = {
        asset.key: _observe(workspace, asset.key, asset.spec.source) for asset in order if asset.spec.source
    }
    if files:
        workspace.observer.save()
    externals = {asset.key: asset.spec.external for asset in order if asset.spec.external}
    return {**files, **(workspace.remotes.observe(externals) if externals else {})}


def _observe(workspace: Workspace, key: str, source: SourceSpec) -> Observation | SourceError:
    """Observe a source; that it cannot be is what stops the assets below it, and no others."""
    try:
        return workspace.observer.observe(key, source)
    except SourceError as error:
        return error


def _with_direct_sources(workspace: Workspace, keys: frozenset[str]) -> Sequence[str]:
    specs = workspace.specs
    if len(keys) == len(specs):
        return workspace.order
    wanted = set(keys)
    for key in keys:
        wanted.update(name for name in specs[key].upstream if specs[name].is_observed)
    return [key for key in workspace.order if key in wanted]


def _resolved(workspace: Workspace, keys: Sequence[str], config: Config) -> tuple[Resolved, ...]:
    specs = [workspace.specs[key] for key in keys]
    resolved = workspace.resolver(config).resolve_all(specs)
    return tuple(resolved[key] for key in keys)
