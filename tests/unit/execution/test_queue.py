from __future__ import annotations

from assetflow.execution.queue import Patience, Queue

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


def test_the_patient_wait_until_what_is_above_them_is_settled_for_good() -> None:
    queue = Queue({"a": (), "b": ("a",), "c": ("a",)}, {}, {"c": Patience.SEEN})
    assert queue.pop() == "a"
    queue.settle("a")
    assert queue.pop() == "b"
    assert not queue
    queue.settle_for_good("a", Patience.SEEN)
    assert queue.pop() == "c"


def test_what_needs_its_inputs_stored_waits_for_that_alone() -> None:
    queue = Queue({"a": (), "b": ("a",), "c": ("a",)}, {}, {"b": Patience.STORED, "c": Patience.SEEN})
    assert queue.pop() == "a"
    queue.settle("a")
    assert not queue
    queue.settle_for_good("a", Patience.STORED)
    assert queue.pop() == "b"
    assert not queue


def test_what_is_unsettled_is_handed_out_again_and_what_is_below_waits_for_it() -> None:
    queue = Queue({"a": (), "b": ("a",), "c": ("b",), "d": ("a",)}, {})
    assert queue.pop() == "a"
    queue.settle("a")
    assert {queue.pop(), queue.pop()} == {"b", "d"}
    queue.settle("b")  # c is ready
    queue.unsettle(["b"], ["d"])
    assert {queue.pop(), queue.pop()} == {"b", "d"}
    assert not queue
    queue.settle("b")
    assert queue.pop() == "c"
