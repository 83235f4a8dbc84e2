"""Owns the workspace: one project opened in one environment, with its floors joined; each part made when first needed.

Questions about the past need only the store and the ledger; the user's modules are imported by what needs declarations,
and what only a run needs is imported when one begins.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetflow.declare.asset import Asset
from assetflow.declare.collect import Declared, collect
from assetflow.errors import DeclarationError, Problem, UnknownNameError
from assetflow.hashing.code import CodeReader, collecting_later
from assetflow.keys import did_you_mean
from assetflow.ledger.ledger import Ledger
from assetflow.lineage.graph import Graph
from assetflow.lineage.traits import Traits, traits_of
from assetflow.model.spec import AssetSpec
from assetflow.partitions.scheme import Moment
from assetflow.planning.layout import Layout
from assetflow.planning.resolve import Resolver
from assetflow.settings.modules import modules_of
from assetflow.settings.settings import Settings
from assetflow.storage.damage import DamageList
from assetflow.storage.store import Store

if TYPE_CHECKING:
    from assetflow.execution.loading import Loader
    from assetflow.execution.observation import Observer
    from assetflow.execution.remote import Remotes
    from assetflow.execution.shelf import Shelf
    from assetflow.frames.content import Content
    from assetflow.model.versions import RemoteVersion

STATE_FOLDER = ".assetflow"


@dataclass
class Workspace:
    """A project, opened.

    ``root``: the project folder, None for one that lives in a Python session. ``find``: returns the declared
    objects; importing the user's modules is what it costs. ``beside``: a workspace of another environment of the same
    store, to share what belongs to the store: the ledger, the hand-over in memory, the note of damage.
    """

    settings: Settings
    store: Store
    root: Path | None
    find: Callable[[], Sequence[Any]]
    beside: Workspace | None = None

    def in_env(self, settings: Settings) -> Workspace:
        """Return the workspace of another environment of the same store, with that environment's ``settings``."""
        return Workspace(settings, self.store, self.root, self.find, beside=self)

    @property
    def env(self) -> str:
        """Name of the environment."""
        return self.settings.env

    @property
    def state_folder(self) -> Path | None:
        """Folder of the ledger and the caches; None where nothing is kept between processes."""
        return self.root / STATE_FOLDER if self.root is not None else None

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of this store."""
        if self.beside:
            return self.beside.ledger
        return Ledger(self.state_folder, self.store, self.settings.defers)

    @cached_property
    def declared(self) -> Declared:
        """Every declaration of the project, validated; raises DeclarationError with all that is wrong anywhere."""
        found = self.find()
        try:
            folder = self.state_folder
            memory = folder / "queries.json" if folder is not None else None
            with collecting_later():
                return collect(found, root=self.root, memory=memory)
        except DeclarationError as error:
            raise DeclarationError([*error.problems, *_code_problems(found, self.root)]) from error

    @property
    def specs(self) -> Mapping[str, AssetSpec]:
        """The assets by key."""
        return self.declared.specs

    def layout(self) -> Layout:
        """Return the partitions of the assets as they are now."""
        added: Mapping[str, tuple[str, ...]] = {}
        if any(spec.partitions is not None and spec.partitions.is_dynamic for spec in self.specs.values()):
            with self.ledger.session() as session:
                added = session.added_keys()
        return Layout(self.specs, Moment(self.store.clock.now(), added))

    @cached_property
    def graph(self) -> Graph:
        """Which asset reads which."""
        return Graph({key: spec.upstream for key, spec in self.specs.items()})

    @cached_property
    def order(self) -> tuple[str, ...]:
        """All keys, parents first, what checks read counted as parents."""
        edges = {
            key: [*spec.upstream, *(item.key for check in spec.checks for item in check.inputs)]
            for key, spec in self.specs.items()
        }
        return Graph(edges).order()

    @cached_property
    def traits(self) -> Mapping[str, Traits]:
        """What selections may ask of each asset."""
        return {key: traits_of(spec, self.root) for key, spec in self.specs.items()}

    @cached_property
    def code(self) -> CodeReader:
        """Reads code versions."""
        folder = self.state_folder
        return CodeReader(self.root, self.packages, _described, folder / "code" if folder else None)

    @cached_property
    def packages(self) -> frozenset[str]:
        """Top-level packages that belong to the project wherever they are installed."""
        modules = [*self.settings.modules, *(spec.module for spec in self.specs.values())]
        return frozenset(module.partition(".")[0] for module in modules)

    @cached_property
    def modules(self) -> tuple[str, ...]:
        """Names of the modules that hold the declarations."""
        if self.settings.file is not None:
            return modules_of(self.settings)
        return tuple(sorted({spec.module for spec in self.specs.values()}))

    def resolver(self, config: Mapping[str, Mapping[str, Any]]) -> Resolver:
        """Return a resolver with ``config`` above the settings'."""
        self.settings.require_known_assets(self.specs)
        self.settings.require_known_pools(self.specs.values())
        merged = self.settings.configs()
        for key, fields in config.items():
            merged.setdefault(key, {}).update(fields)
        self.require(merged)
        return Resolver(self.code, self.declared.resources, merged, self.env)

    @cached_property
    def observer(self) -> Observer:
        """Observes sources; shares what it saw with later processes."""
        from assetflow.execution.observation import Observer

        folder = self.state_folder
        return Observer(self.root or Path.cwd(), folder / "observations.json" if folder else None)

    @cached_property
    def remotes(self) -> Remotes:
        """Reads other projects' stores."""
        from assetflow.execution.remote import Remotes

        folder = self.state_folder
        return Remotes(self.settings.remote_place, folder / "external" if folder else None, self.shelf)

    @property
    def damage(self) -> DamageList:
        """Objects that a reader found damaged or missing.

        Asked for anew each time: only from commit 1 on does the store have the id that names the file.
        """
        folder, store_id = self.state_folder, self.store.store_id
        if folder is None or store_id is None:
            return self._damage_in_memory
        return DamageList(folder / f"damaged-{store_id}")

    @cached_property
    def _damage_in_memory(self) -> DamageList:
        return self.beside._damage_in_memory if self.beside else DamageList(None)  # noqa: SLF001 - its own class

    @cached_property
    def shelf(self) -> Shelf:
        """The hand-over in memory."""
        from assetflow.execution.shelf import Shelf

        return self.beside.shelf if self.beside else Shelf()

    @cached_property
    def loader(self) -> Loader:
        """Loads recorded versions."""
        from assetflow.execution.loading import Loader

        return Loader(
            self.store.objects,
            self.observer,
            self.shelf,
            self._note_damage,
            self._read_elsewhere,
        )

    def _read_elsewhere(self, asset: str, remote: RemoteVersion, columns: tuple[str, ...] | None) -> Content:
        return self.remotes.content(asset, remote, columns)

    def _note_damage(self, names: tuple[str, ...]) -> None:
        self.damage.note(names)

    def require(self, keys: Collection[str]) -> None:
        """Raise UnknownNameError for the first of ``keys`` that is no asset."""
        for key in keys:
            if key not in self.specs:
                raise UnknownNameError(f"there is no asset {key!r}", hint=did_you_mean(key, self.specs))


def _code_problems(found: Sequence[Any], root: Path | None) -> list[Problem]:
    """Return what is wrong with the code of assets that cannot be resolved, because declarations are wrong too."""
    functions = [item for item in found if isinstance(item, Asset) and item.options.version is None]
    packages = frozenset(item.function.__module__.partition(".")[0] for item in functions)
    reader = CodeReader(root, packages, _described)
    problems: list[Problem] = []
    for item in functions:
        try:
            reader.version(item.function, ignore=tuple(item.options.ignore or ()))
        except DeclarationError as error:
            problems += error.problems
    return list(dict.fromkeys(problems))


def _described(value: Any) -> Any:
    """Tell the code reader what a pandera schema is made of; nothing of other values."""
    from assetflow.frames.pandera_schema import describe, is_schema

    return describe(value) if is_schema(value) else None
