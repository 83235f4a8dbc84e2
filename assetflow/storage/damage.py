"""Owns the note of objects found damaged or missing: kept beside a project, one file for each store.

An object on it counts as unknown until it is stored again. Knows nothing of stores. A journal of lines,
``name`` or ``-name``: appending a short line is atomic, so processes need no lock.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class DamageList:
    """The noted objects. With ``path`` None they are noted in memory only."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._unwritten: list[str] = []

    def known(self) -> frozenset[str]:
        """Return the names noted and not yet forgotten."""
        noted: set[str] = set()
        for line in self._lines():
            if line.startswith("-"):
                noted.discard(line[1:])
            else:
                noted.add(line)
        return frozenset(noted)

    def note(self, names: Iterable[str]) -> None:
        """Add names: these objects cannot be read."""
        known = self.known()
        self._append(name for name in names if name not in known)

    def forget(self, names: Iterable[str]) -> None:
        """Take names off: these objects were stored again."""
        known = self.known()
        self._append(f"-{name}" for name in names if name in known)

    def _lines(self) -> list[str]:
        if self._path is None:
            return self._unwritten
        try:
            return self._path.read_text().split()
        except FileNotFoundError:
            return []

    def _append(self, lines: Iterable[str]) -> None:
        lines = sorted(set(lines))
        if not lines:
            return
        if self._path is None:
            self._unwritten += lines
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab", buffering=0) as journal:
            journal.write("".join(f"\n{line}" for line in lines).encode())
