"""Owns what is remembered of modules' texts from one process to the next: answers to questions about their syntax.

What a text says depends on the text, the question and the release alone, so that a module that is as it was need not
be parsed again. A file that is lost, cut short or of another text or release costs time, never a wrong answer. Knows
nothing of what the questions mean.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from assetflow.hashing.answer_file import read_answers, write_answers
from assetflow.hashing.digest import digest, hash_bytes
from assetflow.release import RELEASE

MEMORY_NUMBER = 1


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
        answers = Answers(read_answers(self._folder / file, key))
        self._open[file] = key, answers
        return answers

    def save(self) -> None:
        """Keep what was learned for the next process; never fails for it."""
        for file, (key, answers) in self._open.items():
            if answers.new and self._folder is not None:
                write_answers(self._folder / file, key, answers.to_json())
                answers.new = False
