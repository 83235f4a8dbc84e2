"""What hangs together in the graph of what a run changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assetflow.execution.components import Component, components

CHAIN = {"raw": (), "clean": ("raw",), "sales": ("clean",), "report": ("sales",)}


def test_a_chain_is_one_component_and_says_what_is_bad_in_it():
    assert components(CHAIN, CHAIN, {"report"}) == [
        Component(("raw", "clean", "sales", "report"), ("report",))
    ]


def test_what_did_not_change_connects_nothing():
    assert components(CHAIN, {"raw", "clean", "report"}, {"report"}) == [
        Component(("raw", "clean"), ()),
        Component(("report",), ("report",)),
    ]


def test_two_that_read_the_same_changed_asset_hang_together():
    graph = {"raw": (), "one": ("raw",), "two": ("raw",), "other": ()}
    assert components(graph, graph, {"two"}) == [
        Component(("raw", "one", "two"), ("two",)),
        Component(("other",), ()),
    ]


def test_nothing_among_is_no_component():
    assert components(CHAIN, (), ()) == []


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    graph: dict[str, tuple[str, ...]] = {}
    for index in range(draw(st.integers(1, 12))):
        parents = draw(st.lists(st.sampled_from(sorted(graph)), unique=True, max_size=3)) if graph else []
        graph[f"a{index:02}"] = tuple(parents)
    return graph


@given(st.data())
def test_components_are_what_can_be_reached_within_the_restricted_graph(data: st.DataObject):
    graph = data.draw(graphs())
    among = data.draw(st.sets(st.sampled_from(sorted(graph))))
    bad = data.draw(st.sets(st.sampled_from(sorted(among)))) if among else set()
    found = components(graph, among, bad)
    assert sorted(key for component in found for key in component.keys) == sorted(among)
    for component in found:
        for key in component.keys:
            assert reachable(key, graph, among) == set(component.keys)
        assert set(component.bad) == bad & set(component.keys)


def reachable(start: str, graph: dict[str, tuple[str, ...]], among: set[str]) -> set[str]:
    """The slow way: step by step, to both sides."""
    reached, waiting = {start}, [start]
    while waiting:
        key = waiting.pop()
        beside = {*graph[key], *(child for child, parents in graph.items() if key in parents)}
        new = (beside & among) - reached
        reached |= new
        waiting += new
    return reached
