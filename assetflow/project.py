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
    from assetflow.operate.catalog import AssetDetails, CatalogEntry, RecordedEntry, StatusRow
    from assetflow.operate.explain import Explanation
    from assetflow.operate.forget import Erased
    from assetflow.operate.gc import Collected
    from assetflow.operate.judge_published import CheckReport
    from assetflow.operate.materialization import Materialization
    from assetflow.operate.provenance import Lineage, Provenance
    from assetflow.operate.reading import Snapshot
    from assetflow.operate.records import RunDetails, VersionDetails
    from assetflow.operate.verify import Verified
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

    def check(
        self, selection: str | None = None, *, exclude: str | None = None, again: bool = False
    ) -> CheckReport:
        """Judge what is published with all its checks; what was judged before is remembered, unless ``again``."""
        from assetflow.operate.judge_published import judge_published

        return judge_published(self._workspace, selection, exclude, again=again)

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

    def status(self, selection: str | None = None, *, exclude: str | None = None) -> list[StatusRow]:
        """Return how each selected asset stands, parents first."""
        from assetflow.operate import catalog

        return catalog.status(self._workspace, selection, exclude)

    def list(self, selection: str | None = None, *, exclude: str | None = None) -> Sequence[CatalogEntry]:
        """Return what is declared, of the assets selected."""
        from assetflow.operate import catalog

        return catalog.list_assets(self._workspace, selection, exclude)

    def recorded(self) -> Sequence[RecordedEntry]:
        """Return the assets that the store knows, declared or not; does not import the user's modules."""
        from assetflow.operate import catalog

        return catalog.list_recorded(self._workspace)

    def show(self, key: str) -> AssetDetails:
        """Return everything about one declared asset."""
        from assetflow.operate import catalog

        return catalog.details(self._workspace, key)

    def lineage(self, key: str) -> Lineage:
        """Return what ``key`` is made from and what is made from it."""
        from assetflow.operate.provenance import lineage

        return lineage(self._workspace, key)

    def provenance(self, reference: str) -> Provenance:
        """Return the versions that ``key[@reference]`` was made from, to any depth."""
        from assetflow.operate.provenance import provenance

        return provenance(self._workspace, reference, self._in)

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

    def gc(self, *, yes: bool = False, grace: str | float | None = None) -> Collected:
        """Forget versions that nothing needs, and delete what was forgotten a day ago.

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
        if self._settings.file is not None:
            return _open_workspace(self._settings.root or ".", env)
        return self._workspace.in_env(self._settings.model_copy(update={"env": env}))

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
