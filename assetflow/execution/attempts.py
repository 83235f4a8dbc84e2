"""Owns calling something again after it failed: how often, after how long, and a record of every attempt."""

from __future__ import annotations

import random
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from assetflow.errors import DamagedError, DataError, UsageError
from assetflow.execution.capture import head
from assetflow.model.spec import Retry
from assetflow.model.text import MOST_TRACED, said, shortened, sound
from assetflow.model.versions import Attempt

T = TypeVar("T")

MOST_WHY = 200  # characters of an error that are told where the next attempt begins

# Another try takes the same code to the same end: what was returned cannot be kept, what was asked for is wrong.
FINAL = (DataError, DamagedError, UsageError)


class RaisedElsewhere(Exception):  # noqa: N818 - it is no error of its own: it brings one
    """Brings ``error``, which a call raised in another process; ``told`` and ``may_pass`` are what was found there."""

    def __init__(self, error: BaseException, told: Mapping[str, str], *, may_pass: bool) -> None:
        super().__init__(told["message"])
        self.error = error
        self.told = told
        self.may_pass = may_pass


@dataclass(frozen=True)
class Tried(Generic[T]):
    """What came of the attempts: ``error`` is that of the last one, None when it succeeded and gave ``value``."""

    attempts: tuple[Attempt, ...]
    value: T | None
    error: BaseException | None


def attempt(
    call: Callable[[], T],
    retry: Retry,
    *,
    stop: threading.Event,
    told: Callable[[int, str, float], None],
) -> Tried[T]:
    """Call until it succeeds, may not be tried again, or ``stop`` is set.

    ``told(attempt number, message, seconds to wait)`` is called before each wait. In the task's log each attempt but
    the first begins under a heading of its own.
    """
    attempts: list[Attempt] = []
    while True:
        if attempts:
            head(_heading(attempts[-1], retry))
        tried, error, value = _once(call, len(attempts) + 1)
        attempts.append(tried)
        if error is None:
            return Tried(tuple(attempts), value, None)
        raised = error.error if isinstance(error, RaisedElsewhere) else error
        if len(attempts) > retry.times or not may_pass(error, retry):
            return Tried(tuple(attempts), None, raised)
        seconds = delay(retry, len(attempts))
        told(len(attempts), tried.message or "", seconds)
        if stop.wait(seconds):
            return Tried(tuple(attempts), None, raised)


def delay(retry: Retry, failures: int) -> float:
    """Return the seconds to wait after so many failures ("full jitter": anything up to the backoff's length)."""
    length = retry.first if retry.backoff == "constant" else retry.first * 2 ** min(failures - 1, 60)
    length = min(length, retry.most)
    return random.uniform(0, length) if retry.jitter else length  # noqa: S311 - spreads load, protects nothing


def _heading(last: Attempt, retry: Retry) -> str:
    """Say that another attempt begins, which, when, and why."""
    now = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    return f"attempt {last.number + 1} of {retry.times + 1}, {now}, after {last.words[:MOST_WHY]}"


def _once(call: Callable[[], T], number: int) -> tuple[Attempt, BaseException | None, T | None]:
    started_at = datetime.now(UTC).isoformat()
    begun = time.perf_counter()
    error: BaseException | None = None
    value: T | None = None
    try:
        value = call()
    except KeyboardInterrupt:
        raise
    except BaseException as raised:  # noqa: BLE001 - a user's SystemExit is a failed attempt, not our end
        error = raised
    tried = Attempt(number=number, started_at=started_at, seconds=time.perf_counter() - begun)
    return (tried if error is None else failed_by(tried, error)), error, value


def may_pass(error: BaseException, retry: Retry) -> bool:
    """Whether another try may come to another end, and the policy wants one."""
    if isinstance(error, RaisedElsewhere):
        return error.may_pass
    return isinstance(error, Exception) and isinstance(error, retry.on) and not isinstance(error, FINAL)


def failed_by(tried: Attempt, error: BaseException) -> Attempt:
    """Return the attempt as one that ``error`` ended; its texts are such that they can be recorded."""
    return tried.model_copy(update=dict(told_of(error)))


def told_of(error: BaseException) -> Mapping[str, str]:
    """Return what the record of an attempt tells of what was raised."""
    if isinstance(error, RaisedElsewhere):
        return error.told
    return {
        "error": sound(type(error).__qualname__),
        "message": said(error),
        "traceback": own_traceback(error),
    }


def own_traceback(error: BaseException) -> str:
    """Return the traceback without assetflow's own frames at its start, and never with local variables.

    Of bounded length, and such that it can be recorded.
    """
    frames = traceback.extract_tb(error.__traceback__)
    first = next((index for index, frame in enumerate(frames) if not _is_ours(frame.filename)), len(frames))
    kept = traceback.StackSummary.from_list(frames[first:])
    body = "".join(["Traceback (most recent call last):\n", *kept.format()]) if kept else ""
    return sound(shortened(body + "".join(_last_lines(error)), MOST_TRACED))


def _last_lines(error: BaseException) -> list[str]:
    try:
        return traceback.format_exception_only(error)
    except Exception:  # noqa: BLE001 - it asks the user's exception for its text and notes
        return [f"{type(error).__qualname__}: {said(error)}\n"]


def _is_ours(filename: str) -> bool:
    return filename.startswith(_PACKAGE)


_PACKAGE = __file__.rsplit("execution", 1)[0]
