"""Owns finding the declarations: imports a project's modules and looks through their namespaces.

The one place that runs the user's module code. Knows nothing of what the declarations say.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from assetflow.declare.asset import Asset
from assetflow.declare.assets import Assets
from assetflow.declare.check import Check
from assetflow.declare.command import Command
from assetflow.declare.exposure import Exposure
from assetflow.declare.external import External
from assetflow.declare.resource import Resource
from assetflow.declare.source import Source
from assetflow.declare.sql import SqlAsset
from assetflow.errors import DeclarationError, Problem, SettingsError
from assetflow.settings.import_failure import import_problem
from assetflow.settings.modules import import_folders, is_module, modules_of, put_on_path, submodules_in
from assetflow.settings.settings import Settings
from assetflow.settings.sql_files import sql_files

_DECLARATIONS = (Asset, Assets, SqlAsset, Command, Source, External, Check, Resource, Exposure)
_DEPTH = 3  # of lists in dictionaries in lists


def discover(settings: Settings) -> list[object]:
    """Import the project's modules, and return every declaration in them, each once.

    The ``*.sql`` files beside the named modules are assets too (``sql_files``).

    They are found as values of module-level names, and inside lists, tuples, sets and dictionaries there
    (what factories make). Packages are walked to any depth; tests in them are left out.

    Raises:
        SettingsError: a module named in the settings does not exist, or is hidden by another one.
        DeclarationError: modules cannot be imported; with the user's own frames.
    """
    if settings.root is not None:
        put_on_path(settings.root)
    importlib.invalidate_caches()  # files may be younger than what this process remembers of their folder
    importer = _Importer(settings.root)
    named = modules_of(settings)
    for name in named:
        _require_not_hidden(name, settings)
        importer.take(name)
    if importer.problems:
        raise DeclarationError(list(dict.fromkeys(importer.problems))) from importer.cause
    found = declarations_in(importer.modules)
    return [*found, *sql_files([sys.modules[name] for name in named], found)]


def declarations_in(modules: Iterable[ModuleType]) -> list[object]:
    """Return the declarations in the namespaces of ``modules``, each once, in order of appearance."""
    found: dict[int, object] = {}
    for module in modules:
        for value in list(vars(module).values()):
            for item in _declarations_of(value, _DEPTH):
                found.setdefault(id(item), item)
    return list(found.values())


def _declarations_of(value: Any, depth: int) -> Iterator[object]:
    kind = type(value)  # isinstance would ask proxies what they stand for, and some cannot say it now
    if issubclass(kind, _DECLARATIONS):
        yield value
    elif depth and issubclass(kind, dict | list | tuple | set | frozenset):
        for item in list(value.values() if issubclass(kind, dict) else value):
            yield from _declarations_of(item, depth - 1)


class _Importer:
    """Imports modules and what lies below them, and gathers what fails."""

    def __init__(self, root: Path | None) -> None:
        self.modules: list[ModuleType] = []
        self.problems: list[Problem] = []
        self.cause: BaseException | None = None
        self._root = root

    def take(self, name: str) -> None:
        """Import ``name``, then its submodules in order of name."""
        try:
            module = importlib.import_module(name)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's code may raise anything
            self.problems.append(import_problem(name, error, self._root))
            self.cause = self.cause or error
            return
        self.modules.append(module)
        for folder in getattr(module, "__path__", ()):
            if Path(folder).is_dir():
                for below in submodules_in(Path(folder)):
                    self.take(f"{name}.{below}")


def _require_not_hidden(name: str, settings: Settings) -> None:
    """Raise where the project has the module, but Python already holds another one of that name."""
    top = name.partition(".")[0]
    loaded = getattr(sys.modules.get(top), "__file__", None)
    root = settings.root
    if loaded is None or root is None or not any(is_module(folder, top) for folder in import_folders(root)):
        return
    if not Path(loaded).resolve().is_relative_to(root):
        raise SettingsError(
            f"module {top!r} of {root} cannot be imported: this process already has one, from {loaded}",
            hint="rename one of them, or open the project in a process of its own",
        )
