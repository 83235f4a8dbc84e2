"""Owns what a dotted name of the syntax stands for in a loaded module: the value, and where it lives.

Reads namespaces and nothing else; of the project's modules, those that a function imports are imported. Knows
nothing of how values are hashed.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import importlib.util
import sys
from types import CellType, FunctionType, ModuleType
from typing import Any, NamedTuple

from assetflow.hashing.code_names import Imported, Name
from assetflow.hashing.code_project import OWN_PACKAGE, ProjectModules
from assetflow.hashing.code_text import DecoratorKind

_MISSING = object()


class ImportFailedError(Exception):
    """A module of the project that a function imports cannot be imported. ``module`` names it."""

    def __init__(self, module: str, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.module = module


class Found(NamedTuple):
    """What a name stands for.

    ``label``: as much of the name as leads to the value; ``rest``: the attributes read from it. ``namespace``,
    ``name``: of the module where the value lives; None and the variable for one of an enclosing function.
    """

    label: str
    value: Any
    namespace: dict[str, Any] | None
    name: str
    rest: tuple[str, ...] = ()


class Scope(NamedTuple):
    """Where the free names of a function or class are looked up. ``cells``: the variables of enclosing functions."""

    namespace: dict[str, Any]
    cells: dict[str, Any]

    @classmethod
    def of_function(cls, function: FunctionType) -> Scope:
        """Return the scope in which the body of ``function`` runs. Variables that have no value yet are left out."""
        return cls(function.__globals__, cells_of(function))


def cells_of(function: FunctionType) -> dict[str, Any]:
    """Return the closed-over variables of ``function`` that have a value."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return {name: value for name, cell in cells if (value := _contents(cell)) is not _MISSING}


def find(name: Name, scope: Scope, project: ProjectModules) -> Found | None:
    """Return what ``name`` stands for, or None for a builtin, a name without a value, or what third parties import.

    The way leads through the project's modules only: for ``np.linalg.norm`` it ends at the module ``np``.
    Raises ImportFailedError.
    """
    root, *rest = name.chain
    steps = [(attribute, attribute) for attribute in rest]
    if name.imported is not None:
        module = _module(_absolute(name.imported, scope), project)
        if module is None:
            return None
        if name.imported.name is None:
            return _follow(Found(root, module, None, root), steps, project)
        return _follow(Found("", module, None, ""), [(root, name.imported.name), *steps], project)
    if root in scope.cells:
        return _follow(Found(root, scope.cells[root], None, root), steps, project)
    if root in scope.namespace:
        return _follow(Found(root, scope.namespace[root], scope.namespace, root), steps, project)
    return None


def _contents(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a variable that has no value yet
        return _MISSING


def decorator_kind(decorator: str, namespace: dict[str, Any]) -> DecoratorKind:
    """Say whose decorator this is, by what its dotted name stands for at the top of the module ("": it has none)."""
    root, *rest = decorator.split(".")
    if rest and rest[-1] in {"setter", "getter", "deleter"}:
        return "plain"
    value = namespace.get(root, getattr(builtins, root, _MISSING))
    for attribute in rest:
        if _home(value) == OWN_PACKAGE or not isinstance(value, ModuleType):
            break
        value = vars(value).get(attribute, _MISSING)
    home = _home(value)
    if home == OWN_PACKAGE:
        return "own"
    return "plain" if home in sys.stdlib_module_names and value is not _MISSING else "other"


def _home(value: object) -> str:
    """Return the top-level package that a value comes from."""
    if isinstance(value, functools.partial):
        return _home(value.func)
    if isinstance(value, ModuleType):
        return value.__name__.partition(".")[0]
    own = type(value).__module__.partition(".")[0]
    module = getattr(value, "__module__", None)
    return own if own == OWN_PACKAGE or not isinstance(module, str) else module.partition(".")[0]


def _follow(found: Found, steps: list[tuple[str, str]], project: ProjectModules) -> Found | None:
    """Take ``steps``, pairs of what is written and the attribute it stands for, as long as modules lead on."""
    for taken, (written, attribute) in enumerate(steps):
        module = found.value
        if not isinstance(module, ModuleType) or not project.belongs(module.__name__):
            return found._replace(rest=tuple(attribute for _, attribute in steps[taken:]))
        value = _attribute(module, attribute, project)
        if value is _MISSING:
            return None
        found = Found(f"{found.label}.{written}".lstrip("."), value, vars(module), attribute)
    return found


def _attribute(module: ModuleType, attribute: str, project: ProjectModules) -> Any:
    """Return an attribute or a submodule; a module's ``__getattr__`` stands for what it would return."""
    namespace = vars(module)
    if attribute in namespace:
        return namespace[attribute]
    submodule = _module(f"{module.__name__}.{attribute}", project) if "__path__" in namespace else None
    return submodule if submodule is not None else namespace.get("__getattr__", _MISSING)


def _module(name: str, project: ProjectModules) -> ModuleType | None:
    """Return a module of the project, imported now if need be; None for any other, and where there is none."""
    if not project.belongs(name):
        return None
    if name not in sys.modules:
        try:
            if importlib.util.find_spec(name) is None:
                return None
            importlib.import_module(name)
        except Exception as error:  # importing runs the user's code, which may raise anything
            raise ImportFailedError(name, error) from error
    return sys.modules[name]


def _absolute(imported: Imported, scope: Scope) -> str:
    if not imported.level:
        return imported.module
    package = scope.namespace.get("__package__") or str(scope.namespace.get("__name__")).rpartition(".")[0]
    relative = "." * imported.level + imported.module
    try:
        return importlib.util.resolve_name(relative, package)
    except ImportError as error:  # more dots than there are packages
        raise ImportFailedError(relative, error) from error
