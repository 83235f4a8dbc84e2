"""Owns doing one thing with many, side by side and a few at a time, with the results in order.

Knows nothing of what is done.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], pool: Executor | None, most: int
) -> Iterator[Result]:
    """Yield ``work(item)`` of each, in order, with at most ``most`` begun and not yet yielded.

    Without a pool one after the other, in this thread. What is raised, by the items too, ends it; what had begun
    is waited for. ``pool`` must not be one whose threads wait here: they would wait for themselves.
    """
    if pool is None:
        yield from map(work, items)
        return
    begun: deque[Future[Result]] = deque()
    try:
        for item in items:
            begun.append(pool.submit(work, item))
            while len(begun) >= most:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        for future in begun:
            future.cancel()
        for future in begun:
            if not future.cancelled():
                future.exception()
