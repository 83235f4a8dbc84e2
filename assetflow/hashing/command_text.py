"""Owns the text of a command: all that is declared of running a program, in the one form that is hashed and kept.

Knows nothing of running it. Values of secrets are not in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assetflow.hashing.digest import digest

SUFFIX = ".command"


@dataclass(frozen=True)
class CommandText:
    """A command as declared.

    ``text``: a line for each argument, variable, input, the working folder and the output. ``name``: of the file that
    it is kept as beside the code. ``folder``: of the module that declares it. ``scripts``: the project's files that
    its arguments name.
    """

    text: str
    name: str
    folder: Path | None = None
    scripts: tuple[Path, ...] = ()


def command_digest(text: str) -> str:
    """Return the hash of a command's text."""
    return digest("code-command/1", text)
