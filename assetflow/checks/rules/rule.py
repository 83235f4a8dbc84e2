"""Owns what every rule of a built-in check has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from assetflow.checks.finding import Finding
from assetflow.checks.rows import Rows


class Rule(Protocol):
    """One kind of built-in check with its arguments; a frozen value."""

    @property
    def label(self) -> str:
        """The check's name, its arguments included: ``range(amount, min=0)``."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the judged table without which it cannot judge."""

    @property
    def others(self) -> tuple[str, ...]:
        """Keys of the other assets that it reads."""

    @property
    def arguments(self) -> Mapping[str, object]:
        """Its arguments as plain values: with its kind, all that decides what it finds in given data."""

    def judge(self, rows: Rows, others: Mapping[str, Rows]) -> Finding:
        """Return what it finds in rows that have ``columns``."""


def labelled(kind: str, *arguments: object, **named: object) -> str:
    """Return ``kind(argument, name=value)``, leaving out what is None."""
    parts = [str(argument) for argument in arguments]
    parts += [f"{name}={value}" for name, value in named.items() if value is not None]
    return f"{kind}({', '.join(parts)})"


def listed(values: Iterable[object], most: int = 3) -> str:
    """Return the first few values as text, and how many more there are."""
    texts = [repr(value) for value in values]
    more = len(texts) - most
    return ", ".join(texts[:most]) + (f" and {more} more" if more > 0 else "")
