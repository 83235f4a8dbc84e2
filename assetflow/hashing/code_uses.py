"""Owns what a part refers to: the names it uses, the variables it closes over, the values it holds.

A value becomes a part of its own, made once. Functions and classes are handed to whoever makes parts of code
(code_walk).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from types import FunctionType, ModuleType
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
from assetflow.hashing.code_kinds import kind_of
from assetflow.hashing.code_names import Name
from assetflow.hashing.code_parts import Part
from assetflow.hashing.code_project import ProjectModules
from assetflow.hashing.code_scope import Found, ImportFailedError, Scope, find
from assetflow.hashing.code_source import Written
from assetflow.hashing.code_sources import Sources
from assetflow.hashing.code_values import Captured, Describe, capture, foreign_parts
from assetflow.hashing.digest import digest

Held = list[tuple[str, str]]
"""What makes up a part's own identity: (by which name, identity or text)."""

_VALUES = frozenset({"typing", "other"})


def own_digest(kind: str, held: Held) -> str:
    """Return the digest of what is a part's own."""
    return digest("code-own/1", kind, *chain.from_iterable(sorted(held)))


class Uses:
    """Lets parts refer to what they use. ``code_part``: returns the part of a function or class of the project."""

    def __init__(
        self, project: ProjectModules, sources: Sources, describe: Describe, code_part: Callable[[Any], Part]
    ) -> None:
        self._project = project
        self._sources = sources
        self._describe = describe
        self._code_part = code_part
        self._constants: dict[tuple[int, str], Part] = {}
        self._namespaces: list[dict[str, Any]] = []  # held, so that their ids are not given again

    def names(self, part: Part, names: Iterable[Name], scope: Scope) -> Held:
        """Let ``part`` use what ``names`` stand for. Return what that adds to its own identity."""
        held: Held = []
        for name in names:
            if name.use == "dynamic":
                part.opaque += _computed(part, name) if name.chain[0] not in scope.namespace else []
                continue
            try:
                found = find(name, scope, self._project)
            except ImportFailedError as error:
                part.problems.append(_import_failed(part, name, error))
                continue
            if found is not None:
                held += self._used(part, name, found)
        return held

    def _used(self, part: Part, name: Name, found: Found) -> Held:
        if name.use in {"change", "rebind"}:
            self._note_change(part, name, found)
            return []
        if found.namespace is None and not isinstance(found.value, ModuleType):
            return []  # closed over: held already
        if name.use == "lenient" and kind_of(found.value, self._project) in _VALUES:
            return [] if self._constant(found).problems else self._found(part, found)
        return self._found(part, found)

    def _found(self, part: Part, found: Found) -> Held:
        """Let ``part`` use what a name stands for. Return what that adds to the part's own identity."""
        value = found.value
        if isinstance(value, ModuleType):
            return self._module(part, found, value)
        kind = kind_of(value, self._project)
        if kind in {"function", "class"}:
            part.uses.append((found.label, self._code_part(value)))
            return self._attribute(part, found) if isinstance(value, FunctionType) else []
        if kind in _VALUES:
            part.uses.append((found.label, self._constant(found)))
            return []
        if kind == "named" or (kind == "foreign" and not foreign_parts(value, self._project)):
            return [(found.label, import_path(found, self._sources))]
        return [(found.label, self.hold(part, found.label, value))]

    def _module(self, part: Part, found: Found, module: ModuleType) -> Held:
        if not self._project.belongs(module.__name__):
            return [(found.label, f"module {module.__name__}")]
        part.opaque.append(f"module {module.__name__} as a value, in {part.name}")
        return []

    def _attribute(self, part: Part, found: Found) -> Held:
        """Use the value that a function carries as an attribute."""
        attribute = found.rest[0] if found.rest else "__wrapped__"
        if attribute == "__wrapped__" or attribute not in vars(found.value):
            return []
        value = vars(found.value)[attribute]
        return self._found(
            part, Found(f"{found.label}.{attribute}", value, found.namespace, f"{found.name}.{attribute}")
        )

    def cells(self, part: Part, scope: Scope) -> Held:
        """Let ``part`` use the variables that it closes over. Return what that adds to its own identity."""
        held: Held = []
        for name, value in scope.cells.items():
            if kind_of(value, self._project) in _VALUES:
                inner = Part(f"{part.name}[{name}]", "closure", value, file=part.file, line=part.line)
                self.take(inner, value)
                part.uses.append((name, inner))
            elif not isinstance(value, ModuleType):
                held += self._found(part, Found(name, value, None, name))
        return held

    # Values

    def hold(self, part: Part, name: str, value: Any) -> str:
        """Return the identity of a value that is a piece of ``part``, and let the part use the code inside it."""
        return self._refer(part, capture(value, self._project, self._describe, name))

    def hold_if_known(self, part: Part, name: str, value: Any) -> Held:
        """Return the name and identity of a value, or nothing where it has none."""
        captured = capture(value, self._project, self._describe, name)
        return [] if captured.failures else [(name, self._refer(part, captured))]

    def _refer(self, part: Part, captured: Captured) -> str:
        part.uses += [(place, self._code_part(code)) for place, code in captured.follow]
        part.opaque += captured.opaque
        where = f"{part.file}:{part.line}" if part.file else ""
        part.problems += [no_identity(part.name, place, failed, where) for place, failed in captured.failures]
        return captured.digest

    def take(self, part: Part, value: Any) -> None:
        """Make ``part`` that of a value."""
        self._adopt(part, capture(value, self._project, self._describe))

    def _adopt(self, part: Part, captured: Captured) -> None:
        part.own = own_digest("value", [("", self._refer(part, captured))])

    def _constant(self, found: Found) -> Part:
        """Return the part of a module's value, taken when it is first asked for."""
        namespace = found.namespace or {}
        key = (id(namespace), found.name)
        if key not in self._constants:
            home = home_of(namespace, found.name, self._sources)
            at_home = (id(home.namespace), home.name)
            if at_home not in self._constants:
                self._constants[at_home] = self._new_constant(found.value, home)
            self._constants[key] = self._constants[at_home]
            self._namespaces += [namespace, home.namespace]
        return self._constants[key]

    def _new_constant(self, value: Any, home: Home) -> Part:
        part = Part(home.label, "constant", value, file=home.file, line=home.line, text=home.text)
        captured = capture(value, self._project, self._describe)
        if home.statement is not None and self._is_written_out(value, captured):
            part.own = own_digest("statement", self._statement(part, home, home.statement))
            return part
        self._adopt(part, captured)
        writer = writer_of(home, self._sources) if isinstance(value, CHANGEABLE) else None
        if writer is not None:
            part.problems.append(written_to(part.name, writer, home.where))
        return part

    def _is_written_out(self, value: Any, captured: Captured) -> bool:
        """Say whether the statement that makes a value says all of it, better than the value does."""
        expressions = [is_expression(failed) for _, failed in captured.failures]
        return kind_of(value, self._project) == "typing" or (bool(expressions) and all(expressions))

    def _statement(self, part: Part, home: Home, statement: Written) -> Held:
        if home.origin is not None:
            return [("", ":".join(home.origin))]
        assert home.source is not None, "a statement is of a source"
        meaning = home.source.meaning(statement)
        return [("", meaning.text), *self.names(part, meaning.names, Scope(home.namespace, {}))]

    def _note_change(self, part: Part, name: Name, found: Found) -> None:
        """Note on a value that this part of the project's code changes it while it runs."""
        changes = kind_of(found.value, self._project) in _VALUES and (
            name.use == "rebind" or isinstance(found.value, CHANGEABLE)
        )
        if not changes:
            return
        closed_over = [used for label, used in part.uses if label == found.name and used.kind == "closure"]
        for value in [self._constant(found)] if found.namespace is not None else closed_over:
            if not value.problems:
                written = written_to(value.name, f"{part.file}:{name.line}", f"{value.file}:{value.line}")
                value.problems.append(written)


def _computed(part: Part, name: Name) -> list[str]:
    return [f"{name.chain[0]}() of a computed name, in {part.name}"]


def _import_failed(part: Part, name: Name, error: ImportFailedError) -> Problem:
    return Problem(
        f"{part.name} imports {error.module}, which cannot be imported: {error}",
        where=f"{part.file}:{name.line}",
        hint="mend the import, or leave what it is for out of the version with ignore=[...]",
    )
