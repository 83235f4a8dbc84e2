"""Owns what is remembered of modules' texts from one process to the next: answers to questions about their syntax.

What a text says depends on the text, the question and the release alone, so that a module that is as it was need not
be parsed again. A file that is lost, cut short or of another text or release costs time, never a wrong answer. Knows
nothing of what the questions mean.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from assetflow.hashing.digest import digest, hash_bytes
from assetflow.release import RELEASE

MEMORY_NUMBER = 1
_DIGITS = 32  # of the hash that a file begins with


class Answers:
    """What is known of one text, by question: plain JSON. ``new``: whether there is more than what was recalled."""

    def __init__(self, known: dict[str, Any] | None = None) -> None:
        self._known = known if known is not None else {}
        self.new = False

    def get(self, question: str) -> Any:
        """Return the answer, None where none is known."""
        return self._known.get(question)

    def keep(self, question: str, answer: Any) -> None:
        """Remember an answer."""
        self._known[question] = answer
        self.new = True

    def to_json(self) -> dict[str, Any]:
        """Return all that is known."""
        return self._known


class CodeMemory:
    """The answers about all texts: one file for each module in ``folder``; None: only for this process."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._open: dict[str, tuple[str, Answers]] = {}

    def of(self, name: str, text: str) -> Answers:
        """Return what is known of a module's ``text``; ``name`` tells the project's modules apart."""
        if self._folder is None:
            return Answers()
        key = digest("code-memory/1", MEMORY_NUMBER, RELEASE, sys.version, text)
        file = f"{hash_bytes(name.encode(errors='surrogatepass'))}.json"
        answers = Answers(_read(self._folder / file, key))
        self._open[file] = key, answers
        return answers

    def save(self) -> None:
        """Keep what was learned for the next process; never fails for it."""
        for file, (key, answers) in self._open.items():
            if answers.new and self._folder is not None:
                with suppress(OSError):
                    _write(self._folder / file, {"key": key, "answers": answers.to_json()})
                answers.new = False


def _read(path: Path, key: str) -> dict[str, Any] | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if data[:_DIGITS] != hash_bytes(data[_DIGITS:]).encode():
        return None
    body: dict[str, Any] = json.loads(data[_DIGITS:])
    return body["answers"] if body["key"] == key else None


def _write(path: Path, body: dict[str, Any]) -> None:
    """Write a file whole or not at all; a reader of half of one would see it by the hash."""
    data = json.dumps(body, separators=(",", ":")).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(hash_bytes(data).encode() + data)
    partial.replace(path)
