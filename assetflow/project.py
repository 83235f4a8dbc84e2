"""The public facade: open a project, and one method for each thing that can be done with it.

Every face (command line, notebooks, pages) calls these and shows what they return. No rules of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetflow.operate.workspace import Workspace
from assetflow.settings.discovery import discover
from assetflow.settings.load import load_settings
from assetflow.settings.settings import Settings, SettingValue
from assetflow.storage.store import open_store

if TYPE_CHECKING:
    import pyarrow as pa

    from assetflow.execution.events import Listener
    from assetflow.execution.run import Run
    from assetflow.ledger.history import HistoryEntry, LogEntry
    from assetflow.ledger.runs import RunRow
    from assetflow.model.actions import Verdict
    from assetflow.model.spec import ExposureSpec
    from assetflow.operate.catalog import AssetDetails, CatalogEntry, RecordedEntry, StatusRow
    from assetflow.operate.diff import Diff
    from assetflow.operate.environment_change import EnvironmentChange
    from assetflow.operate.environment_export import ExportedEnvironment
    from assetflow.operate.environments import EnvironmentDifference, Restraints
    from assetflow.operate.explain import Explanation, VersionExplanation
    from assetflow.operate.forget import Erased
    from assetflow.operate.gc import Collected
    from assetflow.operate.judge_published import CheckReport
    from assetflow.operate.materialization import Materialization
    from assetflow.operate.policies import LintReport
    from assetflow.operate.provenance import Lineage, Provenance
    from assetflow.operate.reading import Snapshot
    from assetflow.operate.records import RunDetails, VersionDetails
    from assetflow.operate.reproduce import Reproduction
    from assetflow.operate.retry import Left
    from assetflow.operate.rollback import HoldBack
    from assetflow.operate.verify import Verified
    from assetflow.operate.why_broke import WhyBroke
    from assetflow.planning.plan import Plan

Config = Mapping[str, Mapping[str, Any]]


def open_project(path: str | Path = ".", env: str | None = None) -> Project:
    """Open the project that the folder ``path`` lies in, as the environment ``env`` sees it.

    The user's modules are imported when something needs the declarations, not before.

    Raises:
        SettingsError: there are no settings, or they do not say what they must.
    """
    return Project._of(_open_workspace(path, env))  # noqa: SLF001 - the other way to make one


class Project:
    """A project, opened in one environment.

    Args:
        assets: the declared assets, sources, checks and resources.
        store: where versions are kept: a path, or any fsspec URL; ``memory://`` keeps them in this object alone.
        env: name of the environment.
        name: name of the project; a store remembers whose it is.
        root: folder that relative paths are relative to, where ledger and caches are kept; None: in memory.
        jobs: how many assets run at once; None for the number of processors.
        executor: ``threads``, or ``inline`` to run everything in the caller's thread.
        publish: what readers see at once: each ``asset`` as it passes its checks, or what a whole ``run`` changed.

    Raises:
        SettingsError: the store's URL makes no sense.
    """

    def __init__(
        self,
        assets: Sequence[Any],
        *,
        store: str | Path = "memory://",
        env: str = "dev",
        name: str | None = None,
        root: str | Path | None = None,
        jobs: int | None = None,
        executor: str = "threads",
        publish: str = "asset",
    ) -> None:
        folder = Path(root).resolve() if root is not None else None
        settings = Settings.model_validate(
            {
                "root": folder,
                "name": name,
                "env": env,
                "environments": (env,),
                "store": _absolute(str(store), folder),
                "max_parallel": jobs,
                "executor": executor,
                "publish": publish,
            }
        )
        declared = tuple(assets)
        self._workspace = Workspace(settings, _open_store(settings), folder, lambda: declared)

    @classmethod
    def _of(cls, workspace: Workspace) -> Project:
        """Return the project of a workspace that was made otherwise."""
        project = cls.__new__(cls)
        project._workspace = workspace  # noqa: SLF001 - its own
        return project

    @property
    def _settings(self) -> Settings:
        return self._workspace.settings

    @property
    def name(self) -> str | None:
        """The project's name, None where it has none."""
        return self._settings.name

    @property
    def env(self) -> str:
        """Name of the environment."""
        return self._settings.env

    @property
    def protected(self) -> bool:
        """Whether people are asked before they move this environment's pointers by hand."""
        return self._settings.protected

    @property
    def environments(self) -> tuple[str, ...]:
        """Names of all environments."""
        return self._settings.environments

    @property
    def root(self) -> Path | None:
        """The project's folder, None where it has none."""
        return self._settings.root

    @property
    def store(self) -> str:
        """URL of the store."""
        return self._workspace.store.url

    @property
    def settings(self) -> tuple[SettingValue, ...]:
        """Every setting that is in force, and where it comes from; secrets are masked."""
        return self._settings.values

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of all declared assets, parents first."""
        return self._workspace.order

    def plan(
        self,
        selection: str | None = None,
        *,
        exclude: str | None = None,
        force: bool = False,
        config: Config | None = None,
    ) -> Plan:
        """Say what would run, be judged or be published, and why; runs nothing and commits nothing.

        ``config``: fields of config models by asset key, above the settings'.
        """
        from assetflow.operate.planning import plan

        return plan(self._workspace, selection, exclude=exclude, force=force, config=config).plan

    def materialize(
        self,
        selection: str | None = None,
        *,
        exclude: str | None = None,
        force: bool = False,
        jobs: int | None = None,
        fail_fast: bool = False,
        config: Config | None = None,
        listener: Listener | None = None,
        command: str = "",
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
            listener: is told of progress, as ``execution.events``.
            command: what the person typed, for the record.

        Raises:
            UsageError: the selection, the settings or the declarations are wrong.
            StoreError: the store cannot be read or written.
        """
        from assetflow.operate.how import How
        from assetflow.operate.materialize import materialize

        how = How(jobs, fail_fast, command, listener or (lambda _event: None))
        return materialize(self._workspace, selection, exclude=exclude, force=force, config=config, how=how)

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

    def check(
        self, selection: str | None = None, *, exclude: str | None = None, again: bool = False
    ) -> CheckReport:
        """Judge what is published with all its checks; what was judged before is remembered, unless ``again``."""
        from assetflow.operate.judge_published import judge_published

        return judge_published(self._workspace, selection, exclude, again=again)

    def lint(self, selection: str | None = None, *, exclude: str | None = None) -> LintReport:
        """Say which declared assets lack what the policies in the settings require; ``passed`` when none does."""
        from assetflow.operate.policies import lint

        return lint(self._workspace, selection, exclude)

    def load(
        self,
        key: str,
        as_type: Any = None,
        *,
        version: str | None = None,
        at: int | str | datetime | None = None,
        env: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> Any:
        """Return the data of ``key``: what the environment publishes, or another version.

        A file or folder comes as the path of a temporary copy, to change as you like, which is removed when the process
        ends; ``get`` writes one to a place of your own.

        Args:
            key: the asset.
            as_type: the form: a class such as ``pandas.DataFrame`` or ``polars.LazyFrame``, a model to decode into,
                or a form's name; None for what is stored (a table comes as ``pyarrow.Table``).
            version: the beginning of a version's id, or ``HEAD~1``.
            at: what was published then: a commit's number, a time, a date.
            env: another environment.
            columns: only these columns of a table.

        Raises:
            UnknownNameError: there is no such version.
            DamagedError: stored bytes are missing or not what was recorded.
        """
        from assetflow.operate.reading import load

        wanted = tuple(columns) if columns is not None else None
        return load(self._in(env), key, as_type, version=version, at=at, columns=wanted)

    def snapshot(self, *, env: str | None = None, at: int | str | datetime | None = None) -> Snapshot:
        """Return a view of what is published now (or ``at`` a time) that does not move with later commits."""
        from assetflow.operate.reading import Snapshot

        return Snapshot(self._in(env), at)

    def current(self, key: str) -> Materialization:
        """Return the record of the version of ``key`` that is published; raise UnknownNameError when there is none."""
        from assetflow.operate import records

        return records.version_details(self._workspace, key, self._in).materialization

    def history(self, key: str, limit: int | None = None) -> list[HistoryEntry]:
        """Return the materializations of ``key``, newest first."""
        from assetflow.operate import records

        return records.history(self._workspace, key, limit)

    def version(self, reference: str) -> VersionDetails:
        """Return what is on record of ``key@reference``: an environment, a version, ``HEAD~1``, a date, ``#42``."""
        from assetflow.operate import records

        return records.version_details(self._workspace, reference, self._in)

    def diff(
        self,
        old: str,
        new: str | None = None,
        *,
        at: int | str | datetime | None = None,
        key: Sequence[str] = (),
        limit: int = 10,
    ) -> Diff:
        """Say what differs between two versions of an asset.

        Args:
            old: ``key@reference``: an environment, a version, ``HEAD~1``, a date, ``#42``. A key alone is what was
                published before the version that is published now, unless ``at`` says otherwise.
            new: ``key[@reference]``; None: the same asset, as it is published now.
            at: which version of ``old``, where that names none: a commit's number, a time, or a reference.
            key: columns that tell the rows of a table apart. None: those of a ``unique`` check that passed; without
                one, whole rows are compared.
            limit: how many added, removed and changed rows to show.

        Raises:
            UsageError: there is no such version, or the key is none.
            DamagedError: stored bytes are missing or not what was recorded.
        """
        from assetflow.operate.diff import diff

        columns = (key,) if isinstance(key, str) else tuple(key)
        return diff(self._workspace, old, new, self._in, at=at, key=columns, most=limit)

    def sql(self, query: str) -> pa.Table:
        """Return the rows of a SELECT over the ledger's tables and every published asset, by its key.

        Raises:
            QueryError: the statement is refused, or DuckDB cannot run it.
        """
        from assetflow.operate.query import query as run

        return run(self._workspace, query)

    def explain(self, key: str, *, config: Config | None = None) -> Explanation:
        """Say why ``key`` is in its state: its fingerprint now against the published one, with code diffs."""
        from assetflow.operate.explain import explain

        return explain(self._workspace, key, config=config)

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

    def status(self, selection: str | None = None, *, exclude: str | None = None) -> list[StatusRow]:
        """Return how each selected asset stands, parents first."""
        from assetflow.operate import catalog

        return catalog.status(self._workspace, selection, exclude)

    def list(self, selection: str | None = None, *, exclude: str | None = None) -> Sequence[CatalogEntry]:
        """Return what is declared, of the assets selected."""
        from assetflow.operate import catalog

        return catalog.list_assets(self._workspace, selection, exclude)

    def exposures(
        self, selection: str | None = None, *, exclude: str | None = None
    ) -> Sequence[ExposureSpec]:
        """Return who uses the assets selected, or what is made from them, as far as it is declared."""
        from assetflow.operate.exposures import list_exposures

        return list_exposures(self._workspace, selection, exclude)

    def recorded(self) -> Sequence[RecordedEntry]:
        """Return the assets that the store knows, declared or not; does not import the user's modules."""
        from assetflow.operate import catalog

        return catalog.list_recorded(self._workspace)

    def show(self, key: str) -> AssetDetails:
        """Return everything about one declared asset."""
        from assetflow.operate import catalog

        return catalog.details(self._workspace, key)

    def lineage(
        self, key: str, *, depth: int | None = None, upstream: bool = True, downstream: bool = True
    ) -> Lineage:
        """Return what ``key`` is made from and what is made from it, at most ``depth`` steps away (None: all)."""
        from assetflow.operate.provenance import Around, lineage

        return lineage(self._workspace, key, Around(depth, upstream, downstream))

    def provenance(
        self, reference: str, *, depth: int | None = None, upstream: bool = True, downstream: bool = True
    ) -> Provenance:
        """Return the versions that ``key[@reference]`` was made from, and those that were made from it.

        At most ``depth`` steps away (None: all).
        """
        from assetflow.operate.provenance import Around, provenance

        return provenance(self._workspace, reference, self._in, Around(depth, upstream, downstream))

    def promote(
        self,
        source: str,
        target: str,
        selection: str | None = None,
        *,
        exclude: str | None = None,
        strict: bool = False,
        dry_run: bool = False,
    ) -> EnvironmentChange:
        """Move the pointers of ``target`` to the versions that ``source`` publishes, in one commit; runs nothing.

        What ``target`` would not itself compute from there is refused: the result says what and why, and nothing
        moved. ``strict``: also where ``target`` has read a source later.
        """
        from assetflow.operate.promote import promote

        return promote(
            self._in(source), self._in(target), selection, exclude=exclude, strict=strict, dry_run=dry_run
        )

    def rollback(
        self,
        env: str | None = None,
        to: int | str | None = None,
        selection: str | None = None,
        *,
        exclude: str | None = None,
        hold: HoldBack = "auto",
        dry_run: bool = False,
    ) -> EnvironmentChange:
        """Move the pointers of ``env`` back, in one commit, and turn away what brought them there; runs nothing.

        Args:
            env: the environment; None for the project's.
            to: a commit, a time, a run, a version of one asset; None: before the last change that still stands.
            selection: which assets; None for all that would move.
            exclude: which not.
            hold: ``all``, ``changed`` or ``none`` of what moved; ``auto``: what was made by other code or config; all
                where nothing was.
            dry_run: only say what would be done.
        """
        from assetflow.operate.rollback import rollback

        return rollback(self._in(env), to, selection, exclude=exclude, hold=hold, dry_run=dry_run)

    def accept(self, *references: str, dry_run: bool = False) -> EnvironmentChange:
        """Lift what holds these assets back; publish their newest version (``key@version``) that checks rejected."""
        from assetflow.operate.accept import accept

        return accept(self._workspace, references, dry_run=dry_run)

    def pin(self, *references: str, dry_run: bool = False) -> EnvironmentChange:
        """Hold assets at the version that is published, or at ``key@version``, whatever runs."""
        from assetflow.operate.pin import pin

        return pin(self._workspace, references, dry_run=dry_run)

    def unpin(self, *keys: str, dry_run: bool = False) -> EnvironmentChange:
        """Let pinned assets go on."""
        from assetflow.operate.pin import unpin

        return unpin(self._workspace, keys, dry_run=dry_run)

    def restraints(self) -> Restraints:
        """Return what this environment does not do by itself: what is pinned, and what was turned away."""
        from assetflow.operate.environments import restraints

        return restraints(self._workspace)

    def compare_environments(self, before: str, after: str) -> EnvironmentDifference:
        """Return the assets of which ``after`` publishes another version than ``before``."""
        from assetflow.operate.environments import difference

        return difference(self._in(before), self._in(after))

    def create_environment(self, name: str, origin: str | None = None) -> EnvironmentChange:
        """Make an environment in this project's store, with the pointers of ``origin``: nothing is copied or run."""
        from assetflow.operate.environments import create

        return create(self._in(origin), name, origin)

    def delete_environment(self, name: str, *, dry_run: bool = False) -> EnvironmentChange:
        """End an environment: it publishes nothing any more; its versions stay on record, no other changes."""
        from assetflow.operate.environments import delete

        return delete(self._in(name), dry_run=dry_run)

    def in_environment(self, env: str) -> Project:
        """Return the same project, opened in another environment."""
        return Project._of(self._in(env))

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

    def failing_rows(self, verdict: Verdict) -> pa.Table | None:
        """Return the first 1,000 failing rows of a verdict, or None where there are none."""
        from assetflow.operate import records

        return records.failing_rows(self._workspace, verdict)

    def get(
        self,
        reference: str,
        target: str | Path,
        *,
        table_format: str | None = None,
        overwrite: bool = False,
    ) -> Path:
        """Write the data of ``key[@reference]`` to a file: csv, parquet, json, jsonl, arrow, by its suffix.

        ``table_format``: what a table is written as, whatever the file is called.

        Raises:
            UsageError: the file exists, cannot be written, or has a suffix that does not fit the data.
            DataError: the data cannot be said in this format.
        """
        from assetflow.operate.export import export

        return export(
            self._workspace,
            reference,
            Path(target),
            self._in,
            table_format=table_format,
            overwrite=overwrite,
        )

    def export_environment(
        self, target: str | Path, *, overwrite: bool = False, copy: bool = False
    ) -> ExportedEnvironment:
        """Write a DuckDB file with all that the environment publishes now: a view for each table, by its key.

        ``copy``: write the rows themselves, so that the file needs the store no more.

        Raises:
            UsageError: the file exists or cannot be written, or views cannot name the store's files.
            DamagedError: stored bytes are missing.
        """
        from assetflow.operate.environment_export import export_environment

        return export_environment(self._workspace, Path(target), overwrite=overwrite, copy=copy)

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

    def forget(self, reference: str) -> Erased:
        """Erase the data of the version ``key@reference`` at once; its record stays.

        Raises:
            UsageError: an environment publishes it or is pinned at it, or it lies in the log itself.
            UnknownNameError: there is no such version.
        """
        from assetflow.operate.forget import forget

        return forget(self._workspace, reference, self._in)

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

    def _in(self, env: str | None) -> Workspace:
        """Return the workspace of another environment of the same project."""
        if env is None or env == self.env:
            return self._workspace
        if self._settings.file is not None and not self._is_recorded_alone(env):
            return _open_workspace(self._settings.root or ".", env)
        return self._workspace.in_env(self._settings.model_copy(update={"env": env}))

    def _is_recorded_alone(self, env: str) -> bool:
        """Whether this store knows an environment that the settings name no more."""
        if env in self.environments:
            return False
        with self._workspace.ledger.session() as session:
            return env in session.environments()

    def __repr__(self) -> str:
        return f"<Project {self.name or ''} env={self.env!r} store={self.store!r}>".replace("  ", " ")


def _open_workspace(path: str | Path, env: str | None) -> Workspace:
    settings = load_settings(Path(path), env=env, environ=os.environ)
    return Workspace(settings, _open_store(settings), settings.root, lambda: discover(settings))


def _open_store(settings: Settings) -> Any:
    return open_store(
        settings.store,
        project=settings.name,
        durable=settings.durable,
        storage_options=settings.revealed_storage_options(),
    )


def _absolute(store: str, root: Path | None) -> str:
    return store if "://" in store else str((root or Path.cwd()) / store)
