"""Owns what is run and what was measured of it. Knows nothing of workloads, and starts nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """A process to start.

    ``environment`` is laid over the harness's own; ``time_limit`` is in seconds; ``exit_code`` says that the
    work was done.
    """

    argv: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    time_limit: float = 900.0
    exit_code: int = 0


@dataclass(frozen=True)
class Measured:
    """What one process, with all that it started and waited for, took.

    ``wall`` and ``cpu`` (user + system) are in seconds, ``peak`` (the largest process) and ``tree`` (all
    processes at one moment, sampled, shared pages counted in each) in bytes. ``ran`` are the names that user
    functions wrote down, in order; ``first`` is the time from the start to the first of them. ``figures`` are
    what the process measured itself. ``others`` is how many cores everyone else used meanwhile.
    """

    exit_code: int
    wall: float
    cpu: float
    peak: int
    tree: int
    others: float
    out: str
    err: str
    ran: tuple[str, ...] = ()
    first: float | None = None
    figures: Mapping[str, float] = field(default_factory=dict)

    @property
    def numbers(self) -> dict[str, float]:
        """Everything that was counted, by name."""
        counted = {"wall": self.wall, "cpu": self.cpu, "peak": self.peak, "tree": self.tree}
        counted |= {"others": self.others, "ran": len(self.ran)}
        if self.first is not None:
            counted["first"] = self.first
        return {**counted, **self.figures}
