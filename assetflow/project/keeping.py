"""Owns, of the public facade, what looks after the store and its ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from assetflow.project.opened import Opened

if TYPE_CHECKING:
    from assetflow.operate.forget import Erased
    from assetflow.operate.gc import Collected
    from assetflow.operate.verify import Verified


class Keeping(Opened):
    """Part of ``Project``: what looks after the store and its ledger."""

    def gc(self, *, yes: bool = False, grace: str | float | None = None) -> Collected:
        """Forget versions that nothing needs, delete what was forgotten a day ago; say what goes and what stays.

        Args:
            yes: do it; without, nothing is changed.
            grace: what is younger stays, whatever it is: seconds, or text such as ``"2d"``; None for a day.

        Raises:
            UsageError: ``grace`` makes no sense, or is too short for a run that goes on.
            StoreError: the store cannot be listed or read as a whole: then nothing is deleted.
        """
        from assetflow.operate.gc import gc, grace_of

        return gc(self._workspace, yes=yes, grace=grace_of(grace))

    def verify(
        self,
        selection: str | None = None,
        *,
        exclude: str | None = None,
        repair: bool = False,
        head: str | None = None,
        told: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> Verified:
        """Read all that is stored (of a selection: its data) and compare it with its name, the log with itself.

        Args:
            selection: the assets whose data are read; None for everything.
            exclude: which not.
            repair: have what is damaged made again by the next materialize; make a wrong ledger anew.
            head: hash of a commit that the log must have.
            told: is called with the number of objects read, and of all.
        """
        from assetflow.operate.verify import verify

        keys = None
        if selection is not None or exclude is not None:
            from assetflow.operate.planning import selected

            keys = selected(self._workspace, selection, exclude)
        return verify(self._workspace, keys, repair=repair, trusted=head, told=told)

    def forget(self, reference: str, *, dry_run: bool = False) -> Erased:
        """Erase the data of the version ``key@reference`` at once; its record stays.

        Args:
            reference: the version.
            dry_run: only say what would go.

        Raises:
            UsageError: an environment publishes it or is pinned at it, or it lies in the log itself.
            UnknownNameError: there is no such version.
        """
        from assetflow.operate.forget import forget

        return forget(self._workspace, reference, self._in, dry_run=dry_run)

    @property
    def ledger_path(self) -> Path | None:
        """The file of the ledger; None in memory, and while nothing is on record."""
        return self._workspace.ledger.path

    def rebuild_ledger(self) -> int:
        """Make the ledger anew from the log; return the number of the last commit."""
        self._workspace.ledger.rebuild()
        return self.sync_ledger()

    def sync_ledger(self) -> int:
        """Bring the ledger to the log's head; return the number of the last commit."""
        with self._workspace.ledger.session() as session:
            return session.head.number
