"""Lineage of versions equals the closures of what is on record."""

from __future__ import annotations

from unittest.mock import Mock

from hypothesis import given, settings
from hypothesis import strategies as st

from assetflow.ledger.ledger import Ledger
from assetflow.lineage.graph import Graph
from assetflow.model.actions import Action
from assetflow.model.commit import Writer
from assetflow.model.recipe import InputVersion, Recipe
from assetflow.model.versions import Materialized
from assetflow.operate.provenance import Around, Provenance, provenance
from assetflow.storage.log_writer import LogWriter
from assetflow.storage.store import open_store

TIME = "2026-11-23T05:00:00.000000Z"

edges = st.integers(1, 8).flatmap(
    lambda count: st.fixed_dictionaries(
        {
            str(child): st.lists(st.integers(0, child - 1).map(str), max_size=3, unique=True)
            for child in range(1, count)
        }
    )
)


def workspace_of(read: dict[str, list[str]]) -> Mock:
    store = open_store("memory://")
    writer = LogWriter(store, writer=Writer(host="box", pid=7, user="ann", release="0.1.0"))
    made: list[Action] = [_made(name, inputs) for name, inputs in {"0": [], **read}.items()]
    writer.commit(lambda _news: made, run="r1")
    workspace = Mock(ledger=Ledger(None, store), env="dev")
    workspace.settings.environments = ()
    return workspace


def lineage_of(workspace: Mock, version: str, around: Around) -> Provenance:
    return provenance(workspace, f"a{version}@b{version}", Mock(), around)


def _made(name: str, inputs: list[str]) -> Materialized:
    read = tuple(
        InputVersion(parameter=f"p{place}", asset=f"a{parent}", version=f"b{parent}")
        for place, parent in enumerate(inputs)
    )
    return Materialized(
        run="r1",
        asset=f"a{name}",
        kind="python",
        version=f"b{name}",
        data_version=f"d{name}",
        fingerprint=f"f{name}",
        code_version="code",
        recipe=Recipe(code_version="code", inputs=read),
        manifest=None,
        started_at=TIME,
        seconds=0.5,
        bytes=0,
        executor="threads",
    )


@settings(max_examples=8)  # each makes a ledger
@given(edges, st.data())
def test_what_is_found_is_what_the_graph_of_versions_reaches(
    read: dict[str, list[str]], data: st.DataObject
) -> None:
    graph = Graph({"0": [], **read})
    workspace = workspace_of(read)
    for version in ("0", *read):
        depth = data.draw(st.none() | st.integers(0, 3))
        found = lineage_of(workspace, version, Around(depth))
        above, below = graph.upstream([version], depth), graph.downstream([version], depth)
        assert {node.version for node in found.nodes} == {f"b{name}" for name in above}
        assert {node.version for node in found.downstream} == {f"b{name}" for name in below - {version}}
        further = None if depth is None else depth + 1
        assert found.more_upstream == len(graph.upstream([version], further) - above)
        assert found.more_downstream == len(graph.downstream([version], further) - below)
        for node in found.nodes:
            assert node.inputs == tuple(f"b{parent}" for parent in read.get(node.version[1:], []))
