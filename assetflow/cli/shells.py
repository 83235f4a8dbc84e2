"""Owns how shells ask for completions and how they want to be told: the protocol of the scripts that typer installs.

Knows nothing of what could be completed.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

_BREAKS = ":=@"  # where bash cuts words apart, of what occurs in ours
Found = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """What a shell asks: the words before the cursor without the program's name, and the one at it.

    ``kept``: how many characters of ``incomplete`` the shell does not replace.
    """

    words: tuple[str, ...]
    incomplete: str
    kept: int = 0


class Shell(Protocol):
    """One kind of shell."""

    def asked(self, environ: Mapping[str, str]) -> Asked:
        """Return what is asked."""

    def told(self, found: Found, asked: Asked, environ: Mapping[str, str]) -> tuple[str, int]:
        """Return the answer and the exit code."""


class Bash:
    """bash: cuts words at ``:``, ``=`` and ``@`` too, and replaces only what stands behind."""

    def asked(self, environ: Mapping[str, str]) -> Asked:
        """Put together again what bash cut apart."""
        text = environ.get("COMP_WORDS", "")
        pieces = text.split("\n") if "\n" in text else text.split()
        at = int(environ.get("COMP_CWORD", "0"))
        pieces = [*pieces, *[""] * (at + 1 - len(pieces))][1 : at + 1] or [""]
        words: list[str] = []
        for number, piece in enumerate(pieces):
            if (
                words
                and number
                and (_is_break(piece) or _is_break(pieces[number - 1]))
                and words[-1] not in _STARTS
            ):
                words[-1] += piece
            else:
                words.append(piece)
        raw = "" if _is_break(pieces[-1]) else pieces[-1]
        incomplete = words[-1]
        unquoted = incomplete.lstrip("'\"")
        kept = max(0, len(unquoted) - len(raw.lstrip("'\"")))
        return Asked(tuple(_unquoted(word) for word in words[:-1]), unquoted, kept)

    def told(self, found: Found, asked: Asked, environ: Mapping[str, str]) -> tuple[str, int]:
        """Return one candidate a line, without what stands before the cut."""
        del environ
        return "\n".join(text[asked.kept :] for text, _ in found), 0


class _Line:
    """What zsh and fish have in common: they give the line up to the cursor."""

    def asked(self, environ: Mapping[str, str]) -> Asked:
        """Split the line into words."""
        line = environ.get("_TYPER_COMPLETE_ARGS", "")
        words = _split(line)[1:]
        if words and not line[-1:].isspace():
            return Asked(tuple(words[:-1]), words[-1])
        return Asked(tuple(words), "")


class Zsh(_Line):
    """zsh: evaluates what it is told."""

    def told(self, found: Found, asked: Asked, environ: Mapping[str, str]) -> tuple[str, int]:
        """Return a call of ``_arguments`` with candidates and what they are."""
        del asked, environ
        if not found:
            return "_files", 0
        lines = [f'"{_zsh(text)}":"{_zsh(help_)}"' if help_ else f'"{_zsh(text)}"' for text, help_ in found]
        return "_arguments '*: :((" + "\n".join(lines) + "))'", 0


class Fish(_Line):
    """fish: asks first whether there is anything to tell, by exit code."""

    def told(self, found: Found, asked: Asked, environ: Mapping[str, str]) -> tuple[str, int]:
        """Return one candidate a line, what it is behind a tab."""
        del asked
        if environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
            return "", 0 if found else 1
        return "\n".join(f"{text}\t{help_}" if help_ else text for text, help_ in found), 0


SHELLS: Mapping[str, Shell] = {"bash": Bash(), "zsh": Zsh(), "fish": Fish()}
_STARTS = (
    "plan",
    "materialize",
    "status",
    "list",
    "check",
    "--select",
    "-s",
    "--exclude",
)  # an @ after these begins a word


def _is_break(piece: str) -> bool:
    return piece != "" and not piece.strip(_BREAKS)


def _split(line: str) -> list[str]:
    """Split as a shell would; a quote that is still open ends with the line."""
    for end in ("", "'", '"'):
        try:
            return shlex.split(line + end)
        except ValueError:
            continue
    return line.split()


def _unquoted(word: str) -> str:
    return " ".join(_split(word)) if re.search(r"['\"\\]", word) else word


def _zsh(text: str) -> str:
    escaped = text.replace('"', '""').replace("'", "''").replace("$", "\\$").replace("`", "\\`")
    return escaped.replace(":", r"\\:")
