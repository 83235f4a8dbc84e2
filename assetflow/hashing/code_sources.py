"""Owns finding the syntax of loaded functions, classes and names: which text, and where in it.

Every text is read and parsed once per reader. Knows nothing of what the syntax refers to.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, partialmethod
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from assetflow.errors import Problem
from assetflow.hashing.code_names import Name, names_of
from assetflow.hashing.code_project import ProjectModules
from assetflow.hashing.code_scope import decorator_kind
from assetflow.hashing.code_text import Definition, normalise, render
from assetflow.hashing.loaded_code import CompiledText
from assetflow.hashing.module_syntax import ModuleSyntax
from assetflow.hashing.module_text import ModuleText, read_text

_DEEP = 100_000
"""Python frames that rendering may nest: they cost memory only, no C stack (Python 3.11 and later)."""


class Meaning(NamedTuple):
    """The canonical text of a piece of syntax, and the names it uses from outside."""

    text: str
    names: list[Name]


class Source:
    """One file or cell. ``namespace``: of its module. ``label``: the name by which it is shown and kept, or ""."""

    def __init__(self, text: ModuleText, namespace: dict[str, Any], label: str) -> None:
        self.text = text
        self.namespace = namespace
        self.label = label
        self._meanings: dict[int, Meaning] = {}

    @cached_property
    def syntax(self) -> ModuleSyntax | None:
        """The parsed text; None where there is none, or it is no Python."""
        try:
            return ModuleSyntax(self.text.text, self.text.filename) if self.text.text is not None else None
        except (SyntaxError, ValueError, RecursionError):  # null bytes; nested deeper than the parser goes
            return None

    def function(self, code: CodeType) -> Definition | ast.Lambda | Problem | None:
        """Return the syntax of ``code``, a problem where the text is not what was loaded, or None without a text."""
        line = self.line_of(code)
        if line is None:
            return edited(code, self)
        return self.syntax.function(code, line) if self.syntax is not None else None

    def line_of(self, code: CodeType) -> int | None:
        """Return the first line of ``code`` in the text, or None where the text is not what was loaded."""
        if not self.text.standard:
            return code.co_firstlineno
        return self._compiled.line_of(code) if self._compiled is not None else None

    def statement(self, name: str) -> ast.stmt | None:
        """Return the last statement at the top of the module that binds ``name``."""
        return self.syntax.statements.get(name) if self.syntax is not None else None

    def meaning(self, node: ast.AST) -> Meaning:
        """Return what ``node`` means. It is used up: of an outermost function or class only its place is left."""
        if id(node) not in self._meanings:
            try:
                self._meanings[id(node)] = _meaning(node, self.namespace)
            except RecursionError:  # a sum of a thousand terms nests a thousand deep
                with _deep_recursion():
                    self._meanings[id(node)] = _meaning(node, self.namespace)
            if (
                isinstance(node, Definition | ast.ClassDef)
                and self.syntax is not None
                and self.syntax.is_outermost(node)
            ):
                node.body = []  # large trees are slow to keep: the garbage collector walks them again and again
        return self._meanings[id(node)]

    @cached_property
    def _compiled(self) -> CompiledText | None:
        try:
            return CompiledText(self.text.text, self.text.filename) if self.text.text is not None else None
        except (SyntaxError, ValueError, RecursionError):
            return None


class Sources:
    """The files and cells of the project, each read once."""

    def __init__(self, project: ProjectModules) -> None:
        self._project = project
        self._known: dict[tuple[str, int], Source] = {}
        self._cells: dict[str, Source] = {}

    def is_in_project(self, module: str) -> bool:
        """Say whether the module of this name belongs to the project."""
        return self._project.belongs(module)

    def text_of(self, label: str) -> str | None:
        """Return the text of the source that is shown under this name, among those that were read."""
        sources = [*self._known.values(), *self._cells.values()]
        return next((source.text.text for source in sources if source.label == label), None)

    def of_code(self, code: CodeType, namespace: dict[str, Any]) -> Source:
        """Return the source that ``code``, which runs in the module of ``namespace``, was compiled from."""
        return self._read(code.co_filename, namespace)

    def of_namespace(self, namespace: dict[str, Any]) -> list[Source]:
        """Return the file of a module; of a notebook its cells, of a console what of it was read, newest first."""
        filename = namespace.get("__file__")
        if isinstance(filename, str):
            return [self._read(filename, namespace)]
        cells = [cell for cell in namespace.get("In", ()) if isinstance(cell, str) and cell]
        read = [source for source in self._known.values() if source.namespace is namespace]
        return [*(self._cell(cell, namespace) for cell in reversed(cells)), *reversed(read)]

    def of_class(self, cls: type) -> tuple[Source, ast.ClassDef | None] | None:
        """Return where a class is written; without its syntax where it was not made by a ``class`` statement."""
        methods = methods_of(cls)
        sources = [
            self.of_code(one.__code__, one.__globals__) for one in methods[:1]
        ] or self._without_methods(cls)
        for source in sources:
            codes = [method.__code__ for method in methods]
            lines = [source.line_of(code) for code in codes if code.co_filename == source.text.filename]
            node = source.syntax.class_(cls.__qualname__, lines) if source.syntax is not None else None
            if node is not None:
                return source, node
        return (sources[0], None) if sources else None

    def _without_methods(self, cls: type) -> list[Source]:
        namespaces = [getattr(sys.modules.get(cls.__module__), "__dict__", {})]
        namespaces += [source.namespace for source in self._known.values()]  # of code that no module holds
        holding = (
            one for one in namespaces if one.get(cls.__name__) is cls or "<locals>" in cls.__qualname__
        )
        return self.of_namespace(next(holding, namespaces[0]))

    def _read(self, filename: str, namespace: dict[str, Any]) -> Source:
        key = (filename, id(namespace))
        if key not in self._known:
            self._known[key] = self._source(read_text(filename, namespace), namespace)
        return self._known[key]

    def _cell(self, text: str, namespace: dict[str, Any]) -> Source:
        if text not in self._cells:
            self._cells[text] = self._source(ModuleText("", text, standard=False), namespace)
        return self._cells[text]

    def _source(self, text: ModuleText, namespace: dict[str, Any]) -> Source:
        module = str(namespace.get("__name__", ""))
        return Source(text, namespace, self._project.label(text.filename, module, text.text))


def methods_of(cls: type) -> list[FunctionType]:
    """Return the functions that are written in the body of ``cls``."""
    inside = f"{cls.__qualname__}."
    return [one for one in plain_functions(cls) if one.__code__.co_qualname.startswith(inside)]


def plain_functions(cls: type) -> Iterator[FunctionType]:
    """Yield the functions that the attributes of ``cls`` itself are, wrap, or are made of."""
    for attribute in vars(cls).values():
        for part in _parts(attribute):
            while isinstance(part, FunctionType):
                yield part
                part = vars(part).get("__wrapped__")  # noqa: PLW2901 follows the chain


def _parts(attribute: object) -> tuple[object, ...]:
    if isinstance(attribute, property):
        return (attribute.fget, attribute.fset, attribute.fdel)
    if isinstance(attribute, staticmethod | classmethod):
        return (attribute.__func__,)
    if isinstance(attribute, cached_property | partialmethod):
        return (attribute.func,)
    return (attribute,)


def _meaning(node: ast.AST, namespace: dict[str, Any]) -> Meaning:
    normalise(node, lambda decorator: decorator_kind(decorator, namespace))
    return Meaning(render(node), names_of(node))


@contextmanager
def _deep_recursion() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + _DEEP)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def edited(code: CodeType, source: Source) -> Problem:
    """Say that the text of ``code`` is not what was loaded."""
    where = source.label or source.text.filename
    return Problem(
        f"{where} was edited since it was imported: {code.co_qualname} is not what the file says now",
        where=f"{where}:{code.co_firstlineno}",
        hint="start Python again, or reload the module, so that what runs is what is recorded; "
        "if it says so again, remove the stale __pycache__",
    )
