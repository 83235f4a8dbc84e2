from __future__ import annotations

import time

import pytest

from assetflow.lineage.graph import Graph

DIAMOND = Graph({"raw": [], "left": ["raw"], "right": ["raw"], "end": ["left", "right"], "alone": []})


def test_a_key_that_is_only_read_is_a_node():
    graph = Graph({"b": ["a"]})

    assert list(graph) == ["a", "b"]
    assert graph.parents("a") == ()
    assert "a" in graph
    assert "c" not in graph


def test_parents_keep_their_order_and_appear_once():
    assert Graph({"c": ["b", "a", "b"]}).parents("c") == ("b", "a")


def test_children_are_sorted():
    assert Graph({"z": ["a"], "b": ["a"]}).children("a") == ("b", "z")


def test_order_is_by_longest_path_then_by_key():
    graph = Graph({"c": ["a"], "b": ["a"], "a": [], "d": ["c"], "e": ["a", "d"]})

    assert graph.layers() == (("a",), ("b", "c"), ("d",), ("e",))
    assert graph.order() == ("a", "b", "c", "d", "e")


def test_order_does_not_depend_on_the_order_of_declaration():
    edges = {"c": ["a"], "b": ["a"], "a": [], "d": ["c", "b"]}

    assert Graph(edges).order() == Graph(dict(reversed(edges.items()))).order()


@pytest.mark.parametrize(
    ("depth", "expected"),
    [
        (0, {"end"}),
        (1, {"end", "left", "right"}),
        (2, {"end", "left", "right", "raw"}),
        (None, {"end", "left", "right", "raw"}),
    ],
)
def test_upstream_goes_as_many_steps_as_asked(depth, expected):
    assert DIAMOND.upstream(["end"], depth) == expected


def test_downstream_goes_as_many_steps_as_asked():
    assert DIAMOND.downstream(["raw"], 1) == {"raw", "left", "right"}
    assert DIAMOND.downstream(["raw"]) == {"raw", "left", "right", "end"}


def test_between_holds_all_paths_with_their_ends():
    assert DIAMOND.between(["raw"], ["left"]) == {"raw", "left"}
    assert DIAMOND.between(["left"], ["right"]) == frozenset()


def test_roots_and_sinks_of_all():
    assert DIAMOND.roots() == {"raw", "alone"}
    assert DIAMOND.sinks() == {"end", "alone"}


def test_roots_within_a_set_look_through_what_is_not_in_it():
    assert DIAMOND.roots(["raw", "end"]) == {"raw"}
    assert DIAMOND.sinks(["raw", "end"]) == {"end"}
    assert DIAMOND.roots(["left", "right"]) == {"left", "right"}


def test_a_graph_without_cycle_says_so():
    assert DIAMOND.cycle() is None


def test_a_cycle_is_told_in_the_direction_of_the_data_beginning_with_its_least_key():
    graph = Graph({"b": ["a"], "c": ["b"], "a": ["c", "raw"], "below": ["c"], "raw": []})

    assert graph.cycle() == ["a", "b", "c", "a"]


def test_an_asset_that_reads_itself_is_a_cycle():
    assert Graph({"a": ["a"]}).cycle() == ["a", "a"]


def test_a_graph_with_a_cycle_has_no_order():
    with pytest.raises(ValueError, match="a -> b -> a"):
        Graph({"a": ["b"], "b": ["a"]}).order()


def test_a_hundred_thousand_assets_are_ordered_in_less_than_a_second():
    size = 100_000
    edges = {f"asset_{n:06}": [f"asset_{n // 2:06}", f"asset_{n - 1:06}"] if n else [] for n in range(size)}
    graph = Graph(edges)

    begin = time.process_time()
    order = graph.order()
    seconds = time.process_time() - begin

    assert len(order) == size
    assert seconds < 1
    assert len(graph.upstream([f"asset_{size - 1:06}"])) == size


def test_what_hangs_together_is_reached_over_any_corner():
    assert DIAMOND.connected(["left"]) == {"raw", "left", "right", "end"}
    assert DIAMOND.connected(["alone"]) == {"alone"}
    assert DIAMOND.connected([]) == frozenset()
