"""Owns places: where in the user's files a declaration stands.

Knows nothing of what is declared there.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any


@dataclass(frozen=True)
class Place:
    """A line of a file, and the module that it belongs to."""

    file: str
    line: int
    module: str

    def path(self, root: Path | None) -> str:
        """Return the file, relative to ``root`` where it lies below, with forward slashes."""
        if root is None:
            return self.file
        return self.file.removeprefix(f"{root}{os.sep}").replace(os.sep, "/")

    def text(self, root: Path | None = None) -> str:
        """Return ``file:line``."""
        return f"{self.path(root)}:{self.line}"


def place_of_function(function: Callable[..., Any]) -> Place | None:
    """Return where ``function`` is defined (its first decorator's line); None for what is no Python."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return None
    return Place(code.co_filename, code.co_firstlineno, getattr(function, "__module__", None) or "")


def place_of_frame(frame: FrameType | None) -> Place:
    """Return the line that ``frame`` is at."""
    if frame is None:  # an interpreter without frames
        return Place("<unknown>", 0, "")
    return Place(frame.f_code.co_filename, frame.f_lineno, frame.f_globals.get("__name__", ""))
