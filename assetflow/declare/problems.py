"""Owns how the problems of one declaration are gathered, each with its subject and its place."""

from __future__ import annotations

from assetflow.errors import Problem


class Problems:
    """Gathers what is wrong with one declaration.

    Args:
        subject: what the messages begin with, such as ``asset 'sales'``.
        where: ``file:line`` of the declaration.
    """

    def __init__(self, subject: str, where: str) -> None:
        self.subject = subject
        self.where = where
        self.found: list[Problem] = []

    def add(self, message: str, hint: str | None = None) -> None:
        """Note one problem; ``hint`` says how to mend it."""
        self.add_at(self.where, message, hint)

    def add_at(self, where: str, message: str, hint: str | None = None) -> None:
        """Note one problem that stands elsewhere than the declaration."""
        self.found.append(Problem(f"{self.subject}: {message}", where, hint))
