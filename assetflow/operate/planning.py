"""Owns the use case of planning: select, resolve, observe, and ask ``planning`` what would happen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Union

from assetflow.errors import SourceError, UsageError
from assetflow.hashing.code import collecting_later
from assetflow.model.spec import SourceSpec
from assetflow.model.states import PlanState
from assetflow.operate.partition_choice import STALE, Choice, chosen_partitions
from assetflow.operate.past import Past
from assetflow.operate.refreshes import Asked, Refreshes, refreshes_of
from assetflow.operate.selecting import selected_keys
from assetflow.operate.workspace import Workspace
from assetflow.partitions.ranges import Ranges
from assetflow.planning.layout import Layout
from assetflow.planning.plan import WORK, Plan
from assetflow.planning.planner import Planner
from assetflow.planning.renaming import keys_on_record
from assetflow.planning.resolve import Resolved
from assetflow.planning.tokens import with_tokens
from assetflow.planning.views import View

if TYPE_CHECKING:
    from assetflow.execution.observation import Observation
    from assetflow.execution.remote import RemoteObservation
    from assetflow.lineage.selection import Selection

Config = Mapping[str, Mapping[str, Any]]
Observed = Union["Observation", "RemoteObservation", SourceError]


@dataclass(frozen=True)
class Planned:
    """A plan with what it was made from, for the runner.

    ``exclude``: the text of what was left out. ``order``: the assets of the plan, parents first. ``standing``: returns
    what the plan sees of an asset or partition, by name.
    ``refreshes``: the time that it goes by, and what probes answered. ``chosen``: the partitions that it was made for,
    by asset; of others all.
    """

    plan: Plan
    exclude: str
    order: tuple[Resolved, ...]
    past: Past
    observations: Mapping[str, Observed]
    forced: frozenset[str]
    layout: Layout
    standing: Callable[[str], View]
    refreshes: Refreshes
    chosen: Mapping[str, Ranges]

    @property
    def nodes(self) -> tuple[Resolved, ...]:
        """What a run looks at: the assets, and of those with partitions the ones that need work; parents first."""
        return tuple(node for asset in self.order for node in self._nodes_of(asset))

    def _nodes_of(self, asset: Resolved) -> Iterator[Resolved]:
        item = self.plan[asset.key]
        if item.partitions is not None:
            for ordinal in item.partitions.in_states(WORK):
                yield self.layout.placed(asset, ordinal)
        else:
            yield self.layout.whole(asset)

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
    partitions: Choice = None,
    asked: Asked | None = None,
) -> Planned:
    """Plan what ``selection`` (None: everything) selects; of what has partitions, those that ``partitions`` chooses.

    ``asked``: for which run; without one nothing is to run, and probes are not asked: their last answers count.

    Raises:
        SelectionError: the selection does not parse, names no asset, or selects nothing.
        DeclarationError: the declarations have problems.
        UsageError: nothing that is selected has partitions; or what is stale is to be made whether it is or not.
    """
    if force and partitions == STALE:
        raise UsageError("what is chosen as stale cannot be forced as well", hint="leave one of them out")

    def all_of_them() -> Plan:
        return plan(workspace, selection, exclude=exclude, config=config).plan

    with collecting_later():
        keys = selected(workspace, selection, exclude)
        order = _resolved(workspace, _with_direct_sources(workspace, keys), config or {})
        layout = workspace.layout()
        past = Past(workspace, keys_on_record(order), columns_of=_read_by_columns(order))
        forced = keys if force else frozenset()
        refreshes = refreshes_of(workspace, order, asked)
        order = with_tokens(order, past, refreshes.occasion, forced)
        chosen = chosen_partitions(order, keys, layout, past, partitions, _rejected_in(all_of_them))
        observations = _observed(workspace, order, layout, chosen)
        workspace.code.remember()
        planner = Planner(past, _data_versions(observations), layout, forced)
        for asset in order:
            planner.add(asset, chosen.get(asset.key))
        made = planner.plan(_text(selection))
        return Planned(
            made, _text(exclude), order, past, observations, forced, layout, planner.view, refreshes, chosen
        )


def _rejected_in(all_of_them: Callable[[], Plan]) -> Callable[[str], Ranges]:
    """Return what returns the rejected partitions of an asset, in a plan that is made when it is asked."""
    made = cache(all_of_them)

    def rejected(key: str) -> Ranges:
        partitions = made()[key].partitions
        return partitions.in_states(frozenset({PlanState.REJECTED})) if partitions is not None else Ranges()

    return rejected


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


def _read_by_columns(order: Sequence[Resolved]) -> frozenset[str]:
    """Return what some reader reads by its columns, or a query by names."""
    items = (item for asset in order for item in asset.inputs)
    return frozenset(
        item.spec.key for item in items if item.columns is not None or item.spec.named is not None
    )


def _observed(
    workspace: Workspace, order: Sequence[Resolved], layout: Layout, chosen: Mapping[str, Ranges]
) -> dict[str, Observed]:
    """Look at what others make: files, and what other projects publish."""
    files = {
        node.name: _observe(workspace, node.key, node.spec.source)
        for asset in order
        for node in _each_source(asset, layout, chosen)
        if node.spec.source is not None
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


def _each_source(asset: Resolved, layout: Layout, chosen: Mapping[str, Ranges]) -> Iterator[Resolved]:
    if asset.spec.source is None:
        return
    if not layout.is_partitioned(asset.key):
        yield asset
        return
    for ordinal in chosen.get(asset.key, layout.keys(asset.key).all):
        yield layout.placed(asset, ordinal)


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
