"""The command line in this process: as real as another process, and a tenth of its time."""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@dataclass(frozen=True)
class Said:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output as one JSON document."""
        return json.loads(self.out)

    @property
    def states(self) -> dict[str, str]:
        """The state of each asset in the JSON of plan or materialize."""
        return {item["key"]: item["state"] for item in self.json["items"]}


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
    with (
        fresh_modules(root),
        _garbage_looked_for(),
        contextlib.chdir(root),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        patch.setenv("TERM", "xterm")
        if columns is not None:
            patch.setenv("COLUMNS", str(columns))
        code = run(arguments)
    return Said(code, out.text, err.text)


@contextlib.contextmanager
def _garbage_looked_for() -> Iterator[None]:
    """Look for garbage as before, and at once: databases in cycles hold threads, which the collector does not count."""
    thresholds = gc.get_threshold()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            gc, "freeze", lambda: None
        )  # a command of its own process freezes what it has, and ends
        try:
            yield
        finally:
            gc.set_threshold(*thresholds)
            gc.collect(1)


@contextlib.contextmanager
def fresh_modules(root: Path) -> Iterator[None]:
    """Import the project's modules anew, as a process does, and leave nothing of them behind."""
    path = list(sys.path)
    _taken_out(root)
    others = _taken_out(Path.home().parent)  # the tests' home stands among all projects that they make
    importlib.invalidate_caches()  # what was written a moment ago is there
    try:
        yield
    finally:
        sys.path[:] = path
        _taken_out(root)
        sys.modules.update(others)


def _taken_out(folder: Path) -> dict[str, ModuleType]:
    """Take the modules in a folder out of those that are imported, and return them."""
    names = [
        name
        for name, module in list(sys.modules.items())
        if (getattr(module, "__file__", None) or "").startswith(f"{folder}/")
    ]
    return {name: sys.modules.pop(name) for name in names}
