"""Owns lineage: of names, from the declarations; and of versions, from the records, without the user's modules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from assetflow.errors import AssetflowError, UsageError
from assetflow.ledger.ancestry import VersionRow
from assetflow.ledger.session import Session
from assetflow.model.versions import RemoteVersion, SourceObserved
from assetflow.operate.exposures import exposures_of
from assetflow.operate.references import Opened, find_record, opened_for
from assetflow.operate.workspace import Workspace

EXPOSURE = "exposure:"
"""Before the name of an exposure where it stands among keys, of which none has a colon."""

MOST_VERSIONS = 10_000
"""A walk over versions goes no further once it has found as many: nobody reads more."""


@dataclass(frozen=True)
class Around:
    """How far to look: ``depth`` steps (None: all), and in which directions."""

    depth: int | None = None
    upstream: bool = True
    downstream: bool = True

    def __post_init__(self) -> None:
        if self.depth is not None and self.depth < 0:
            raise UsageError(f"depth={self.depth} is no number of steps", hint="say 0 or more")

    @property
    def above(self) -> int | None:
        """Steps upstream."""
        return self.depth if self.upstream else 0

    @property
    def below(self) -> int | None:
        """Steps downstream."""
        return self.depth if self.downstream else 0


ALL_AROUND = Around()


@dataclass(frozen=True)
class Lineage:
    """The assets around one: ``upstream`` and ``downstream`` as (from, to) edges, and the kind of each asset.

    Exposures are among them: they are the last ends downstream.
    """

    key: str
    kinds: dict[str, str]
    edges: tuple[tuple[str, str], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {"key": self.key, "kinds": self.kinds, "edges": [list(edge) for edge in self.edges]}

    def parents(self, key: str) -> list[str]:
        """Return the assets that ``key`` reads."""
        return self._around[0].get(key, [])

    def children(self, key: str) -> list[str]:
        """Return the assets that read ``key``."""
        return self._around[1].get(key, [])

    @cached_property
    def _around(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """The parents and the children of each asset, gathered once: walks ask for those of each."""
        parents, children = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
        for parent, child in self.edges:
            parents[child].append(parent)
            children[parent].append(child)
        return dict(parents), dict(children)


@dataclass(frozen=True)
class VersionNode:
    """One version around another. ``inputs``: what it was made from. ``published``: environments that show it now.

    ``store``: of a version of another project, where it lies. ``unread``: why nothing more is known of it there.
    """

    key: str
    version: str
    kind: str
    time: str
    run: str
    rows: int | None
    inputs: tuple[str, ...]
    published: tuple[str, ...] = ()
    store: str | None = None
    unread: str | None = None


@dataclass(frozen=True)
class Provenance:
    """A version, all that it was made from, and all that was made from it, nearest first.

    ``nodes``: the version itself, then what it was made from. ``downstream``: what was made from it.
    ``more_upstream``, ``more_downstream``: how many versions lie one step beyond ``depth`` in a direction asked for.
    ``upstream``: whether it was asked what it was made from.
    """

    nodes: tuple[VersionNode, ...]
    downstream: tuple[VersionNode, ...] = ()
    more_upstream: int = 0
    more_downstream: int = 0
    upstream: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "nodes": [asdict(node) for node in self.nodes],
            "downstream": [asdict(node) for node in self.downstream],
            "more": {"upstream": self.more_upstream, "downstream": self.more_downstream},
        }

    def node(self, version: str) -> VersionNode | None:
        """Return the node of a version, None when it is not on record."""
        return next((node for node in (*self.nodes, *self.downstream) if node.version == version), None)


def lineage(workspace: Workspace, key: str, around: Around = ALL_AROUND) -> Lineage:
    """Return what ``key`` is made from and what is made from it."""
    workspace.require([key])
    graph = workspace.graph
    above, below = graph.upstream([key], around.above), graph.downstream([key], around.below)
    edges = [
        (parent, child)
        for child in sorted(above | below)
        for parent in graph.parents(child)
        if (parent in above and child in above) or (parent in below and child in below)
    ]
    kinds: dict[str, str] = {name: workspace.specs[name].kind for name in sorted(above | below)}
    if around.below != 0:  # an exposure is one step below what it uses
        nearer = below if around.depth is None else graph.downstream([key], around.depth - 1)
        for exposure in exposures_of(workspace, [key]):
            name = f"{EXPOSURE}{exposure.name}"
            found = [(used, name) for used in exposure.uses if used in nearer]
            kinds |= {name: "exposure"} if found else {}
            edges += found
    return Lineage(key, kinds, tuple(edges))


def provenance(
    workspace: Workspace, reference: str, opened: Opened, around: Around = ALL_AROUND
) -> Provenance:
    """Return the versions that ``key[@reference]`` was made from, and those that were made from it.

    ``opened`` gives the project in another environment.
    """
    where, key, at = opened_for(workspace, reference, opened)
    with where.ledger.session() as session:
        first = find_record(session, key, at, where.env).version
        above, more_above = session.ancestors([first], around.above, MOST_VERSIONS)
        below, more_below = session.descendants([first], around.below, MOST_VERSIONS)
        nodes = _nodes(session, {**above, **below})
        remote = _remote_versions(session, [nodes[version] for version in above if version in nodes])
    links = [(remote[name], _left(around.above, above[name])) for name in above if name in remote]
    elsewhere = _elsewhere(where, links)
    return Provenance(
        nodes=(
            *(_linked(nodes[version], remote) for version in above if version in nodes),
            *(node for version, node in elsewhere.items() if version not in above),
        ),
        downstream=tuple(nodes[version] for version in below if version in nodes and version != first),
        more_upstream=more_above if around.upstream else 0,
        more_downstream=more_below if around.downstream else 0,
        upstream=around.upstream,
    )


def _nodes(session: Session, versions: Collection[str]) -> dict[str, VersionNode]:
    inputs = defaultdict[str, list[str]](list)
    for parent, child in session.steps_above(versions):
        inputs[child].append(parent)
    rows = session.version_rows(versions)
    return {version: _node(row, inputs[version]) for version, row in rows.items()}


def _node(row: VersionRow, inputs: Sequence[str]) -> VersionNode:
    return VersionNode(
        row.asset, row.version, row.kind, row.time, row.run, row.rows, tuple(inputs), row.published
    )


def _remote_versions(session: Session, nodes: Collection[VersionNode]) -> dict[str, RemoteVersion]:
    """Return which version of another project each of ``nodes`` is, of those that are one."""
    records = session.versions({node.version for node in nodes if node.kind == "external"})
    actions = {version: recorded.action for version, recorded in records.items()}
    return {
        version: action.remote
        for version, action in actions.items()
        if isinstance(action, SourceObserved) and action.remote is not None
    }


def _elsewhere(
    workspace: Workspace, links: Sequence[tuple[RemoteVersion, int | None]]
) -> dict[str, VersionNode]:
    """Return the versions of other projects that ``links`` lead to, each with how many steps may be taken to it.

    What they were made from follows, as far as the stores can be opened, and are named by us: an address in another
    project's log may mean anything here.
    """
    found: dict[str, VersionNode] = {}
    waiting = list(links)
    while waiting:
        remote, steps = waiting.pop()
        if steps == 0 or remote.version in found:
            continue
        found[remote.version] = _unread(remote, _UNNAMED if not remote.store else "cannot be read now")
        if not remote.store:
            continue
        try:
            with workspace.remotes.session(remote) as (opened, session):
                above, _ = session.ancestors([remote.version], _left(steps, 1), MOST_VERSIONS)
                nodes = _nodes(session, above)
                further = _remote_versions(session, list(nodes.values()))
        except AssetflowError:
            continue
        found |= {
            version: replace(_linked(node, further), published=(), store=opened.url)
            for version, node in nodes.items()
        }
        waiting += [
            (link, _left(steps, 1 + above[version])) for version, link in _as_ours(workspace, further).items()
        ]
    return found


def _as_ours(workspace: Workspace, links: Mapping[str, RemoteVersion]) -> dict[str, RemoteVersion]:
    """Return another project's links with what we call the stores: "" where we name them nowhere.

    Settings name stores, and declarations do, as far as they were ever read.
    """
    if not links:
        return {}
    with workspace.ledger.session() as session:
        names = dict.fromkeys([*session.stores_read(), *workspace.settings.external])
    ours = {link.store_id: "" for link in links.values()}
    for store_id in ours:
        ours[store_id] = workspace.remotes.name_of(store_id, names) or ""
    return {
        version: link.model_copy(update={"store": ours[link.store_id]}) for version, link in links.items()
    }


def _unread(remote: RemoteVersion, why: str) -> VersionNode:
    return VersionNode(remote.asset, remote.version, "", "", "", None, (), store=remote.url, unread=why)


_UNNAMED = "is not read: no external of this project names it"


def _linked(node: VersionNode, remote: Mapping[str, RemoteVersion]) -> VersionNode:
    """Return a node that is another project's version as made from that one."""
    link = remote.get(node.version)
    return node if link is None or link.version == node.version else replace(node, inputs=(link.version,))


def _left(steps: int | None, taken: int) -> int | None:
    return None if steps is None else max(steps - taken, 0)
