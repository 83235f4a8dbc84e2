"""Owns what calls of functions with several outputs gave, until the tasks of the other outputs take it.

So that outputs that belong together come from one call, and nothing is called twice. Knows nothing of how a call is
made.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from assetflow.model.versions import Attempt
from assetflow.storage.artifacts import Written


@dataclass(frozen=True)
class Given:
    """One output of a call, for the task of its asset: it is stored, or ``error`` says why it could not be.

    ``by``: the asset whose task made the call. ``metadata``: what the call recorded.
    """

    by: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    written: Written | None = None
    error: BaseException | None = None


@dataclass(frozen=True)
class FailedCall:
    """A call that gave nothing, after these attempts."""

    by: str
    attempts: tuple[Attempt, ...]
    error: BaseException


class Calls:
    """The calls of one run. Safe for threads. ``wanted``: the names of what the run may have to make."""

    def __init__(self, wanted: Collection[str] = ()) -> None:
        self._wanted = wanted
        self._lock = threading.Lock()
        self._given: dict[str, dict[str, Given]] = {}
        self._failed: dict[str, FailedCall] = {}

    def wants(self, name: str) -> bool:
        """Whether the run may need this output, an asset or partition by its name."""
        return name in self._wanted

    def keep(self, call: str, name: str, given: Given) -> None:
        """Keep an output of a call."""
        with self._lock:
            self._given.setdefault(call, {})[name] = given

    def take(self, call: str, name: str) -> Given | None:
        """Return an output of a call that was made for another one, once."""
        with self._lock:
            return self._given.get(call, {}).pop(name, None)

    def fail(self, call: str, failed: FailedCall) -> None:
        """Note that a call failed, unless it gave the other outputs before it did."""
        with self._lock:
            if call not in self._given:
                self._failed[call] = failed

    def failure(self, call: str) -> FailedCall | None:
        """Return how a call failed; None where it did not, or was not made."""
        return self._failed.get(call)
