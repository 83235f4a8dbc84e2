"""Owns what is remembered of queries from one process to the next: what each reads, by its text.

A text's answer depends on the text, this release and DuckDB's alone. A file that is lost, cut short or of another
release costs time, never a wrong answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assetflow.hashing.answer_file import read_answers, write_answers
from assetflow.hashing.digest import digest
from assetflow.release import RELEASE

READING_NUMBER = 2
"""Of the rules in ``reading``: another one forgets what was read by those before."""


class QueryMemory:
    """Answers by text. ``file``: where they are kept; None: only for this process."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._recalled: dict[str, Any] | None = None
        self._asked: dict[str, Any] = {}

    def get(self, text: str) -> Any:
        """Return the answer to ``text``, plain JSON; None where none is known."""
        name = digest("query-memory/1", text)
        if self._recalled is None:
            self._recalled = read_answers(self._file, _key()) if self._file is not None else {}
        answer = self._asked.get(name, self._recalled.get(name))
        if answer is not None:
            self._asked[name] = answer
        return answer

    def keep(self, text: str, answer: Any) -> None:
        """Remember an answer."""
        self._asked[digest("query-memory/1", text)] = answer

    def save(self) -> None:
        """Keep the answers that were asked for, and no others, for the next process; never fails for it."""
        if self._file is not None and self._asked and self._asked != self._recalled:
            write_answers(self._file, _key(), self._asked)


def _key() -> str:
    from importlib import metadata  # slow to import, and needed where there are queries alone

    return digest("query-memory/1", READING_NUMBER, RELEASE, metadata.version("duckdb"))
