"""Owns progress for programs: every event of a run as one line of JSON, on stderr."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from assetflow.cli.json_text import json_line
from assetflow.cli.terminal import Terminal
from assetflow.execution.events import Event

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class EventLines:
    """Listens to a run and writes ``{"event": "item_done", "time": ..., ...}``, fields as the event has them."""

    def __init__(self, terminal: Terminal, clock: Callable[[], datetime]) -> None:
        self._terminal = terminal
        self._clock = clock

    def __call__(self, event: Event) -> None:
        """Tell of ``event``."""
        name = _CAPITAL.sub("_", type(event).__name__).lower()
        self._terminal.talk(json_line({"event": name, "time": self._clock().isoformat(), **asdict(event)}))
