"""Owns, of the public facade, what tells of the past: versions, runs, what differs, what broke, making it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from assetflow.project.opened import Opened

if TYPE_CHECKING:
    from assetflow.ledger.history import HistoryEntry, LogEntry
    from assetflow.ledger.runs import RunRow
    from assetflow.operate.diff import Diff
    from assetflow.operate.explain import VersionExplanation
    from assetflow.operate.provenance import Provenance
    from assetflow.operate.records import RunDetails, VersionDetails
    from assetflow.operate.reproduce import Reproduction
    from assetflow.operate.why_broke import WhyBroke


class Past(Opened):
    """Part of ``Project``: what tells of the past: versions, runs, what differs, what broke, making it again."""

    def history(self, key: str, limit: int | None = None) -> list[HistoryEntry]:
        """Return the materializations of ``key``, newest first."""
        from assetflow.operate import records

        return records.history(self._workspace, key, limit)

    def version(self, reference: str) -> VersionDetails:
        """Return what is on record of ``key@reference``: an environment, a version, ``HEAD~1``, a date, ``#42``."""
        from assetflow.operate import records

        return records.version_details(self._workspace, reference, self._in)

    def provenance(
        self, reference: str, *, depth: int | None = None, upstream: bool = True, downstream: bool = True
    ) -> Provenance:
        """Return the versions that ``key[@reference]`` was made from, and those that were made from it.

        At most ``depth`` steps away (None: all).
        """
        from assetflow.operate.provenance import Around, provenance

        return provenance(self._workspace, reference, self._in, Around(depth, upstream, downstream))

    def runs(self, limit: int | None = None) -> Sequence[RunRow]:
        """Return the newest runs of the store, newest first."""
        from assetflow.operate import records

        return records.runs(self._workspace, limit)

    def run(self, run_id: str) -> RunDetails:
        """Return one run, named by the beginning of its id."""
        from assetflow.operate import records

        return records.run_details(self._workspace, run_id)

    def logs(self, key: str | None = None, *, run: str | None = None) -> Sequence[tuple[LogEntry, str]]:
        """Return what tasks printed and logged: the newest log of ``key``, or all of a run."""
        from assetflow.operate import records

        return records.logs(self._workspace, key, run)

    def diff(
        self,
        old: str,
        new: str | None = None,
        *,
        at: int | str | datetime | None = None,
        key: Sequence[str] = (),
        whole_rows: bool = False,
        limit: int = 10,
    ) -> Diff:
        """Say what differs between two versions of an asset.

        Args:
            old: ``key@reference``: an environment, a version, ``HEAD~1``, a date, ``#42``. A key alone is what was
                published before the version that is published now, unless ``at`` says otherwise.
            new: ``key[@reference]``; None: the same asset, as it is published now.
            at: which version of ``old``, where that names none: a commit's number, a time, or a reference.
            key: columns that tell the rows of a table apart. None: those of a ``unique`` check that passed.
            whole_rows: compare whole rows instead: one that changed is one removed and one added.
            limit: how many added, removed and changed rows to show.

        Raises:
            UsageError: there is no such version, the key is none, or a table's rows have no key.
            DamagedError: stored bytes are missing or not what was recorded.
        """
        from assetflow.operate.diff import diff

        columns = (key,) if isinstance(key, str) else tuple(key)
        return diff(
            self._workspace, old, new, self._in, at=at, key=columns, whole_rows=whole_rows, most=limit
        )

    def explain_version(self, reference: str, *, against: str | None = None) -> VersionExplanation:
        """Say in what ``key[@reference]`` differs from another version, by what is on record; with code diffs.

        ``against``: that version, as after the ``@``; None for the one that was published before.
        """
        from assetflow.operate.explain import explain_version

        return explain_version(self._workspace, reference, against, self._in)

    def reproduce(self, *references: str) -> Sequence[Reproduction]:
        """Make versions again, by the recorded code, config and inputs, and compare what comes out with the record.

        In a fresh process for each, with the code unpacked into a temporary folder; nothing is written to the store.
        Resources are opened as the recorded code declares them, environment variables are those of now.

        Raises:
            UnknownNameError: there is no such version.
        """
        from assetflow.operate.reproduce import reproduce

        return reproduce(self._workspace, references, self._in)

    def why_broke(
        self, key: str, *, good: str | None = None, bad: str | None = None, run: bool = False
    ) -> WhyBroke:
        """Say in what the version of ``key`` that was rejected last, or could not be made, differs from the good one.

        Every difference is followed upstream to where it began, by what is on record; nearest first.

        Args:
            key: the asset; of one that was skipped, what broke above it is told.
            good: a version, as after an ``@``; None for what was published when it broke.
            bad: a version to take for the bad one; None for what was rejected or failed last in this environment.
            run: put each difference alone into the good version, in processes of their own, and judge what comes out;
                those that break it alone then come first. Writes nothing.

        Raises:
            UnknownNameError: nothing broke, nothing was good before, or there is no such version.
        """
        from assetflow.operate.why_broke import why_broke

        return why_broke(self._workspace, key, good, bad, self._in, run=run)
