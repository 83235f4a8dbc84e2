"""Owns what was measured of one workload over all rounds, and the figures taken from it: medians and spreads.

Knows nothing of how it was measured, or of how it is shown.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Spread:
    """The median of some numbers, and how far they lie apart."""

    median: float
    least: float
    most: float
    count: int

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Spread | None:
        """Return the spread of ``numbers``; None where there are none."""
        if not numbers:
            return None
        return cls(statistics.median(numbers), min(numbers), max(numbers), len(numbers))


@dataclass(frozen=True)
class Refusal:
    """Why a step of a subject has no figure: it failed, or its result was wrong."""

    step: str
    subject: str
    reason: str


@dataclass(frozen=True)
class Samples:
    """Numbers by (step, subject), one mapping for each round in which it was measured, keyed by the round."""

    taken: Mapping[tuple[str, str], Mapping[int, Mapping[str, float]]]
    refused: tuple[Refusal, ...] = ()

    def numbers(self, step: str, subject: str, name: str) -> list[float]:
        """Return one number of a step in each round; nothing at all where any round was refused."""
        return list(self._by_round(step, subject, name).values())

    def ratio(self, above: tuple[str, str, str], below: tuple[str, str, str]) -> list[float]:
        """Return, for each round that has both, one (step, subject, name) divided by another."""
        return [first / second for first, second in self._pairs(above, below) if second]

    def difference(self, first: tuple[str, str, str], second: tuple[str, str, str]) -> list[float]:
        """Return, for each round that has both, one (step, subject, name) less another."""
        return [one - other for one, other in self._pairs(first, second)]

    def everywhere(self, name: str) -> list[float]:
        """Return one number of all steps of all subjects."""
        return [
            numbers[name] for rounds in self.taken.values() for numbers in rounds.values() if name in numbers
        ]

    def reason(self, step: str, subject: str) -> str | None:
        """Return why there is no figure, None where there is one."""
        for refusal in self.refused:
            if (refusal.step, refusal.subject) == (step, subject):
                return refusal.reason
        return None

    def _pairs(self, one: tuple[str, str, str], other: tuple[str, str, str]) -> list[tuple[float, float]]:
        ones, others = self._by_round(*one), self._by_round(*other)
        return [(ones[round_], others[round_]) for round_ in ones if round_ in others]

    def _by_round(self, step: str, subject: str, name: str) -> dict[int, float]:
        if self.reason(step, subject) is not None:
            return {}
        rounds = self.taken.get((step, subject), {})
        return {round_: numbers[name] for round_, numbers in sorted(rounds.items()) if name in numbers}

    def to_json(self) -> dict[str, Any]:
        """Return plain lists and mappings."""
        return {
            "samples": [
                {"step": step, "subject": subject, "rounds": {str(n): dict(got) for n, got in rounds.items()}}
                for (step, subject), rounds in self.taken.items()
            ],
            "refused": [vars(refusal) for refusal in self.refused],
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Samples:
        """Return what ``to_json`` was made from."""
        taken = {
            (entry["step"], entry["subject"]): {int(n): got for n, got in entry["rounds"].items()}
            for entry in said["samples"]
        }
        return cls(taken, tuple(Refusal(**refusal) for refusal in said["refused"]))
