"""Laws of the graph and of the selection language: closures, set algebra, printing."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from assetflow.errors import SelectionError
from assetflow.lineage.evaluation import select
from assetflow.lineage.graph import Graph
from assetflow.lineage.parser import METHODS, RESULTS, STATES, parse
from assetflow.lineage.selection import (
    KEYWORDS,
    Around,
    Glob,
    Intersection,
    Key,
    Method,
    Not,
    Reach,
    Roots,
    Selection,
    Sinks,
    Union,
)
from assetflow.lineage.traits import Traits

NAMES = ["a", "b", "c", "retail/d-1", "and", "not", "2", "007", "roots", "tag", "_", "-x", "E/f/g"]
TAGS = ["daily", "two words", 'quo"te\\', "x*", "c++", "42"]


@st.composite
def graphs(draw):
    names = draw(st.permutations(NAMES))[: draw(st.integers(1, len(NAMES)))]
    edges = {}
    for index, name in enumerate(names):
        edges[name] = draw(st.lists(st.sampled_from(names[:index]), max_size=3)) if index else []
    return Graph(edges)


def traits_for(graph):
    return {
        key: Traits(tags=(TAGS[n % len(TAGS)],), kind="source" if n % 3 else "python", path=f"shop/{key}.py")
        for n, key in enumerate(graph)
    }


class Oracle:
    """Answers by the length of the question, the same each time."""

    def __init__(self, graph):
        self._keys = list(graph)

    def in_state(self, state):
        return self._keys[:: len(state)]

    def with_result(self, result, run):
        return self._keys[:: len(result) + len(run or "")]

    def changed_since(self, ref):
        return self._keys[1 :: len(ref or "HEAD")]


STEPS = st.none() | st.integers(0, 4)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=6)
KEYS = st.builds(Key, st.sampled_from(NAMES))
GLOBS = st.builds(Glob, st.sampled_from(["*", "?", "[a-c]", "retail/*", "*[0-9]*", "E*"]))
METHOD = st.one_of(
    st.builds(Method, st.just("tag"), st.sampled_from(TAGS) | WORDS),
    st.builds(Method, st.sampled_from(METHODS[:3]), st.sampled_from(["d*", "?", "[q-x]*"]), st.just(True)),
    st.builds(Method, st.just("state"), st.sampled_from(STATES)),
    st.builds(Method, st.just("result"), st.sampled_from(RESULTS) | st.just("error@run 7+1")),
    st.builds(Method, st.just("changed"), st.sampled_from(["git", "git:HEAD~1", "git:feature/a+b"])),
)


@st.composite
def compounds(draw, inner):
    kind = draw(st.sampled_from([Reach, Around, Roots, Sinks, Not, Union, Intersection]))
    if kind is Reach:
        up, down = draw(st.tuples(STEPS, STEPS).filter(lambda steps: steps != (0, 0)))
        return Reach(draw(inner), up, down)
    if kind in (Union, Intersection):
        return kind(tuple(draw(st.lists(inner, min_size=2, max_size=3))))
    return kind(draw(inner))


EXPRESSIONS = st.recursive(KEYS | GLOBS | METHOD, compounds, max_leaves=12)


def evaluated(expression, graph):
    """The selected keys; the empty set where selecting nothing is an error."""
    try:
        return select(Selection(expression, str(expression)), graph, traits_for(graph), Oracle(graph))
    except SelectionError as error:
        assume("there is no asset" not in error.message)
        return frozenset()


def ancestors(graph, key):
    """The slow definition: a key and, for each parent, its ancestors."""
    return {key}.union(*(ancestors(graph, parent) for parent in graph.parents(key)))


def descendants(graph, key):
    return {other for other in graph if key in ancestors(graph, other)}


@given(EXPRESSIONS)
def test_what_is_printed_parses_to_the_same_selection(expression):
    assert parse(str(expression)).expression == expression


@given(EXPRESSIONS, graphs())
def test_printing_and_parsing_again_selects_the_same_set(expression, graph):
    assert evaluated(parse(str(expression)).expression, graph) == evaluated(expression, graph)


@given(st.text("ab2+@,()\"'*:tag notrs ", max_size=20))
def test_any_text_parses_and_prints_or_is_a_selection_error(text):
    try:
        selection = parse(text)
    except SelectionError as error:
        place = error.position
    else:
        place = 0
        assert parse(str(selection)) == selection
    assert 0 <= place <= len(text)


@given(graphs())
def test_operators_equal_the_graphs_closures(graph):
    for key in graph:
        down, up = descendants(graph, key), ancestors(graph, key)
        assert evaluated(Reach(Key(key), 0, None), graph) == down
        assert evaluated(Reach(Key(key), None, 0), graph) == up
        assert evaluated(Around(Key(key)), graph) == set().union(*(ancestors(graph, below) for below in down))


@given(graphs(), st.integers(0, 4))
def test_a_step_more_reaches_the_neighbours_of_what_was_reached(graph, steps):
    for key in graph:
        reached = graph.upstream([key], steps)
        parents = {parent for member in reached for parent in graph.parents(member)}
        assert graph.upstream([key], steps + 1) == reached | parents


@given(graphs())
def test_the_order_puts_every_asset_after_all_that_it_reads(graph):
    place = {key: index for index, key in enumerate(graph.order())}

    assert sorted(place) == sorted(graph)
    assert all(place[parent] < place[key] for key in graph for parent in graph.parents(key))
    assert graph.cycle() is None


@given(graphs(), st.data())
def test_an_edge_back_makes_a_cycle_that_is_found_and_real(graph, data):
    bottom = data.draw(st.sampled_from(graph.order()))
    top = data.draw(st.sampled_from(sorted(ancestors(graph, bottom))))
    edges = {key: [*graph.parents(key), *([bottom] if key == top else [])] for key in graph}

    cycle = Graph(edges).cycle()

    assert cycle is not None
    assert cycle[0] == cycle[-1]
    assert len(set(cycle)) == len(cycle) - 1
    assert all(above in edges[below] for above, below in pairwise(cycle))


@given(EXPRESSIONS, EXPRESSIONS, graphs())
def test_words_are_set_algebra(left, right, graph):
    one, other = evaluated(left, graph), evaluated(right, graph)

    assert evaluated(Union((left, right)), graph) == one | other
    assert evaluated(Intersection((left, right)), graph) == one & other
    assert evaluated(Not(left), graph) == frozenset(graph) - one


@given(EXPRESSIONS, graphs())
def test_roots_and_sinks_are_the_ends_of_what_is_selected(expression, graph):
    members = evaluated(expression, graph)

    assert evaluated(Roots(expression), graph) == {
        key for key in members if ancestors(graph, key) & members == {key}
    }
    assert evaluated(Sinks(expression), graph) == {
        key for key in members if descendants(graph, key) & members == {key}
    }


@given(EXPRESSIONS, EXPRESSIONS, graphs())
def test_excluding_is_subtracting(chosen, removed, graph):
    expected = evaluated(chosen, graph) - evaluated(removed, graph)
    assume(expected)

    actual = select(str(chosen), graph, traits_for(graph), Oracle(graph), exclude=str(removed))

    assert actual == expected


def test_the_names_of_these_laws_include_words_of_the_language():
    assert KEYWORDS & set(NAMES)
