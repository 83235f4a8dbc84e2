"""Owns the identity of captured values: module constants, closed-over variables, defaults.

Functions and classes inside them are handed back to be followed; what has no identity is handed back with its
place. Knows nothing of where a value was captured.
"""

from __future__ import annotations

import collections
import sys
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from assetflow.errors import DataError
from assetflow.hashing.code_forms import SECRETS, parts_of
from assetflow.hashing.code_kinds import kind_of, name_of
from assetflow.hashing.code_project import ProjectModules
from assetflow.hashing.code_scope import cells_of
from assetflow.hashing.values import hash_value

Describe = Callable[[Any], Any]
Tree = Any
"""Plain values as they are; anything else a tuple that begins with a tag, so that no two values have one tree."""

_ATOMS = frozenset({type(None), bool, int, float, complex, str, bytes})
_SEQUENCES: dict[type, str] = {list: "list", tuple: "tuple", collections.deque: "deque"}
_MAPPINGS: dict[type, str] = {
    dict: "dict",
    collections.OrderedDict: "dict",
    collections.Counter: "counter",
    collections.defaultdict: "defaultdict",
    types.MappingProxyType: "dict",
}
_HASHED_WHOLE = sys.stdlib_module_names | {
    "numpy",
    "pandas",
}  # whose types value/1 may know: no subclass of a user's


class Captured(NamedTuple):
    """The identity of one value.

    ``follow``: (place, function or class) whose code is a part of it. ``opaque``: what cannot be followed.
    ``failures``: (place, object) without an identity; where there is one, ``digest`` is not to be believed.
    """

    digest: str
    follow: tuple[tuple[str, Any], ...] = ()
    opaque: tuple[str, ...] = ()
    failures: tuple[tuple[str, Any], ...] = ()


def capture(value: Any, project: ProjectModules, describe: Describe, place: str = "") -> Captured:
    """Return the identity of ``value``. ``place``: what the places of things inside it begin with."""
    if type(value) in _ATOMS:
        return Captured(hash_value(value))
    encoder = _Encoder(project, describe)
    tree = encoder.encode(value, place)
    try:
        identity = hash_value(tree)
    except DataError:  # nested too deep
        encoder.failures.append((place, value))
        identity = ""
    return Captured(identity, tuple(encoder.follow), tuple(encoder.opaque), tuple(encoder.failures))


class _Encoder:
    def __init__(self, project: ProjectModules, describe: Describe) -> None:
        self.follow: list[tuple[str, Any]] = []
        self.opaque: list[str] = []
        self.failures: list[tuple[str, Any]] = []
        self._project = project
        self._describe = describe
        self._around: set[int] = set()

    def encode(self, value: Any, place: str) -> Tree:
        """Return the tree of ``value``."""
        if type(value) in _ATOMS:
            return value
        if id(value) in self._around:
            return self._fail(value, place)  # it holds itself
        self._around.add(id(value))
        try:
            tree = self._container(value, place) or self._code(value, place) or self._object(value, place)
        except DataError:
            tree = None
        self._around.discard(id(value))
        return tree or self._fail(value, place)

    def _fail(self, value: Any, place: str) -> Tree:
        self.failures.append((place, value))
        return ("failed",)

    def _container(self, value: Any, place: str) -> Tree | None:
        kind = type(value)
        if kind in _SEQUENCES:
            return (_SEQUENCES[kind], *(self.encode(item, f"{place}[{i}]") for i, item in enumerate(value)))
        if kind in _MAPPINGS:
            factory = getattr(value, "default_factory", None)
            return (_MAPPINGS[kind], self.encode(factory, place), *self._items(value, place))
        if kind in {set, frozenset}:
            return (kind.__name__, *(self.encode(item, place) for item in sorted(value, key=self._order)))
        if kind is types.SimpleNamespace:
            return ("namespace", *self._items(vars(value), place))
        return None

    def _items(self, mapping: Mapping[Any, Any], place: str) -> Iterable[Tree]:
        """Encode a mapping in its own order: code that iterates over it does so too."""
        for key, item in mapping.items():
            yield self.encode(key, place), self.encode(item, f"{place}[{key!r}]")

    def _order(self, item: Any) -> str:
        """Return what sorts the items of a set, which come in another order in each process."""
        return name_of(item) if callable(item) else capture(item, self._project, self._describe).digest

    def _code(self, value: Any, place: str) -> Tree | None:
        kind = kind_of(value, self._project)
        match kind:
            case "function" | "class":
                return self._followed(value, place)
            case "foreign":
                inside = foreign_parts(value, self._project)
                name = f"{value.__globals__.get('__name__')}:{value.__code__.co_qualname}"  # wraps() hides it
                return ("foreign", name, *(self._followed(part, place) for part in inside))
            case "wrapper":
                return ("wrapper", self.encode(value.__wrapped__, place), *self._wrapper_class(value, place))
            case "opaque" | "named":
                self.opaque.extend([f"{name_of(value)} (compiled)"] if kind == "opaque" else [])
                return ("named", name_of(value))
            case "typing":
                return self._typing(value, place)
            case "neutral":
                return ("neutral",)
        return None

    def _followed(self, value: Any, place: str) -> Tree:
        self.follow.append((place, value))
        return ("follow", len(self.follow))

    def _wrapper_class(self, wrapper: Any, place: str) -> Iterable[Tree]:
        """Follow the class of a wrapper of the project's own; its state is the wrapper's business."""
        if kind_of(type(wrapper), self._project) == "class":
            yield self._followed(type(wrapper), place)

    def _typing(self, value: Any, place: str) -> Tree:
        """Encode what a type expression is made of; what in it has no identity decides nothing."""
        before = len(self.failures)
        parts = (typing.get_origin(value), *typing.get_args(value), getattr(value, "__supertype__", None))
        tree = ("typing", *(self.encode(part, place) for part in parts))
        del self.failures[before:]
        return tree

    def _object(self, value: Any, place: str) -> Tree | None:
        if isinstance(value, SECRETS):
            return ("neutral",)
        parts = parts_of(value, self._project.root)
        if parts is not None:
            return (parts[0], *(self.encode(part, f"{place}{where}") for where, part in parts[1]))
        described = self._describe(value)
        if described is not None:
            return ("described", name_of(type(value)), self.encode(described, place))
        if type(value).__module__.partition(".")[0] in _HASHED_WHOLE:
            return ("value", name_of(type(value)), hash_value(value))
        return None


def foreign_parts(function: types.FunctionType, project: ProjectModules) -> list[Any]:
    """Return the project's functions and classes that a function of others wraps, closes over or dispatches to."""
    found: dict[int, Any] = {}
    waiting: list[Any] = [function]
    seen: set[int] = set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        kind = kind_of(value, project)
        if kind in {"function", "class"}:
            found[id(value)] = value
        elif kind == "foreign":
            waiting.extend(reversed(_held(value)))
    return list(found.values())


def _held(function: types.FunctionType) -> list[Any]:
    registry = vars(function).get("registry")  # functools.singledispatch
    registered = registry.values() if isinstance(registry, types.MappingProxyType) else ()
    return [vars(function).get("__wrapped__"), *registered, *cells_of(function).values()]
