from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from assetflow.frames.pipeline import in_order


def test_results_come_in_order_and_only_a_few_are_begun_ahead():
    begun: list[int] = []
    given: list[int] = []

    def numbers():
        for number in range(50):
            given.append(number)
            yield number

    with ThreadPoolExecutor(3) as pool:
        for count, result in enumerate(in_order(lambda n: begun.append(n) or n * n, numbers(), pool, 4)):
            assert result == count**2
            assert len(given) <= count + 4
    assert sorted(begun) == list(range(50))


def test_without_a_pool_the_caller_does_the_work_itself():
    here = threading.get_ident()

    assert set(in_order(lambda _: threading.get_ident(), range(3), None, 4)) == {here}


@pytest.mark.parametrize("threads", [None, 2])
def test_what_is_raised_by_the_work_or_the_items_ends_it(threads):
    def broken_items():
        yield 1
        raise KeyError("items")

    def work(number: int) -> float:
        return 1 / (number - 3)

    pool = ThreadPoolExecutor(threads) if threads else None
    with pytest.raises(ZeroDivisionError):
        list(in_order(work, range(1000), pool, 4))
    with pytest.raises(KeyError):
        list(in_order(work, broken_items(), pool, 4))
    if pool:
        pool.shutdown()


def test_what_had_begun_has_ended_when_the_consumer_stops():
    begun, ended = threading.Event(), threading.Event()

    def slow(number: int) -> int:
        if number:
            begun.set()
            ended.wait(0.05)
            ended.set()
        assert begun.wait(60)
        return number

    with ThreadPoolExecutor(2) as pool:
        results = in_order(slow, range(10), pool, 2)
        assert next(results) == 0
        results.close()
        assert ended.is_set()
