"""Owns the progress of work of which the number of things to do is known: one line, where a person watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from assetflow.cli.terminal import Terminal


@contextmanager
def counting(terminal: Terminal, noun: str) -> Iterator[Callable[[int, int], None]]:
    """Give what is to be called with how many are done, and of how many; the line is gone at the end."""
    if terminal.quiet or not terminal.is_watched:
        yield lambda _done, _all: None
        return
    with terminal.talking.status("") as status:
        yield lambda done, all_: status.update(f"{done:,} of {all_:,} {noun}")
