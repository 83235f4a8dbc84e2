"""Owns asking about two histories side by side, which may be on record in one store or in two."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Protocol

from assetflow.ledger.records import Recorded
from assetflow.model.verdicts import CheckEvaluated
from assetflow.operate.workspace import Workspace


class History(Protocol):
    """What is asked of a ledger about one side; a session answers it."""

    def versions(self, ids: Collection[str]) -> dict[str, Recorded]:
        """Return the newest record of each of these versions that is on record."""

    def newest_with_data(self, data: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Return the newest version with each of these (asset, data version)."""

    def verdicts(self, data: Collection[tuple[str, str]]) -> list[CheckEvaluated]:
        """Return the evaluations of these (asset, data version)."""


def in_one_store(one: Workspace, other: Workspace) -> bool:
    """Whether two environments have their versions in the same store."""
    return one.store.url == other.store.url


@contextmanager
def both(good: Workspace, bad: Workspace) -> Iterator[tuple[History, History]]:
    """Open what is on record of both sides for questions."""
    if in_one_store(good, bad):
        with good.ledger.session() as session:
            yield session, session
    else:
        yield _EachTime(good), _EachTime(bad)


class _EachTime:
    """A ledger that is opened for each question: a session of one waits for that of another."""

    def __init__(self, workspace: Workspace) -> None:
        self._ledger = workspace.ledger

    def versions(self, ids: Collection[str]) -> dict[str, Recorded]:
        with self._ledger.session() as session:
            return session.versions(ids)

    def newest_with_data(self, data: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
        with self._ledger.session() as session:
            return session.newest_with_data(data)

    def verdicts(self, data: Collection[tuple[str, str]]) -> list[CheckEvaluated]:
        with self._ledger.session() as session:
            return session.verdicts(data)
