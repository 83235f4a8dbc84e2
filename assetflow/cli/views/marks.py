"""Owns how a state looks: a mark and a colour, so that it can be told by shape and by colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text


@dataclass(frozen=True)
class Mark:
    """The sign of a state, and the style that it and the state's name are drawn in."""

    sign: str
    style: str


_GOOD = "green"
_CHANGE = "yellow"
_BAD = "bold red"
_QUIET = "bright_black"

MARKS = {
    # of a plan
    "build": Mark("+", _GOOD),
    "maybe": Mark("?", _CHANGE),
    "check": Mark("v", "cyan"),
    "reuse": Mark("<", "cyan"),
    "rejected": Mark("x", _BAD),
    "skipped": Mark("-", _CHANGE),
    "held": Mark("|", "magenta"),
    "fresh": Mark("=", _QUIET),
    # of a run's items
    "built": Mark("+", _GOOD),
    "checked": Mark("v", "cyan"),
    "reused": Mark("<", "cyan"),
    "failed": Mark("x", _BAD),
    "superseded": Mark("/", _CHANGE),
    "cancelled": Mark("/", _CHANGE),
    # of runs
    "succeeded": Mark("+", _GOOD),
    "interrupted": Mark("/", _CHANGE),
    "running": Mark(">", "cyan"),
    # of verdicts
    "passed": Mark("+", _GOOD),
    "warned": Mark("!", _CHANGE),
    "raised": Mark("x", _BAD),
}
_UNKNOWN = Mark("*", "default")


def mark_of(state: str) -> Mark:
    """Return the mark of a state."""
    return MARKS.get(state, _UNKNOWN)


def state_text(state: str) -> Text:
    """Return the mark and the name of a state, coloured."""
    from rich.text import Text

    mark = mark_of(state)
    return Text(f"{mark.sign} {state}", style=mark.style)
