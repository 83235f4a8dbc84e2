"""Owns progress that a person watches: what is done scrolls by, what runs stays below it with its time.

Events come from several threads, and the picture is drawn anew a few times a second by one more. Whoever writes, a
line or the picture, holds one lock from taking the event to the end of the writing: rich first goes up by the height of
the picture before, then draws the next one, and two at it at once would rub out lines above.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from assetflow.cli.progress.item_line import INTERRUPTED, done_parts, is_change, retry_text
from assetflow.cli.progress.partitions import Tally
from assetflow.cli.views.layout import QUIET, cell
from assetflow.cli.views.marks import mark_of
from assetflow.cli.views.words import duration, listed, plain, shown
from assetflow.execution.events import Event, ItemDone, RunBegan, RunEnded, TaskBegan, TaskRetried
from assetflow.keys import split_name

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text

MOST_SHOWN = 12
_OTHER_LINES = 3  # how many more there are, the total, and the line that the screen scrolls up by
REFRESHES_PER_SECOND = 8
_PATIENCE = 0.4  # seconds before a picture is worth the flicker
_DOING = {"build": "building", "check": "checking", "observe": "reading"}


@dataclass
class Picture:
    """What is known of a run in progress.

    ``running``: what is done to each asset, and since when. ``waiting``: what may have to be done yet, in order.
    """

    clock: Callable[[], float]
    began: float
    total: int = 0
    done: int = 0
    expected: dict[str, float] = field(default_factory=dict)
    running: dict[str, tuple[str, float]] = field(default_factory=dict)
    waiting: dict[str, None] = field(default_factory=dict)
    is_interrupted: bool = False

    def take(self, event: Event) -> None:
        """Change with ``event``."""
        match event:
            case RunBegan():
                self.total, self.expected = event.total, dict(event.expected)
                self.waiting = dict.fromkeys(event.work)
            case TaskBegan():
                self.running[event.key] = (event.what, self.clock())
                self.waiting.pop(event.key, None)
            case ItemDone():
                self.done += 1
                self.running.pop(event.key, None)
                self.waiting.pop(event.key, None)
                self.expected.pop(event.key, None)
            case RunEnded():
                self.running.clear()

    def seconds_left(self) -> float | None:
        """Return how long the rest will take, as earlier runs tell; None where they tell of too little of it."""
        told = [key for key in self.running if key in self.expected]
        if len(told) < len(self.running) or 2 * len(self.expected) < len(self.running) + len(self.waiting):
            return None
        spent = {key: self.clock() - since for key, (_, since) in self.running.items()}
        left = {key: max(0.0, seconds - spent.get(key, 0.0)) for key, seconds in self.expected.items()}
        return max([sum(left.values()) / max(1, len(self.running)), *left.values()])


def picture_lines(picture: Picture, height: int) -> list[Text]:
    """Return what is drawn of a picture: a line for each running asset, and one for all.

    All of it, with one line to spare, fits a screen of ``height`` lines: what has left the screen cannot be redrawn.
    """
    if picture.clock() - picture.began < _PATIENCE:
        return []
    if not picture.total:
        return [cell("planning ...", QUIET)]
    running = list(picture.running.items())
    shown = min(MOST_SHOWN, max(0, height - _OTHER_LINES))
    lines = [_running_line(picture, *item) for item in running[:shown]]
    if len(running) > shown:
        lines.append(cell(f"  and {len(running) - shown} more", QUIET))
    return [*lines, _total_line(picture)]


def _running_line(picture: Picture, key: str, doing: tuple[str, float]) -> Text:
    what, since = doing
    mark = mark_of("running")
    line = cell(f"{mark.sign} {_DOING.get(what, what):<10} ", mark.style)
    line.append(f"{plain(shown(key)):<28}  {duration(picture.clock() - since)}", style="default")
    expected = picture.expected.get(key)
    return line.append(f" of ~{duration(expected)}" if expected else "", style=QUIET)


def _total_line(picture: Picture) -> Text:
    if picture.is_interrupted:
        return cell(INTERRUPTED, "yellow")
    told = [f"{picture.done} of {picture.total} done"]
    left = picture.seconds_left()
    told += [f"about {duration(left)} left"] if left else []
    told += [f"{len(picture.waiting)} waiting: {_waiting(picture)}"] if picture.waiting else []
    return cell(", ".join(told), QUIET)


def _waiting(picture: Picture) -> str:
    assets = dict.fromkeys(split_name(name)[0] for name in picture.waiting)
    return listed(list(assets), 3)


class Live:
    """Listens to a run and keeps a picture of it on ``console`` for as long as the block lasts."""

    def __init__(
        self, console: Console, *, verbose: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console
        self._verbose = verbose
        self._picture = Picture(clock, clock())
        self._tally = Tally()
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._redrawing = threading.Thread(target=self._redraw, name="assetflow-progress", daemon=True)
        self._has_printed = False

    def __call__(self, event: Event) -> None:
        """Take ``event`` into the picture; what it ends goes above the picture for good."""
        with self._lock:
            self._picture.take(event)
            if isinstance(event, RunBegan):
                self._tally.begin(event.work)
            elif isinstance(event, ItemDone):
                for told in self._tally.done(event):
                    self._tell(told)
            elif isinstance(event, TaskRetried):
                self._print(cell(f"! {retry_text(event)}", "yellow"))

    def _tell(self, event: ItemDone) -> None:
        if self._verbose or is_change(event):
            state, rest = done_parts(event)
            mark = mark_of(event.state.value)
            self._print(cell(f"{mark.sign} {state} ", mark.style).append(plain(rest), style="default"))

    def interrupted(self) -> None:
        """Say that the run is being ended."""
        self._picture.is_interrupted = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the picture as it is now, each of its lines on one line of the screen."""
        del console
        for line in picture_lines(self._picture, options.size.height):
            line.no_wrap, line.overflow = True, "ellipsis"
            yield line

    def __enter__(self) -> Self:
        """Begin to draw."""
        from rich.live import Live as Drawing

        self._drawing = Drawing(
            self,
            console=self._console,
            auto_refresh=False,  # its thread knows no lock that holds while others print
            transient=True,
            redirect_stdout=False,  # what tasks print is captured by the run, not by the picture
            redirect_stderr=False,
        )
        self._drawing.__enter__()
        self._redrawing.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the picture away; the lines above it stay."""
        self._ended.set()
        with self._lock:
            self._drawing.__exit__(kind, error, trace)
            if self._has_printed:
                self._console.print()

    def _redraw(self) -> None:
        while not self._ended.wait(1 / REFRESHES_PER_SECOND):
            with self._lock:
                if not self._ended.is_set():
                    self._drawing.refresh()

    def _print(self, line: Text) -> None:
        self._has_printed = True
        self._console.print(line, no_wrap=True, overflow="ellipsis")
