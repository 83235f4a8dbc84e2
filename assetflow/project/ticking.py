"""Owns, of the public facade, what goes by the clock: ticks, what is due, and having cron call them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assetflow.errors import UsageError
from assetflow.project.opened import Opened

if TYPE_CHECKING:
    from assetflow.execution.events import Listener
    from assetflow.operate.crontab_text import CronEntry
    from assetflow.operate.due import Timing
    from assetflow.operate.tick import Tick


class Ticking(Opened):
    """Part of ``Project``: what goes by the clock: ticks, what is due, and having cron call them."""

    def tick(
        self,
        *,
        dry_run: bool = False,
        jobs: int | None = None,
        listener: Listener | None = None,
        command: str = "",
    ) -> Tick:
        """Run what is due by its ``refresh=``, with all below it, and what failed and may be tried again.

        Nothing due commits nothing. Where another tick of this environment goes on, nothing is done, and
        ``tick.beside`` says which. To be called often: by cron, a timer, a scheduler.

        Args:
            dry_run: only ask the probes, and say what is due, and when the next is.
            jobs: how many assets at once.
            listener: is told of progress, as ``execution.events``.
            command: what the person typed, for the record.

        Raises:
            UsageError: the settings or the declarations are wrong.
            StoreError: the store cannot be read or written.
        """
        from assetflow.operate.how import How
        from assetflow.operate.tick import tick

        how = How(jobs, False, command, listener or (lambda _event: None))
        return tick(self._workspace, dry_run=dry_run, how=how)

    def timings(self) -> tuple[Timing, ...]:
        """Return what is due by its ``refresh=``, and when the rest is; of probes the last answers count."""
        from assetflow.operate.due import Due

        return Due(self._workspace).timings

    def cron_install(self, every: str = "1m") -> CronEntry:
        """Have the user's crontab call ``assetflow tick`` for this environment: by this interpreter, in this project.

        It writes a marked block, and leaves everything else in the crontab as it is.

        Raises:
            UsageError: the project has no folder, its path cannot stand in a crontab, or cron cannot call so often.
            CrontabError: the crontab cannot be read or written; nothing is lost.
        """
        from assetflow.operate.crontab import install

        return install(self._folder, self.env, every, self._kept)

    def cron_entries(self) -> list[CronEntry]:
        """Return all ticks in the user's crontab: of all environments, of other projects too."""
        from assetflow.operate.crontab import installed

        return installed()

    def cron_remove(self) -> CronEntry | None:
        """Take this environment's ticks out of the user's crontab; None where there were none.

        Raises:
            CrontabError: the crontab cannot be read or written; nothing is lost.
        """
        from assetflow.operate.crontab import remove

        return remove(self._folder, self.env, self._kept)

    @property
    def _folder(self) -> Path:
        if self.root is None:
            raise UsageError(
                "a project without a folder cannot be called by cron", hint="save it as a project"
            )
        return self.root

    @property
    def _kept(self) -> Path:
        folder = self._workspace.state_folder
        assert folder is not None  # it has a folder
        return folder
