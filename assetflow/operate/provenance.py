"""Owns lineage: of names, from the declarations; and of versions, from the records, without the user's modules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from assetflow.ledger.session import Session
from assetflow.model.actions import Materialized
from assetflow.operate.references import Opened, find_record, opened_for
from assetflow.operate.workspace import Workspace


@dataclass(frozen=True)
class Lineage:
    """The assets around one: ``upstream`` and ``downstream`` as (from, to) edges, and the kind of each asset."""

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
    """One version in the provenance of another."""

    key: str
    version: str
    kind: str
    time: str
    run: str
    rows: int | None
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Provenance:
    """Every version that a version was made from, to any depth, nearest first."""

    nodes: tuple[VersionNode, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {"nodes": [asdict(node) for node in self.nodes]}

    def node(self, version: str) -> VersionNode | None:
        """Return the node of a version, None when it is not on record."""
        return next((node for node in self.nodes if node.version == version), None)


def lineage(workspace: Workspace, key: str) -> Lineage:
    """Return what ``key`` is made from and what is made from it, to any depth."""
    workspace.require([key])
    graph = workspace.graph
    above, below = graph.upstream([key]), graph.downstream([key])
    around = {key, *above, *below}
    edges = [
        (parent, child)
        for child in sorted(around)
        for parent in graph.parents(child)
        if _on_a_path(parent, child, key, above, below)
    ]
    return Lineage(key, {name: workspace.specs[name].kind for name in sorted(around)}, tuple(edges))


def provenance(workspace: Workspace, reference: str, opened: Opened) -> Provenance:
    """Return the versions that ``key[@reference]`` was made from.

    ``opened`` gives the project in another environment.
    """
    where, key, at = opened_for(workspace, reference, opened)
    with where.ledger.session() as session:
        first = find_record(session, key, at, where.env).version
        return Provenance(tuple(_walk(session, first)))


def _on_a_path(parent: str, child: str, key: str, above: frozenset[str], below: frozenset[str]) -> bool:
    up, down = {key, *above}, {key, *below}
    return (parent in up and child in up) or (parent in down and child in down)


def _walk(session: Session, first: str) -> Sequence[VersionNode]:
    nodes: dict[str, VersionNode] = {}
    layer = {first}
    while layer:
        found = session.versions(layer)
        for version, recorded in found.items():
            action = recorded.action
            inputs = action.recipe.inputs if isinstance(action, Materialized) else ()
            nodes[version] = VersionNode(
                key=action.asset,
                version=version,
                kind=action.kind if isinstance(action, Materialized) else "source",
                time=recorded.time,
                run=action.run,
                rows=action.rows,
                inputs=tuple(item.version for item in inputs if item.version),
            )
        layer = {version for name in found for version in nodes[name].inputs} - nodes.keys()
    return list(nodes.values())
