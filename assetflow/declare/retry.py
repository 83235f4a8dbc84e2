"""Owns ``Retry`` as users write it, with durations in words, and how it becomes the plain policy that is run.

Knows nothing of attempts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assetflow.declare.durations import seconds_of
from assetflow.model.spec import Retry as Policy

_BACKOFFS = ("constant", "exponential")


@dataclass(frozen=True)
class Retry:
    """Say when and how often a failed call is made again.

    Args:
        times: calls after the first.
        backoff: whether the pause stays the same or doubles each time.
        first: the first pause: seconds, or text such as ``"500ms"``, ``"1s"``, ``"2m"``.
        most: the longest pause.
        jitter: whether pauses are drawn at random below those lengths, so that many tasks do not retry at
            once.
        on: exceptions that are worth another try.
    """

    times: int = 1
    backoff: Literal["constant", "exponential"] = "exponential"
    first: str | float = "1s"
    most: str | float = "1m"
    jitter: bool = True
    on: type[BaseException] | Sequence[type[BaseException]] = (Exception,)


def timeout_of(duration: object) -> float:
    """Return the seconds that ``duration`` says, more than none.

    Raises:
        ValueError: it says none.
    """
    seconds = seconds_of(duration)
    if seconds == 0:
        raise ValueError(f"{duration!r} leaves no time: write seconds, or text such as '30s', '10m', '1h'")
    return seconds


def times_of(value: object) -> int:
    """Return how many retries ``value`` (a whole number, or text of one) says.

    Raises:
        ValueError: it says none.
    """
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError(f"{value!r} is not a number of retries: write 0, 1, 2, ... or af.Retry(times=...)")


def policy_of(value: object) -> Policy:
    """Return the policy that ``retries=value`` asks for: a number of retries, or a ``Retry``.

    Raises:
        ValueError: it asks for none, or for one that cannot be.
    """
    if isinstance(value, Policy):
        return value
    if not isinstance(value, Retry):
        return Policy(times=_number_of(value))
    if value.backoff not in _BACKOFFS:
        raise ValueError(f"backoff={value.backoff!r} is neither 'constant' nor 'exponential'")
    first, most = seconds_of(value.first), seconds_of(value.most)
    if most < first:
        raise ValueError(f"most={value.most!r} is shorter than first={value.first!r}")
    return Policy(
        _number_of(value.times), value.backoff, first, most, bool(value.jitter), _exceptions(value.on)
    )


def _number_of(value: object) -> int:
    """Return how many retries code says: of text, which only settings have, what was meant is told."""
    times = times_of(value)
    if isinstance(value, str):
        raise ValueError(f"{value!r} is text: did you mean {times}?")  # noqa: TRY004 - told like all that it can be
    return times


def _exceptions(on: object) -> tuple[type[BaseException], ...]:
    listed = (on,) if isinstance(on, type) else on
    if not isinstance(listed, Sequence) or not all(
        isinstance(item, type) and issubclass(item, BaseException) for item in listed
    ):
        raise ValueError(f"on={on!r} is not an exception type, or a list of them")
    return tuple(listed)
