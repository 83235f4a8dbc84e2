"""Owns ``Resource``: a connection or client that assets use, named, opened by the run and closed after it.

Knows nothing of when it is opened.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from assetflow.declare.place import place_of_frame


class Resource:
    """Define a resource, or (without ``open``) refer to one by name in ``Annotated[T, Resource("db")]``.

    Args:
        name: what assets ask for it by.
        open: makes the value; called without arguments.
        close: gets the value when the run is done with it.
        identity: what tells two of them apart (host and database, say), as a plain value or a function of no
            arguments that returns one. It enters the fingerprint of each asset that uses the resource and is
            kept on record, so it must hold no secret. Without it, versions of those assets never cross
            environments.
    """

    def __init__(
        self,
        name: str,
        open: Callable[[], Any] | None = None,  # noqa: A002 - the design's word
        *,
        close: Callable[[Any], object] | None = None,
        identity: object = None,
    ) -> None:
        frame = inspect.currentframe()
        self.place = place_of_frame(frame.f_back if frame is not None else None)
        self.name = name
        self.open = open
        self.close = close
        self._identity = identity

    @property
    def identity(self) -> Any:
        """Value that tells two resources apart, asked anew each time; None where it has none."""
        return self._identity() if callable(self._identity) else self._identity

    @property
    def wrong(self) -> str | None:
        """What is wrong with the definition, or None when nothing is."""
        given: dict[str, Any] = {"open": self.open, "close": self.close}
        not_functions = [name for name, value in given.items() if value is not None and not callable(value)]
        return f"{not_functions[0]}= is not a function" if not_functions else None

    def __repr__(self) -> str:
        return f"Resource({self.name!r})"
