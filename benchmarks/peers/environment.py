"""Owns the virtual environment of one peer: where it lies, and how it is made."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from benchmarks.command import Command, Measured
from benchmarks.measuring import measure

_SAME = ("pyarrow", "numpy")
"""Libraries that do the work itself: every environment has the versions that ours has."""


class NotInstalledError(Exception):
    """A peer cannot be installed."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment in a folder of its own."""

    folder: Path

    @property
    def python(self) -> str:
        """Its interpreter."""
        return self.script("python")

    @property
    def variables(self) -> dict[str, str]:
        """What keeps a tool's caches in this folder, and its statistics at home."""
        home = str(self.folder / "home")
        return {
            "HOME": home,
            "XDG_CACHE_HOME": home,
            "DO_NOT_TRACK": "1",
            "PATH": f"{self.folder}/bin:/usr/bin:/bin",
        }

    def script(self, name: str) -> str:
        """Return the path of a command that a package installed."""
        return str(self.folder / "bin" / name)

    def install(self, packages: Sequence[str], measuring: Callable[[Command], Measured] = measure) -> None:
        """Install ``packages``, by uv where it is there, else by pip; once for each list of them.

        Raises:
            NotInstalledError: it does not go, with the installer's last words.
        """
        wanted = [*packages, *(f"{name}=={metadata.version(name)}" for name in _SAME)]
        stamp = self.folder / ".installed"
        if stamp.exists() and stamp.read_text() == "\n".join(wanted):
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.folder.joinpath("home").mkdir()
        for argv in self._commands(wanted):
            done = measuring(Command(argv, self.folder))
            if done.exit_code != 0:
                errors = [line for line in done.err.splitlines() if line.startswith("ERROR")] or [
                    done.err[-300:]
                ]
                raise NotInstalledError(f"it cannot be installed: {errors[-1][:300]}")
        stamp.write_text("\n".join(wanted))

    def version(self, package: str) -> str:
        """Return the version of a package that is installed in it."""
        code = f"from importlib import metadata; print(metadata.version({package!r}))"
        return measure(Command((self.python, "-c", code), self.folder)).out.strip()

    def _commands(self, wanted: Sequence[str]) -> list[tuple[str, ...]]:
        folder = str(self.folder)
        if shutil.which("uv"):
            return [
                ("uv", "venv", "-q", "--allow-existing", "--python", sys.executable, folder),
                ("uv", "pip", "install", "-q", "--python", self.python, *wanted),
            ]
        return [
            (sys.executable, "-m", "venv", folder),
            (self.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted),
        ]
