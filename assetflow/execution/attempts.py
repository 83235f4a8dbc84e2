"""Owns calling something again after it failed: how often, after how long, and a record of every attempt."""

from __future__ import annotations

import random
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from assetflow.model.actions import Attempt
from assetflow.model.spec import Retry

T = TypeVar("T")


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

    ``told(attempt number, message, seconds to wait)`` is called before each wait.
    """
    attempts: list[Attempt] = []
    while True:
        tried, error, value = _once(call, len(attempts) + 1)
        attempts.append(tried)
        if error is None:
            return Tried(tuple(attempts), value, None)
        if len(attempts) > retry.times or not isinstance(error, retry.on) or not isinstance(error, Exception):
            return Tried(tuple(attempts), None, error)
        seconds = delay(retry, len(attempts))
        told(len(attempts), tried.message or "", seconds)
        if stop.wait(seconds):
            return Tried(tuple(attempts), None, error)


def delay(retry: Retry, failures: int) -> float:
    """Return the seconds to wait after so many failures ("full jitter": anything up to the backoff's length)."""
    length = retry.first if retry.backoff == "constant" else retry.first * 2 ** min(failures - 1, 60)
    length = min(length, retry.most)
    return random.uniform(0, length) if retry.jitter else length  # noqa: S311 - spreads load, protects nothing


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
    seconds = time.perf_counter() - begun
    if error is None:
        return Attempt(number=number, started_at=started_at, seconds=seconds), None, value
    failed = Attempt(
        number=number,
        started_at=started_at,
        seconds=seconds,
        error=type(error).__qualname__,
        message=str(error)[:4000],
        traceback=own_traceback(error),
    )
    return failed, error, None


def own_traceback(error: BaseException) -> str:
    """Return the traceback without assetflow's own frames at its start, and never with local variables."""
    frames = traceback.extract_tb(error.__traceback__)
    first = next((index for index, frame in enumerate(frames) if not _is_ours(frame.filename)), len(frames))
    kept = traceback.StackSummary.from_list(frames[first:])
    body = "".join(["Traceback (most recent call last):\n", *kept.format()]) if kept else ""
    return body + "".join(traceback.format_exception_only(error))


def _is_ours(filename: str) -> bool:
    return filename.startswith(_PACKAGE)


_PACKAGE = __file__.rsplit("execution", 1)[0]
