"""The command line in this process: as real as another process, and a tenth of its time."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from shops import Said


class Screen(io.TextIOWrapper):
    """A stream that keeps what is written; a terminal's when ``watched``."""

    def __init__(self, *, watched: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)
        self._watched = watched

    def isatty(self) -> bool:
        return self._watched

    @property
    def text(self) -> str:
        """What was written."""
        return self.buffer.getvalue().decode()


def said_in(root: Path, *arguments: str, watched: bool = False, columns: int | None = None) -> Said:
    """Run a command of assetflow in ``root``; ``watched``: on a terminal, ``columns`` wide."""
    from assetflow.cli.main import run

    out, err = Screen(watched=watched), Screen(watched=watched)
    with fresh_modules(root), contextlib.chdir(root), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        patch.setenv("TERM", "xterm")
        if columns is not None:
            patch.setenv("COLUMNS", str(columns))
        code = run(arguments)
    return Said(code, out.text, err.text)


@contextlib.contextmanager
def fresh_modules(root: Path) -> Iterator[None]:
    """Import the project's modules anew, and leave nothing of them behind."""
    path = list(sys.path)
    try:
        yield
    finally:
        sys.path[:] = path
        for name, module in list(sys.modules.items()):
            if (getattr(module, "__file__", None) or "").startswith(f"{root}/"):
                del sys.modules[name]
