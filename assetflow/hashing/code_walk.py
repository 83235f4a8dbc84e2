"""Owns the walk from a function to all project code that it reaches: each function, class and value becomes a part.

A part is made once, however many assets reach it. Knows nothing of versions: ``code`` makes them of parts.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from assetflow.errors import Problem
from assetflow.hashing.code_constants import (
    CHANGEABLE,
    Home,
    home_of,
    import_path,
    is_expression,
    no_identity,
    writer_of,
    written_to,
)
from assetflow.hashing.code_kinds import Kind, kind_of
from assetflow.hashing.code_names import Imported, Name
from assetflow.hashing.code_parts import Part
from assetflow.hashing.code_project import ProjectModules
from assetflow.hashing.code_scope import Found, ImportFailedError, Scope, cells_of, find
from assetflow.hashing.code_sources import Meaning, Source, Sources, plain_functions
from assetflow.hashing.code_values import Describe, capture
from assetflow.hashing.digest import digest
from assetflow.hashing.loaded_code import hash_code
from assetflow.hashing.module_syntax import Node

_VALUES = frozenset({"typing", "other"})


class Walk:
    """Makes parts of objects, and follows what they refer to until nothing is left to follow."""

    def __init__(self, project: ProjectModules, describe: Describe) -> None:
        self._project = project
        self._describe = describe
        self._sources = Sources(project)
        self._code: dict[int, Part] = {}
        self._constants: dict[tuple[str, str], Part] = {}
        self._waiting: list[Part] = []

    def part_of(self, value: Any, name: str) -> Part:
        """Return the part of ``value``, complete with all that it reaches.

        Functions and classes of the project have names of their own; of anything else the part is called ``name``.
        """
        while kind_of(value, self._project) == "wrapper":
            value = value.__wrapped__
        if kind_of(value, self._project) in {"function", "class"}:
            part = self._code_part(value)
        else:
            part = Part(name, "include", value)
            part.own = digest("code-value/1", self._hold(part, "", value))
        while self._waiting:
            self._complete(self._waiting.pop())
        return part

    # Functions and classes

    def _code_part(self, value: Any) -> Part:
        """Return the part of a function or class; it is completed later."""
        if id(value) not in self._code:
            self._code[id(value)] = part = _named_part(value)
            self._waiting.append(part)
        return self._code[id(value)]

    def _complete(self, part: Part) -> None:
        if isinstance(part.owner, FunctionType):
            self._complete_function(part, part.owner)
        else:
            self._complete_class(part, part.owner)

    def _complete_function(self, part: Part, function: FunctionType) -> None:
        code, namespace = function.__code__, function.__globals__
        source = self._sources.of_code(code, namespace)
        part.file, part.line = source.label, code.co_firstlineno
        scope = Scope.of_function(function)
        meaning = self._function_meaning(part, source, scope, code)
        held = [("text", meaning.text)]
        held += [(f"{name}=", self._hold(part, f"{name}=", value)) for name, value in _defaults(function)]
        held += self._cells(part, scope)
        held += self._names(part, meaning.names, scope)
        if "__wrapped__" in vars(function):
            held.append(("__wrapped__", self._hold(part, "__wrapped__", vars(function)["__wrapped__"])))
        part.own = _own("function", held)

    def _function_meaning(self, part: Part, source: Source, scope: Scope, code: CodeType) -> Meaning:
        node = source.function(code)
        if isinstance(node, Problem):
            part.problems.append(node)
            return Meaning("", [])
        if node is None:
            part.opaque.append(f"{part.name} (without source: hashed as compiled)")
            return Meaning(hash_code(code), list(_names_compiled(code, scope, self._project)))
        part.line = node.lineno
        _give_text(part, source, node)
        return source.meaning(node, scope.namespace)

    def _complete_class(self, part: Part, cls: type) -> None:
        namespace = getattr(sys.modules.get(cls.__module__), "__dict__", {})
        scope = Scope(namespace, {})
        for function in plain_functions(cls):
            scope.cells.update(cells_of(function))
        scope.cells.pop("__class__", None)
        held = self._class_text(part, cls, scope)
        held += [(f"base {i}", self._hold(part, f"base {i}", base)) for i, base in enumerate(cls.__bases__)]
        held.append(("metaclass", self._hold(part, "metaclass", type(cls))))
        part.own = _own("class", held)

    def _class_text(self, part: Part, cls: type, scope: Scope) -> list[tuple[str, str]]:
        """Read a class where it is written; of one made by a call, the statement that calls."""
        located = self._sources.of_class(cls)
        source, node = located if located is not None else (None, None)
        written: ast.stmt | None = node
        if node is None and source is not None and source.syntax is not None:
            written = source.syntax.statements.get(cls.__qualname__)
        held = self._methods_elsewhere(part, cls, source, node)
        if source is None or written is None:
            part.opaque.append(f"{part.name} (without source: its bases and methods are followed)")
            return [*held, ("text", cls.__qualname__)]
        part.file, part.line = source.label, written.lineno
        _give_text(part, source, written)
        meaning = source.meaning(written, scope.namespace)
        return [*held, ("text", meaning.text), *self._names(part, meaning.names, scope)]

    def _methods_elsewhere(
        self, part: Part, cls: type, source: Source | None, node: ast.ClassDef | None
    ) -> list[tuple[str, str]]:
        """Follow the functions of a class that its text does not hold; check that the others are what it says."""
        held = []
        for function in plain_functions(cls):
            code = function.__code__
            in_file = source is not None and code.co_filename == source.text.filename
            if in_file and node is not None and node.lineno <= code.co_firstlineno <= (node.end_lineno or 0):
                found = source.function(code) if source is not None else None
                part.problems.extend([found] if isinstance(found, Problem) else [])
            elif not code.co_filename.startswith("<"):  # dataclasses and the like write methods of their own
                name = f"member {function.__name__}"
                held.append((name, self._hold(part, name, function)))
        return held

    # What they refer to

    def _hold(self, part: Part, name: str, value: Any) -> str:
        """Return the identity of a value that ``part`` holds, and let the part use the code inside it."""
        captured = capture(value, self._project, self._describe, name)
        part.uses += [(place, self._code_part(code)) for place, code in captured.follow]
        part.opaque += captured.opaque
        where = f"{part.file}:{part.line}" if part.file else ""
        part.problems += [no_identity(part.name, place, held, where) for place, held in captured.failures]
        return captured.digest

    def _cells(self, part: Part, scope: Scope) -> list[tuple[str, str]]:
        held = []
        for name, value in scope.cells.items():
            if kind_of(value, self._project) not in _VALUES:
                held += self._found(part, Found(name, value, "", name), "read")
                continue
            inner = Part(f"{part.name}[{name}]", "closure", value, file=part.file, line=part.line)
            inner.own = digest("code-value/1", self._hold(inner, "", value))
            part.uses.append((name, inner))
        return held
