"""Owns when Python looks for garbage in a process of the command line.

What a command imports, declares and plans lives to its end, and looking through all of it for garbage, which Python
does again and again while it is made, takes a tenth of the command's time. Knows nothing of commands.
"""

from __future__ import annotations

import gc

WHILE_STARTING = 1_000_000  # objects made before the youngest are looked through; Python begins with 700
WHILE_RUNNING = 50_000


def look_seldom() -> None:
    """Look for garbage only where very much is made: this process has just begun."""
    gc.set_threshold(WHILE_STARTING)


def look_at_what_is_new() -> None:
    """Look for garbage in what is made from now on: users' code begins to run, which may go on for hours."""
    gc.freeze()
    gc.set_threshold(WHILE_RUNNING)
