from __future__ import annotations

from assetflow.execution.queue import Queue

DIAMOND = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}


def test_an_asset_is_ready_when_all_it_waits_for_is_settled() -> None:
    queue = Queue(DIAMOND, {})
    assert queue.pop() == "a"
    assert not queue
    queue.settle("a")
    assert [queue.pop(), queue.pop()] == ["b", "c"]
    queue.settle("b")
    assert not queue
    queue.settle("c")
    assert queue.pop() == "d"


def test_the_longest_way_goes_first() -> None:
    queue = Queue({"short": [], "long": [], "end": ["long"]}, {"short": 1.0, "end": 5.0})
    assert [queue.pop(), queue.pop()] == ["long", "short"]


def test_what_is_put_back_is_ready_again() -> None:
    queue = Queue({"a": []}, {})
    queue.put_back(queue.pop())
    assert queue.pop() == "a"
