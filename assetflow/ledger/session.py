"""Owns the session: the ledger as it stands at one commit, and all questions that can be asked of it.

Knows nothing of how it came to be open, or of who waits for it to close.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assetflow.ledger.ancestry import AncestryQueries
from assetflow.ledger.breaks import BreakQueries
from assetflow.ledger.commits import CommitQueries
from assetflow.ledger.failures import FailureQueries
from assetflow.ledger.forgotten import ForgottenQueries
from assetflow.ledger.history import HistoryQueries
from assetflow.ledger.keeping import KeepingQueries
from assetflow.ledger.notices import NoticeQueries
from assetflow.ledger.pointers import PointerQueries
from assetflow.ledger.queries import Ask
from assetflow.ledger.records import RecordQueries
from assetflow.ledger.refreshes import RefreshQueries
from assetflow.ledger.runs import RunQueries
from assetflow.ledger.stored import StoredQueries
from assetflow.ledger.verdicts import VerdictQueries
from assetflow.storage.head import Head

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Session(
    PointerQueries,
    CommitQueries,
    RecordQueries,
    AncestryQueries,
    StoredQueries,
    VerdictQueries,
    HistoryQueries,
    RunQueries,
    FailureQueries,
    RefreshQueries,
    BreakQueries,
    ForgottenQueries,
    KeepingQueries,
    NoticeQueries,
):
    """The ledger at one commit, open for questions. Others wait for its end: ask, and leave."""

    def __init__(
        self,
        head: Head,
        ask: Ask,
        copy_to: Callable[[Path], None],
        defers: Mapping[str, Sequence[str]],
    ) -> None:
        super().__init__(ask, defers)
        self.head = head
        """The last commit that this session sees."""
        self._copy_to = copy_to

    def copy_to(self, path: Path) -> None:
        """Write a private copy of the ledger to ``path``, for queries that may take long."""
        self._copy_to(path)
