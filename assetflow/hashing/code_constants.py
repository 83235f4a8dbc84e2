"""Owns where a module's names are defined and written to, and the problems of captured values in words.

Knows nothing of parts and of how values are hashed.
"""

from __future__ import annotations

import ast
import collections
import re
import sys
from dataclasses import dataclass
from typing import Any

from assetflow.errors import Problem
from assetflow.hashing.code_kinds import name_of
from assetflow.hashing.code_scope import Found
from assetflow.hashing.code_sources import Source, Sources

CHANGEABLE = (list, dict, set, bytearray, collections.deque)
_MOST_IMPORTS = 20
_EXPRESSIONS = frozenset({"Expr", "Expression", "Selector"})
_LAZY = frozenset({"polars", "pyarrow", "duckdb"})


@dataclass(frozen=True)
class Home:
    """The module that defines a name, its source, and the last statement there that binds it."""

    module: str
    name: str
    source: Source | None
    statement: ast.stmt | None

    @property
    def file(self) -> str:
        """The name of the source's file, "" where there is none."""
        return self.source.label if self.source is not None else ""

    @property
    def line(self) -> int:
        """The line of the statement, 0 where there is none."""
        return self.statement.lineno if self.statement is not None else 0

    @property
    def where(self) -> str:
        """``file:line`` of the statement."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def origin(self) -> tuple[str, str] | None:
        """(module, name), where the statement imports it from others."""
        return _imported_from(self.statement, self.name, self.module)

    def text(self) -> str | None:
        """Return the statement as it is written."""
        if self.source is None or self.source.syntax is None or self.statement is None:
            return None
        return self.source.syntax.segment(self.statement)


def home_of(found: Found, sources: Sources) -> Home:
    """Return where a module's name is defined, following what modules of the project import from each other."""
    module, name = found.module, found.name
    for _ in range(_MOST_IMPORTS):
        source = sources.of_module(module)
        statement = (
            source.syntax.statements.get(name) if source is not None and source.syntax is not None else None
        )
        origin = _imported_from(statement, name, module)
        if origin is None or not sources.is_in_project(origin[0]) or _value(*origin) is not found.value:
            return Home(module, name, source, statement)
        module, name = origin
    return Home(module, name, None, None)


def import_path(found: Found, sources: Sources) -> str:
    """Return by which path third parties' code was imported: it outlives their releases, ``__module__`` does not."""
    source = sources.of_module(found.module) if found.module else None
    statement = (
        source.syntax.statements.get(found.name) if source is not None and source.syntax is not None else None
    )
    origin = _imported_from(statement, found.name, found.module)
    return ":".join(origin) if origin is not None else name_of(found.value)


def writer_of(home: Home, namespace: dict[str, Any]) -> str | None:
    """Return ``file:line`` of a function or class of the same module that changes the value, or None.

    What the top of the module does is how the value came to be, and does not count.
    """
    if home.source is None or home.source.syntax is None:
        return None
    mentioned = re.search(rf"\bglobal\b|\b{re.escape(home.name)}\b[\s)]*[\[.]", home.source.text.text or "")
    for node in home.source.syntax.functions if mentioned else ():
        for name in home.source.meaning(node, namespace).names:
            if name.use in {"change", "rebind"} and name.imported is None and name.chain[0] == home.name:
                return f"{home.source.label}:{name.line}"
    return None


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


def _imported_from(statement: ast.stmt | None, name: str, module: str) -> tuple[str, str] | None:
    if not isinstance(statement, ast.ImportFrom):
        return None
    names = {alias.asname or alias.name: alias.name for alias in statement.names}
    if name not in names:
        return None
    if not statement.level:
        return statement.module or "", names[name]
    package = getattr(sys.modules.get(module), "__package__", None) or module.rpartition(".")[0]
    parts = package.split(".")
    base = parts[: len(parts) - statement.level + 1]
    return ".".join([*base, statement.module] if statement.module else base), names[name]


def _value(module: str, name: str) -> Any:
    return getattr(sys.modules.get(module), "__dict__", {}).get(name)
