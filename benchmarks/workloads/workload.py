"""Owns the shape of a workload: its steps in turns, and what was promised of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.command import Command, Measured
from benchmarks.samples import Samples


class WrongResultError(Exception):
    """A process failed, or what it made is not what it must be: no figure is taken from it."""


def _nothing() -> None:
    """Prepare nothing."""


def _accept(_measured: Measured) -> Mapping[str, float]:
    """Find nothing wrong, and nothing to add."""
    return {}


@dataclass(frozen=True)
class Step:
    """One process to measure: a row of the table (``name``), of one subject.

    ``prepare`` is called before, and ``verify`` after; neither is measured, both raise WrongResultError.
    ``verify`` returns numbers to add, of what it found.
    """

    name: str
    subject: str
    command: Command
    prepare: Callable[[], None] = _nothing
    verify: Callable[[Measured], Mapping[str, float]] = _accept


@dataclass(frozen=True)
class Target:
    """What was promised: a number taken from the samples is at most, or at least, a bound."""

    promise: str
    value: Callable[[Samples], Sequence[float]]
    at_most: float | None = None
    at_least: float | None = None
    unit: str = ""

    def met_by(self, number: float) -> bool:
        """Say whether ``number`` keeps the promise."""
        if self.at_most is not None and number > self.at_most:
            return False
        return self.at_least is None or number >= self.at_least


@dataclass(frozen=True)
class Workload:
    """What is measured, on whom, and what must come out.

    ``steps`` gives the steps of one round in the order in which they are run, subjects in turns; it is handed
    an empty folder and the round's number. ``baseline`` is the subject that ratios are against. ``most_rounds``
    bounds the rounds where what comes out is the same each time, or each takes long.
    """

    name: str
    title: str
    about: str
    baseline: str
    steps: Callable[[Path, int], Iterable[Step]]
    targets: tuple[Target, ...] = ()
    most_rounds: int | None = None
    shows_functions: bool = False
