from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from assetflow.declare.cycles import cycle_problems
from assetflow.model.spec import AssetSpec, CheckSpec, InputSpec

KEYS = "abcdef"
edges = st.sets(
    st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)).filter(lambda pair: pair[0] != pair[1])
)


def specs(waits: set[tuple[str, str]], judged: set[tuple[str, str]] = frozenset()) -> dict[str, AssetSpec]:
    """Return assets in which (up, down) in ``waits`` is an input, in ``judged`` what a check reads."""
    return {
        key: AssetSpec(
            key=key,
            kind="python",
            where="",
            path="",
            module="",
            inputs=tuple(InputSpec(up, up) for up, down in sorted(waits) if down == key),
            checks=tuple(
                CheckSpec(f"c{up}", key, inputs=(InputSpec(up, up),))
                for up, down in sorted(judged)
                if down == key
            ),
        )
        for key in KEYS
    }


def reaches(waits: set[tuple[str, str]], start: str, end: str) -> bool:
    """Say whether there is a path, by trying every length."""
    here = {start}
    for _ in KEYS:
        here = {down for up, down in waits if up in here}
        if end in here:
            return True
    return False


@given(edges)
def test_a_cycle_is_told_exactly_where_there_is_one_and_each_step_of_it_is_an_input(waits):
    told = [
        problem.message.removeprefix("cycle: ").split(" -> ")
        for problem in cycle_problems([*specs(waits).values()])
    ]
    assert bool(told) == any(reaches(waits, key, key) for key in KEYS)
    for cycle in told:
        assert cycle[0] == cycle[-1] == min(cycle)
        assert set(pairwise(cycle)) <= waits


@given(edges, edges)
def test_checks_are_told_exactly_where_what_they_read_closes_a_circle(waits, judged):
    acyclic = {(up, down) for up, down in waits if up < down}
    told = cycle_problems([*specs(acyclic, judged).values()])
    assert bool(told) == any(reaches(acyclic | judged, key, key) for key in KEYS)
    below = {
        f"reads {up!r}, which is made from {down!r}" for up, down in judged if reaches(acyclic, down, up)
    }
    assert {
        problem.message.partition("' of ")[2][4:] for problem in told if "made from" in problem.message
    } == below


def test_a_long_chain_is_no_trouble():
    chain = {
        f"k{number:05}": AssetSpec(
            key=f"k{number:05}",
            kind="python",
            where="",
            path="",
            module="",
            inputs=(InputSpec("up", f"k{(number - 1) % 20_000:05}"),) if number else (),
        )
        for number in range(20_000)
    }
    assert cycle_problems([*chain.values()]) == []
