"""Owns what an asset sees of each of its upstreams while a plan is made or run, and what keeps it from being tried.

Upstreams go by name (``keys.name_of``). Knows nothing of staleness.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from assetflow.errors import ProbeError
from assetflow.keys import split_name
from assetflow.planning.fingerprints import Seen, seen_of
from assetflow.planning.holding import pinned, turned_away
from assetflow.planning.resolve import Resolved, ResolvedInput
from assetflow.planning.world import World


@dataclass(frozen=True)
class Blocked:
    """An upstream that cannot be used now, and the words for it.

    ``fails``: whether something failed; not where it is skipped in silence (``missing="skip"``). ``awaited``: whether
    it is only not there yet, until a tick or a person says so.
    """

    reason: str
    fails: bool = True
    awaited: bool = False


class Pending:
    """An upstream that is to be built first."""


View = Seen | Blocked | Pending | None


class Gap(NamedTuple):
    """Why an asset cannot be tried, whether that makes the run fail, and whether it is only ``awaited``."""

    reason: str
    fails: bool
    awaited: bool = False


def published_view(name: str, world: World) -> Seen | None:
    """Return what is seen of an asset or partition as the environment publishes it."""
    published = world.published.get(name)
    return seen_of(published) if published else None


def upstream_names(asset: Resolved) -> tuple[str, ...]:
    """Return all that must be known before ``asset`` is judged: its inputs, deps, and what its checks read."""
    read_by_checks = (name for check in asset.checks for item in check.inputs for name in item.names)
    return tuple(dict.fromkeys([*asset.upstream, *read_by_checks]))


def held_at(asset: Resolved, world: World) -> str | None:
    """Say why ``asset`` stays as it is published, whatever becomes of its inputs; None where it does not.

    A pinned version whose bytes were lost is made again where that is still possible.
    """
    published = world.published.get(asset.name)
    if published is None or world.unsound([published]):
        return None
    return pinned(asset, world)


def held_without_version(name: str) -> Blocked:
    """Return what is seen of an asset that is held although nothing of it is published."""
    return Blocked(f"{name} is held and has no version", fails=False, awaited=True)


def readable(asset: Resolved, views: Mapping[str, View], world: World) -> dict[str, View]:
    """Return what ``asset`` reads of its upstreams, of which the plan or the run has ``views``.

    Only an upstream that cannot be used now is read otherwise:

    - One that failed, is rejected, or skipped because of such, blocks those that it feeds. A check alone reads the
      version that stays published: that is what it is published beside. So does a reader of partitions that may be
      missing (``missing="skip"``).
    - One skipped in silence (``missing="skip"``) counts as if it were not selected, since nothing failed: as it is
      published. Where it has no version, a check, and a reader with ``missing="none"`` everywhere, sees None; all
      other readers are skipped in silence as well.
    """
    if not any(isinstance(view, Blocked) for view in views.values()):
        return dict(views)
    fed, optional, spared = set(asset.upstream), _optional(asset, ("none",)), _optional_partitions(asset)
    found: dict[str, View] = {}
    for name, view in views.items():
        found[name] = view
        if isinstance(view, Blocked) and not (view.fails and name in fed and name not in spared):
            published = published_view(name, world)
            if published is not None or name not in fed or name in optional | spared:
                found[name] = published
    return found


def gave_no_answer(asset: Resolved, world: World) -> ProbeError | None:
    """Return why the probe of ``asset`` gave no answer; None where it did, or where what it says is turned away."""
    return None if turned_away(asset, world) is not None else asset.unanswered


def missing_input(asset: Resolved, views: Mapping[str, View]) -> Gap | None:
    """Return why an asset cannot be tried: an upstream is blocked or has no version. None where nothing is in its way.

    ``views``: of its inputs and deps, as ``readable`` gives them. A reason that makes the run fail comes first.
    """
    return min(_gaps(asset, views), key=lambda gap: not gap.fails, default=None)


def _gaps(asset: Resolved, views: Mapping[str, View]) -> Iterator[Gap]:
    for name in asset.upstream:
        view = views.get(name)
        if isinstance(view, Blocked):
            yield Gap(view.reason, view.fails, view.awaited)
    for item in asset.inputs:
        absent = [name for name in item.names if views.get(name) is None]
        if item.spec.missing == "skip" and len(absent) == len(item.names):
            yield Gap(f"{item.spec.key} has no version", fails=False)
        elif item.spec.missing == "fail" and not item.partitions:
            yield Gap(f"no partition of {item.spec.key} is there to be read", fails=False)
        elif item.spec.missing == "fail" and absent:
            yield Gap(_lacking(asset, item, absent), fails=True)
        elif item.spec.missing == "fail" and (lacking := _lacking_some(item, views)):
            yield Gap(f"{_told(lacking)} has no version; {_way_on(item)}", fails=True)
    absent = [name for name in asset.deps if views.get(name) is None]
    if absent:
        yield Gap(f"{_told(absent)} has no version; select +{asset.key}", fails=True)


def _lacking_some(item: ResolvedInput, views: Mapping[str, View]) -> list[str]:
    """Return which of several partitions are not there, in silence, while others are.

    Where none is there, the reader is not there either, in silence; what is only awaited is waited for.
    """
    silent = {
        name: view for name in item.names if isinstance(view := views.get(name), Blocked) and not view.fails
    }
    is_awaited = any(view.awaited for view in silent.values())
    return [] if is_awaited or len(silent) == len(item.names) else list(silent)


def _lacking(asset: Resolved, item: ResolvedInput, absent: list[str]) -> str:
    others = f", or {_way_on(item)}" if len(item.names) > len(absent) else ""
    return f"{_told(absent)} has no version; select +{asset.key}{others}"


def _way_on(item: ResolvedInput) -> str:
    return f'af.Input("{item.spec.key}", missing="skip") reads what is there'


def _told(names: list[str]) -> str:
    asset, partition = split_name(names[0])
    more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
    return f"{asset} {partition}{more}".rstrip()


def _optional(asset: Resolved, ways: tuple[str, ...]) -> set[str]:
    """Return the names that every parameter which reads them can do without."""
    asked: dict[str, list[str]] = {}
    for item in asset.inputs:
        for name in item.names:
            asked.setdefault(name, []).append(item.spec.missing)
    waited = set(asset.deps)
    return {
        name for name, all_of in asked.items() if name not in waited and all(one in ways for one in all_of)
    }


def _optional_partitions(asset: Resolved) -> set[str]:
    return {name for name in _optional(asset, ("skip",)) if split_name(name)[1]}
