"""Owns the work under way: what was given to the executors and is not done yet, and what is done, as it comes in.

Knows nothing of what the work is, nor of what becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Work(Generic[T]):
    """Something to be done for an asset. ``what``: whatever its giver wants to have back with the result."""

    key: str
    what: T
    takes_a_place: bool


class UnderWay(Generic[T]):
    """Work that was begun, in any number of executors."""

    def __init__(self) -> None:
        self._begun: dict[Future[Any], Work[T]] = {}
        self._unwanted: set[Future[Any]] = set()
        self._done: SimpleQueue[Future[Any]] = SimpleQueue()
        self.places_taken = 0

    def __len__(self) -> int:
        return len(self._begun)

    def begin(self, executor: Executor, work: Work[T], call: Callable[..., Any], *arguments: Any) -> None:
        """Have ``call`` done."""
        future = executor.submit(call, *arguments)
        self._begun[future] = work
        self.places_taken += work.takes_a_place
        future.add_done_callback(self._done.put)

    def done(self, timeout: float) -> Iterator[tuple[Work[T], Any, bool]]:
        """Yield what is done with its result, and whether that is still wanted; wait for the first at most so long.

        Raises what the work raised.
        """
        while self._begun:
            try:
                future = self._done.get(timeout=timeout) if timeout else self._done.get_nowait()
            except Empty:
                return
            timeout = 0.0
            work = self._begun.pop(future)
            self.places_taken -= work.takes_a_place
            wanted = future not in self._unwanted
            self._unwanted.discard(future)
            yield work, future.result(), wanted

    def disown(self, keys: Collection[str]) -> set[str]:
        """Note that nobody wants the results for ``keys`` any more; return those for which something is under way."""
        found = {future for future, work in self._begun.items() if work.key in keys} - self._unwanted
        self._unwanted |= found
        return {self._begun[future].key for future in found}
