"""Owns the walk from a function to all project code that it reaches: each function, class and value becomes a part.

A part is made once, however many assets reach it. Knows nothing of versions: ``code`` makes them of parts.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from assetflow.errors import Problem
from assetflow.hashing.code_forms import attributes_of
from assetflow.hashing.code_kinds import kind_of, name_of
from assetflow.hashing.code_memory import CodeMemory
from assetflow.hashing.code_names import Imported, Name
from assetflow.hashing.code_parts import Part, PartKind
from assetflow.hashing.code_project import ProjectModules
from assetflow.hashing.code_scope import Scope, cells_of
from assetflow.hashing.code_source import Meaning, Source, Written, edited
from assetflow.hashing.code_sources import Sources, methods_of, plain_functions
from assetflow.hashing.code_uses import Held, Uses, own_digest
from assetflow.hashing.code_values import Describe
from assetflow.hashing.loaded_code import hash_code


class _Written(NamedTuple):
    """What all functions made from one text in one module have in common: a factory makes very many of one.

    ``part``: one that stands for all of them, with what it uses of the module. ``held``: what that adds to the identity
    of each. ``closed_over``: names whose meaning each function has for itself.
    """

    part: Part
    held: Held
    closed_over: list[Name]
    namespace: dict[str, Any]  # held, so that its id is not given again


class Walk:
    """Makes parts of objects, and follows what they refer to until nothing is left to follow."""

    def __init__(self, project: ProjectModules, describe: Describe, memory: CodeMemory) -> None:
        self.sources = Sources(project, memory)
        self._project = project
        self._uses = Uses(project, self.sources, describe, self._code_part)
        self._code: dict[int, Part] = {}
        self._common: dict[tuple[int, int], _Written] = {}
        self._waiting: list[Part] = []

    def part_of(self, value: Any, name: str | None = None) -> Part:
        """Return the part of ``value``, complete with all that it reaches.

        Functions and classes of the project have names of their own; of anything else the part is called
        ``name``, or by the name that the value has.
        """
        named = value
        while (kind := kind_of(value, self._project)) == "wrapper":
            value = value.__wrapped__
        if kind in {"function", "class"}:
            part = self._code_part(value)
        else:
            part = Part(name_of(named) if name is None else name, "include", value)
            self._uses.take(part, value)
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
        written = self._written(part, function)
        part.file, part.line, part.text = written.part.file, written.part.line, written.part.text
        part.uses += written.part.uses
        part.opaque += written.part.opaque
        part.problems += written.part.problems
        scope = Scope.of_function(function)
        held = [*written.held]
        if function.__defaults__ or function.__kwdefaults__:
            held += [
                (f"{name}=", self._uses.hold(part, f"{name}=", value)) for name, value in _defaults(function)
            ]
        if scope.cells:
            held += self._uses.cells(part, scope)
        if written.closed_over:
            held += self._uses.names(part, written.closed_over, scope)
        if "__wrapped__" in vars(function):
            held.append(("__wrapped__", self._uses.hold(part, "__wrapped__", vars(function)["__wrapped__"])))
        part.own = own_digest("function", held)

    def _written(self, part: Part, function: FunctionType) -> _Written:
        """Return what ``function``, whose part is ``part``, has in common with all that its text was made into."""
        code, namespace = function.__code__, function.__globals__
        key = (id(code), id(namespace))
        if key not in self._common:
            self._common[key] = self._read(Part(part.name, part.kind, code), code, namespace)
        return self._common[key]

    def _read(self, part: Part, code: CodeType, namespace: dict[str, Any]) -> _Written:
        source = self.sources.of_code(code, namespace)
        part.file, part.line = source.label, code.co_firstlineno
        scope = Scope(namespace, {})
        meaning = self._function_meaning(part, source, scope, code)
        closed = frozenset(code.co_freevars)
        outside = [name for name in meaning.names if name.chain[0] not in closed]
        held = [("text", meaning.text), *self._uses.names(part, outside, scope)]
        return _Written(part, held, [name for name in meaning.names if name.chain[0] in closed], namespace)

    def _function_meaning(self, part: Part, source: Source, scope: Scope, code: CodeType) -> Meaning:
        written = source.function(code)
        if isinstance(written, Problem):
            part.problems.append(written)
            return Meaning("", [])
        if written is None:
            part.opaque.append(f"{part.name} (without source: hashed as compiled)")
            return Meaning(hash_code(code), list(_names_compiled(code, scope, self._project)))
        part.line = written.span.line
        part.text = partial(source.segment, written)
        return source.meaning(written)

    def _complete_class(self, part: Part, cls: type) -> None:
        located = self.sources.of_class(cls)
        source, written = located if located is not None else (None, None)
        scope = Scope(source.namespace if source is not None else {}, {})
        for method in methods_of(cls):
            scope.cells.update(cells_of(method))
        scope.cells.pop("__class__", None)
        self._check_methods(part, cls, source, written)
        held = self._class_text(part, cls, scope, source, written) + self._uses.cells(part, scope)
        above = [*cls.__bases__, type(cls)]
        part.uses += [
            (f"base {i}", self._code_part(one)) for i, one in enumerate(above) if self._is_code(one)
        ]
        part.own = own_digest("class", held)

    def _class_text(
        self, part: Part, cls: type, scope: Scope, source: Source | None, written: Written | None
    ) -> Held:
        """Read a class where it is written; of one that was made by a call, the statement that calls."""
        if written is None and source is not None:
            written = source.statement(cls.__qualname__)
        if source is None or written is None:
            part.opaque.append(f"{part.name} (without source: its bases, methods and attributes are taken)")
            attributes = [self._uses.hold_if_known(part, name, value) for name, value in attributes_of(cls)]
            return [("text", cls.__qualname__), *chain.from_iterable(attributes)]
        part.file, part.line = source.label, written.span.line
        part.text = partial(source.segment, written)
        meaning = source.meaning(written)
        return [("text", meaning.text), *self._uses.names(part, meaning.names, scope)]

    def _check_methods(self, part: Part, cls: type, source: Source | None, written: Written | None) -> None:
        """Check that the methods are what the text says, and follow the functions that it does not hold."""
        for function in plain_functions(cls):
            code = function.__code__
            if source is not None and written is not None and code.co_filename == source.text.filename:
                line = source.line_of(code)
                part.problems += [edited(code, source)] if line is None else []
                if line is None or written.span.line <= line <= written.span.end:
                    continue
            if self._is_code(function) and not code.co_filename.startswith(
                "<"
            ):  # dataclasses write their own
                part.uses.append((f"member {function.__name__}", self._code_part(function)))

    def _is_code(self, value: Any) -> bool:
        return kind_of(value, self._project) in {"function", "class"}


def _named_part(value: Any) -> Part:
    if not isinstance(value, FunctionType):
        return Part(f"{value.__module__}:{value.__qualname__}", "class", value)
    module = value.__globals__.get("__name__", "")
    kind: PartKind = "wrapper" if "__wrapped__" in vars(value) else "function"
    return Part(f"{module}:{value.__code__.co_qualname}", kind, value)


def _defaults(function: FunctionType) -> Iterator[tuple[str, Any]]:
    code, values = function.__code__, function.__defaults__ or ()
    positional = code.co_varnames[: code.co_argcount]
    yield from zip(positional[len(positional) - len(values) :], values, strict=True)
    yield from (function.__kwdefaults__ or {}).items()


def _names_compiled(code: CodeType, scope: Scope, project: ProjectModules) -> Iterator[Name]:
    """Yield all names that code without text may read: it does not say which are attributes of which."""
    names = sorted(_all_names(code))
    for name in names:
        module = scope.namespace.get(name, sys.modules.get(name))
        if isinstance(module, ModuleType) and project.belongs(module.__name__):
            held = [other for other in names if other in vars(module)]
            imported = None if name in scope.namespace else name
            for other in held:
                if imported is None:
                    yield Name((name, other), "read", code.co_firstlineno)
                else:
                    yield Name((other,), "read", code.co_firstlineno, Imported(imported, 0, other))
        else:
            yield Name((name,), "read", code.co_firstlineno)


def _all_names(code: CodeType) -> set[str]:
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    return set(code.co_names).union(*map(_all_names, inner))


@contextmanager
def collecting_later() -> Iterator[None]:
    """Hold the garbage collector back while much is made that stays: it would walk all of it over and over."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
