from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assetflow.execution.pools import Pools


def test_an_asset_without_a_pool_never_waits() -> None:
    pools = Pools({}, {})
    pools.enter("a")
    pools.enter("b")
    assert pools.has_room("c")
    assert pools.next("a") is None


def test_who_waited_longest_is_next_when_a_place_is_left() -> None:
    pools = Pools(dict.fromkeys("abc", "p"), {"p": 1})
    assert pools.has_room("a")
    pools.enter("a")
    assert not pools.has_room("b")
    assert not pools.has_room("c")
    assert pools.next("a") is None
    pools.leave("a")
    assert [pools.next("a"), pools.next("a"), pools.next("a")] == ["b", "c", None]


def test_what_is_forgotten_waits_no_longer() -> None:
    pools = Pools(dict.fromkeys("abc", "p"), {"p": 1})
    pools.enter("a")
    pools.has_room("b")
    pools.has_room("c")
    assert pools.forget() == {"b", "c"}
    pools.leave("a")
    assert pools.next("a") is None


@given(
    st.lists(st.sampled_from(["p", "q", None]), max_size=12),
    st.integers(1, 3),
    st.lists(st.booleans(), min_size=40, max_size=40),
)
def test_all_have_their_turn_and_never_too_many_at_once(
    pools_of: list[str | None], places: int, needs_work: list[bool]
) -> None:
    pool_of = {str(number): pool for number, pool in enumerate(pools_of) if pool is not None}
    pools = Pools(pool_of, {"p": places, "q": 1})
    ready = [str(number) for number in range(len(pools_of))]
    running: list[str] = []
    had: list[str] = []

    def wake(key: str) -> None:
        waiting = pools.next(key)
        if waiting is not None:
            ready.append(waiting)

    while ready or running:
        while ready:
            key = ready.pop(0)
            if not pools.has_room(key):
                continue
            had.append(key)
            if needs_work[int(key)]:
                pools.enter(key)
                running.append(key)
            else:
                wake(key)
        taken = [pool_of.get(key) for key in running]
        assert taken.count("p") <= places
        assert taken.count("q") <= 1
        if running:
            key = running.pop(0)
            pools.leave(key)
            wake(key)
    assert sorted(had) == sorted(map(str, range(len(pools_of))))
