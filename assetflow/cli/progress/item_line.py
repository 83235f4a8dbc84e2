"""Owns the one line that is said of an asset when its state changes, the same on every kind of terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetflow.cli.views.words import counted, duration, first_line

if TYPE_CHECKING:
    from assetflow.execution.events import ItemDone, TaskRetried

INTERRUPTED = "interrupted: waiting for what runs; Ctrl-C again to wait no longer"
_STATE_WIDTH = 10
_KEY_WIDTH = 28
_SILENT = ("fresh", "held")  # no change of state


def is_change(event: ItemDone) -> bool:
    """Say whether an asset's state changed in this run."""
    return event.state.value not in _SILENT


def done_parts(event: ItemDone) -> tuple[str, str]:
    """Return the state in its column, and the rest of the line of an asset that is done."""
    told = [counted(event.rows, "row") if event.rows is not None and not event.message else ""]
    told += [duration(event.seconds) if event.seconds else "", first_line(event.message)]
    rest = f"{event.key:<{_KEY_WIDTH}}  " + "  ".join(filter(None, told))
    return f"{event.state.value:<{_STATE_WIDTH}}", rest.rstrip()


def retry_text(event: TaskRetried) -> str:
    """Return the line of a call that failed and is made again."""
    wait = f"again in {duration(event.delay)}"
    told = f"attempt {event.attempt} failed, {wait}: {first_line(event.message)}"
    return f"{'retry':<{_STATE_WIDTH}} {event.key:<{_KEY_WIDTH}}  {told}"


def began_text(key: str, what: str) -> str:
    """Return the line of an asset that is started."""
    return f"{what:<{_STATE_WIDTH}} {key}"
