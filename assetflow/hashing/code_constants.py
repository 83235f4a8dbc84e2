"""Owns where a module's names are defined and written to, and the problems of captured values in words.

Knows nothing of parts and of how values are hashed.
"""

from __future__ import annotations

import collections
import sys
from dataclasses import dataclass
from typing import Any

from assetflow.errors import Problem
from assetflow.hashing.code_kinds import name_of
from assetflow.hashing.code_scope import Found
from assetflow.hashing.code_source import Source, Written
from assetflow.hashing.code_sources import Sources

CHANGEABLE = (list, dict, set, bytearray, collections.deque)
_MOST_IMPORTS = 20
_EXPRESSIONS = frozenset({"Expr", "Expression", "Selector"})
_LAZY = frozenset({"polars", "pyarrow", "duckdb"})


@dataclass(frozen=True)
class Home:
    """The module that defines a name, and the last statement there that binds it, with its source."""

    namespace: dict[str, Any]
    name: str
    source: Source | None
    statement: Written | None

    @property
    def label(self) -> str:
        """``module:name``."""
        return f"{self.namespace.get('__name__', '')}:{self.name}"

    @property
    def file(self) -> str:
        """The name of the source's file, "" where there is none."""
        return self.source.label if self.source is not None else ""

    @property
    def line(self) -> int:
        """The line of the statement, 0 where there is none."""
        return self.statement.span.line if self.statement is not None else 0

    @property
    def where(self) -> str:
        """``file:line`` of the statement."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def origin(self) -> tuple[str, str] | None:
        """(module, name), where the statement imports it."""
        return _imported_from(self.statement, self.namespace)

    def text(self) -> str | None:
        """Return the statement as it is written."""
        if self.source is None or self.statement is None:
            return None
        return self.source.segment(self.statement)


def home_of(namespace: dict[str, Any], name: str, sources: Sources) -> Home:
    """Return where a module's name is defined, following what modules of the project import from each other."""
    home = _home_in(namespace, name, sources)
    for _ in range(_MOST_IMPORTS):
        if home.origin is None or not sources.is_in_project(home.origin[0]):
            break
        there = getattr(sys.modules.get(home.origin[0]), "__dict__", {})
        if there.get(home.origin[1]) is not namespace.get(name):
            break
        home = _home_in(there, home.origin[1], sources)
    return home


def import_path(found: Found, sources: Sources) -> str:
    """Return by which path third parties' code was imported: it outlives their releases, ``__module__`` does not."""
    origin = _home_in(found.namespace, found.name, sources).origin if found.namespace is not None else None
    return ":".join(origin) if origin is not None else name_of(found.value)


def writer_of(home: Home, sources: Sources) -> str | None:
    """Return ``file:line`` of a function or class of the same module that changes the value, or None.

    What the top of the module does is how the value came to be, and does not count.
    """
    for source in sources.of_namespace(home.namespace):
        line = source.writer_of(home.name)
        if line is not None:
            return f"{source.label}:{line}"
    return None


def _home_in(namespace: dict[str, Any], name: str, sources: Sources) -> Home:
    known = sources.of_namespace(namespace)
    found = ((source, statement) for source in known if (statement := source.statement(name)) is not None)
    source, statement = next(found, (known[0] if known else None, None))
    return Home(namespace, name, source, statement)


def is_expression(value: object) -> bool:
    """Say whether ``value`` is an expression of a library of columns: it holds no data, its text is its meaning."""
    kind = type(value)
    return kind.__module__.partition(".")[0] in _LAZY and any(
        base.__name__ in _EXPRESSIONS for base in kind.__mro__
    )


def no_identity(name: str, place: str, value: object, where: str) -> Problem:
    """Say that a captured object cannot be hashed. ``name``: of the part, ``place``: in it."""
    inside = f" (at {place})" if place else ""
    return Problem(
        f"{name}{inside} is a {name_of(type(value)).replace(':', '.')}, which has no identity for a code version",
        where=where,
        hint=_ways_out(name),
    )


def written_to(name: str, writer: str, where: str) -> Problem:
    """Say that code of the project changes a captured value while it runs."""
    return Problem(
        f"{name} is changed by the project's own code ({writer}), so that its value is no part of the code",
        where=where,
        hint=f"{_ways_out(name)}; a cache belongs into functools.cache",
    )


def _ways_out(name: str) -> str:
    return (
        "pass it as config or as an af.Resource, leave it out of the version with "
        f"ignore=[{name!r}], or give the asset a version= of its own"
    )


def _imported_from(statement: Written | None, namespace: dict[str, Any]) -> tuple[str, str] | None:
    imported = statement.imported if statement is not None else None
    if imported is None or imported.name is None:
        return None
    if not imported.level:
        return imported.module, imported.name
    package = namespace.get("__package__") or str(namespace.get("__name__")).rpartition(".")[0]
    parts = package.split(".")
    base = parts[: len(parts) - imported.level + 1]
    return ".".join([*base, imported.module] if imported.module else base), imported.name
