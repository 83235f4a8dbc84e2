from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assetflow.execution.pools import Pools


def test_an_asset_without_a_pool_never_waits() -> None:
    pools = Pools([], {})
    pools.enter("a")
    pools.enter("b")
    assert pools.has_room("c")
    assert pools.next("a") == []


def test_who_waited_longest_is_next_when_a_place_is_left() -> None:
    pools = Pools([dict.fromkeys("abc", "p")], {"p": 1})
    assert pools.has_room("a")
    pools.enter("a")
    assert not pools.has_room("b")
    assert not pools.has_room("c")
    assert pools.next("a") == []
    pools.leave("a")
    assert [pools.next("a"), pools.next("a"), pools.next("a")] == [["b"], ["c"], []]


def test_what_is_forgotten_waits_no_longer() -> None:
    pools = Pools([dict.fromkeys("abc", "p")], {"p": 1})
    pools.enter("a")
    pools.has_room("b")
    pools.has_room("c")
    assert pools.forget() == {"b", "c"}
    pools.leave("a")
    assert pools.next("a") == []


@given(
    st.lists(
        st.tuples(st.sampled_from(["p", "q", None]), st.sampled_from(["call a", "call b", None])), max_size=12
    ),
    st.integers(1, 3),
    st.lists(st.booleans(), min_size=40, max_size=40),
)
def test_all_have_their_turn_and_never_too_many_at_once(
    pools_of: list[tuple[str | None, str | None]], places: int, needs_work: list[bool]
) -> None:
    of_kind = [
        {str(number): pools[kind] for number, pools in enumerate(pools_of) if pools[kind] is not None}
        for kind in (0, 1)
    ]
    most = {"p": places, "q": 1, "call a": 1, "call b": 1}
    pools = Pools(of_kind, most)
    ready = [str(number) for number in range(len(pools_of))]
    running: list[str] = []
    had: list[str] = []

    def wake(key: str) -> None:
        ready.extend(pools.next(key))

    while ready or running:
        while ready:
            key = ready.pop(0)
            if not pools.has_room(key):
                wake(key)
                continue
            had.append(key)
            if needs_work[int(key)]:
                pools.enter(key)
                running.append(key)
            else:
                wake(key)
        taken = [kind[key] for kind in of_kind for key in running if key in kind]
        assert all(taken.count(pool) <= places for pool, places in most.items())
        if running:
            key = running.pop(0)
            pools.leave(key)
            wake(key)
    assert sorted(had) == sorted(map(str, range(len(pools_of))))
