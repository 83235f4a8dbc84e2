"""Something that happens in the middle of a run: another run, a command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from assetflow.execution.events import Event, TaskBegan

T = TypeVar("T")


class Meanwhile(Generic[T]):
    """A listener that does something when an asset begins for the first time. ``gave``: what that returned."""

    def __init__(self, key: str, act: Callable[[], T]) -> None:
        self.key = key
        self.act = act
        self.begun = False
        self.gave: T | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, TaskBegan) and event.key == self.key and not self.begun:
            self.begun = True
            self.gave = self.act()
