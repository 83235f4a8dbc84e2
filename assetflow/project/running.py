"""Owns, of the public facade, what makes things: planning, materializing, running again, judging."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, Never

from assetflow.errors import UsageError
from assetflow.keys import did_you_mean
from assetflow.project.opened import Config, Opened

if TYPE_CHECKING:
    from datetime import datetime

    from assetflow.execution.events import Listener
    from assetflow.execution.run import Run
    from assetflow.operate.debugging import Debugged, Rehearsal
    from assetflow.operate.judge_published import CheckReport
    from assetflow.operate.policies import LintReport
    from assetflow.operate.retry import Left
    from assetflow.planning.plan import Plan


class Running(Opened):
    """Part of ``Project``: what makes things: planning, materializing, running again, judging."""

    def plan(
        self,
        selection: str | None = None,
        *,
        exclude: str | None = None,
        force: bool = False,
        config: Config | None = None,
        partition: str | None = None,
        **unknown: Never,
    ) -> Plan:
        """Say what would run, be judged or be published, and why; runs nothing and commits nothing.

        ``config``: fields of config models by asset key, above the settings'. ``partition``: which partitions, as
        ``materialize`` takes them.
        """
        from assetflow.operate.planning import plan

        _refuse(unknown, self.plan)
        return plan(
            self._workspace, selection, exclude=exclude, force=force, config=config, partitions=partition
        ).plan

    def materialize(
        self,
        selection: str | None = None,
        *,
        exclude: str | None = None,
        force: bool = False,
        jobs: int | None = None,
        fail_fast: bool = False,
        config: Config | None = None,
        partition: str | None = None,
        full_refresh: bool = False,
        listener: Listener | None = None,
        command: str = "",
        **unknown: Never,
    ) -> Run:
        """Bring what ``selection`` (None: everything) selects up to date, and publish what passes its checks.

        An asset's failure is a value in the returned run; ``run.raise_for_failure()`` raises it.

        Args:
            selection: which assets, in the selection language.
            exclude: which not.
            force: run them whatever is on record.
            jobs: how many at once.
            fail_fast: start nothing more after the first failure.
            config: fields of config models by asset key, above the settings'.
            partition: which partitions of what has some: ``"2026-11-01..2026-11-23"``, ``"latest"``, ``"missing"``,
                ``"failed"``, ``"rejected"``, ``"stale"``; all where left out.
            full_refresh: run incremental assets without their previous version: from nothing.
            listener: is told of progress, as ``execution.events``.
            command: what the person typed, for the record.
            unknown: nothing; what is given is refused with the nearest that there is.

        Raises:
            UsageError: the selection, the settings or the declarations are wrong.
            StoreError: the store cannot be read or written.
        """
        from assetflow.operate.how import How
        from assetflow.operate.materialize import materialize

        _refuse(unknown, self.materialize)
        how = How(jobs, fail_fast, command, listener or (lambda _event: None), full_refresh=full_refresh)
        return materialize(
            self._workspace,
            selection,
            exclude=exclude,
            force=force,
            config=config,
            partitions=partition,
            how=how,
        )

    def partitions(self, name: str) -> tuple[str, ...]:
        """Return the keys that were added to the dynamic partitions called ``name``, in their order."""
        from assetflow.operate.added_partitions import added_partitions

        return added_partitions(self._workspace, name)

    def add_partitions(self, name: str, keys: Sequence[str]) -> tuple[str, ...]:
        """Add keys to the dynamic partitions called ``name``; return those that were new.

        Raises:
            UnknownNameError: no asset is declared with such partitions.
            UsageError: a key is none.
        """
        from assetflow.operate.added_partitions import add_partitions

        return add_partitions(self._workspace, name, keys)

    def retry(
        self,
        run: str | None = None,
        *,
        jobs: int | None = None,
        fail_fast: bool = False,
        config: Config | None = None,
        listener: Listener | None = None,
        command: str = "",
    ) -> Run:
        """Materialize what a run left undone: what failed, was rejected, skipped, cancelled or held back.

        Args:
            run: the beginning of its id; None for the last of this environment that did not succeed.
            jobs: how many assets at once.
            fail_fast: start nothing more after the first failure.
            config: fields of config models by asset key; those of the run are not remembered.
            listener: is told of progress, as ``execution.events``.
            command: what the person typed, for the record.

        Returns:
            The run; one without assets where nothing was left.

        Raises:
            UnknownNameError: no run's id begins so, or those of several do.
            UsageError: the run still goes on, or was of another environment.
        """
        from assetflow.operate.how import How
        from assetflow.operate.retry import left_by, retry

        how = How(jobs, fail_fast, command, listener or (lambda _event: None))
        return retry(self._workspace, left_by(self._workspace, run), config=config, how=how)

    def left_by(self, run: str | None = None) -> Left:
        """Return what ``retry(run)`` would run, and of which run it is."""
        from assetflow.operate.retry import left_by

        return left_by(self._workspace, run)

    def debug(
        self,
        key: str,
        run: str | None = None,
        *,
        about: Callable[[Rehearsal], None] = lambda _: None,
        raised: Callable[[BaseException], None] = lambda _: None,
    ) -> Debugged:
        """Call the function of ``key`` here, with the inputs that it had when it last failed; nothing is recorded.

        Without a failure it gets what it would read now.

        Args:
            key: the asset.
            run: the beginning of the id of the run that it failed in; None for the last one.
            about: is told what will be called, with which inputs.
            raised: is told of what was raised, while the inputs are still there.

        Returns:
            What was ``raised``, else the ``output`` in words.

        Raises:
            UsageError: no function makes it.
            UnknownNameError: no such asset, no such run, or it did not fail in it.
        """
        from assetflow.operate.debugging import debug

        return debug(self._workspace, key, run, about=about, raised=raised)

    def check(
        self, selection: str | None = None, *, exclude: str | None = None, again: bool = False
    ) -> CheckReport:
        """Judge what is published with all its checks; what was judged before is remembered, unless ``again``."""
        from assetflow.operate.judge_published import judge_published

        return judge_published(self._workspace, selection, exclude, again=again)

    def notify(self, *, now: datetime | None = None) -> tuple[str, ...]:
        """Tell whoever the settings name in ``[notify]`` of what became late, or is late no longer, at ``now``.

        Runs do that themselves when they end. Each change is told once, whoever asks.

        Returns:
            What could not be told, and why.
        """
        from assetflow.operate.notifying import notify

        return notify(self._workspace, now=now)

    def lint(self, selection: str | None = None, *, exclude: str | None = None) -> LintReport:
        """Say which declared assets lack what the policies in the settings require; ``passed`` when none does."""
        from assetflow.operate.policies import lint

        return lint(self._workspace, selection, exclude)


def _refuse(unknown: Collection[str], method: Callable[..., Any]) -> None:
    """Raise UsageError where a method was called with what it does not take."""
    known = [name for name in inspect.signature(method).parameters if name not in ("self", "unknown")]
    for name in unknown:
        hint = did_you_mean(name, known) or f"it takes {', '.join(known)}"
        raise UsageError(f"{method.__name__} takes no {name}=", hint=hint)
