"""Owns ``Context``: what a function may know of the call that it is in.

It shows nothing that is not in the fingerprint, but for the logger.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assetflow.errors import DataError, UsageError

if TYPE_CHECKING:
    import logging


MOST_NESTED = 50
"""How deep a recorded value may be nested: readers of JSON give up at some depth (pydantic's at 200), for good."""


@dataclass(frozen=True)
class Partition:
    """The partition that is being made.

    ``start`` and ``end``: of a partition of time, in its scheme's zone, the end not included; else None.
    ``dimensions``: of a grid, the key in each dimension.
    """

    key: str
    start: datetime | None = None
    end: datetime | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)


class Context:
    """What a parameter annotated with ``af.Context`` receives; make one yourself in a unit test."""

    def __init__(
        self,
        key: str,
        logger: logging.Logger | None = None,
        partition: Partition | None = None,
        previous: Callable[[], Any] = lambda: None,
    ) -> None:
        self._key = key
        self._partition = partition
        self._previous = previous
        self._asked_for_previous = False
        self._logger = logger
        self._recorded: dict[str, Any] = {}

    @property
    def key(self) -> str:
        """Key of the asset that is being made."""
        return self._key

    @property
    def partition(self) -> Partition:
        """The partition that is being made.

        Raises:
            UsageError: the asset has no partitions.
        """
        if self._partition is None:
            raise UsageError(
                f"{self._key} has no partitions, so context.partition says nothing",
                hint="declare them: @af.asset(partitions=af.daily(...))",
            )
        return self._partition

    @property
    def previous(self) -> Any:
        """The data that the environment publishes of this asset (and partition), in the form that it returns; or None.

        An asset that asks for it is incremental: it goes on from there, as with ``af.append`` and ``af.upsert``. What
        it had stands outside of its fingerprint: without news from its inputs, code or refresh it does not run.
        """
        self._asked_for_previous = True
        return self._previous()

    @property
    def is_incremental(self) -> bool:
        """Whether ``previous`` was asked for."""
        return self._asked_for_previous

    @property
    def logger(self) -> logging.Logger:
        """Logger of this call; what it is told is kept with the run."""
        if self._logger is None:
            import logging

            self._logger = logging.getLogger(f"assetflow.asset.{self._key.replace('/', '.')}")
        return self._logger

    def record(self, **values: Any) -> None:
        """Keep ``values`` with the materialization; the last of a name stands.

        Raises:
            DataError: a value is not made of numbers, text, booleans, None, dates, lists and dictionaries, or is nested
                too deep.
        """
        self._recorded.update({name: _plain(value, name) for name, value in values.items()})

    @property
    def recorded(self) -> Mapping[str, Any]:
        """What was recorded so far."""
        return MappingProxyType(self._recorded)

    def __repr__(self) -> str:
        return f"Context({self._key!r})"


def _plain(value: Any, name: str, depth: int = 0) -> Any:
    if depth > MOST_NESTED:
        raise DataError(
            f"context.record cannot keep {name!r}: it is nested more than {MOST_NESTED} deep",
            hint="record what is to be compared over versions; return the rest, or make it an asset of its own",
        )
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON knows no nan and no infinity
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item, name, depth + 1) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item, name, depth + 1) for key, item in value.items()}
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # a numpy scalar
        return _plain(value.item(), name, depth)
    raise DataError(
        f"context.record cannot keep {name!r}: a {type(value).__name__} is neither a number nor text",
        hint="record numbers, text, booleans, None, dates, and lists and dictionaries of them",
    )
