"""Owns the project as it is opened in one environment: its settings, its store; what all parts of the facade share."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from assetflow.declare.retry import timeout_of
from assetflow.operate.workspace import Workspace
from assetflow.settings.discovery import discover
from assetflow.settings.load import load_settings
from assetflow.settings.settings import Settings, SettingValue
from assetflow.storage.store import open_store

Config = Mapping[str, Mapping[str, Any]]
"""Fields of config models, by asset key."""


class Opened:
    """A project, opened in one environment; ``Project`` tells of the arguments."""

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
        timeout: float | str | None = None,
        pools: Mapping[str, int] | None = None,
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
                "timeout": timeout if timeout is None else timeout_of(timeout),
                "pools": dict(pools or {}),
            }
        )
        declared = tuple(assets)
        self._workspace = Workspace(settings, _open_store(settings), folder, lambda: declared)

    @classmethod
    def _of(cls, workspace: Workspace) -> Self:
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

    def _in(self, env: str | None) -> Workspace:
        """Return the workspace of another environment of the same project."""
        if env is None or env == self.env:
            return self._workspace
        if self._settings.file is not None and not self._is_recorded_alone(env):
            return open_workspace(self._settings.root or ".", env)
        return self._workspace.in_env(self._settings.model_copy(update={"env": env}))

    def _is_recorded_alone(self, env: str) -> bool:
        """Whether this store knows an environment that the settings name no more."""
        if env in self.environments:
            return False
        with self._workspace.ledger.session() as session:
            return env in session.environments()

    def __repr__(self) -> str:
        return f"<Project {self.name or ''} env={self.env!r} store={self.store!r}>".replace("  ", " ")


def open_workspace(path: str | Path, env: str | None) -> Workspace:
    """Open the project that a folder lies in."""
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
