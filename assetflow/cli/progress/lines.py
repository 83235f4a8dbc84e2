"""Owns progress where nobody watches (CI, cron, a pipe): one line for each change of state, nothing drawn twice."""

from __future__ import annotations

from assetflow.cli.progress.item_line import INTERRUPTED, began_text, done_parts, is_change, retry_text
from assetflow.cli.progress.partitions import Tally
from assetflow.cli.terminal import Terminal
from assetflow.execution.events import Event, ItemDone, RunBegan, TaskBegan, TaskRetried
from assetflow.keys import split_name


class Lines:
    """Listens to a run and writes its lines; what is fresh too when ``verbose``."""

    def __init__(self, terminal: Terminal, *, verbose: bool = False) -> None:
        self._terminal = terminal
        self._verbose = verbose
        self._done = 0
        self._total = 0
        self._tally = Tally()

    def __call__(self, event: Event) -> None:
        """Tell of ``event``."""
        match event:
            case RunBegan():
                self._total = event.total
                self._tally.begin(event.work)
                self._terminal.talk(f"run {event.run} in {event.env}")
            case TaskBegan() if not split_name(event.key)[1]:
                self._say(began_text(event.key, event.what))
            case TaskRetried():
                self._say(retry_text(event))
            case ItemDone():
                self._done += 1
                for told in self._tally.done(event):
                    if self._verbose or is_change(told):
                        self._say(" ".join(done_parts(told)))

    def interrupted(self) -> None:
        """Say that the run is being ended."""
        self._terminal.talk(INTERRUPTED)

    def _say(self, text: str) -> None:
        width = len(str(self._total))
        self._terminal.talk(f"[{self._done:>{width}}/{self._total}] {text}")
