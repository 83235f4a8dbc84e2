"""Owns finding the sources of loaded functions, classes and names: which file or cell each was written in.

Every text is read once per reader. Knows nothing of what stands in it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cached_property, partialmethod
from types import CodeType, FunctionType
from typing import Any

from assetflow.hashing.code_memory import Answers, CodeMemory
from assetflow.hashing.code_project import ProjectModules
from assetflow.hashing.code_source import Source, Written
from assetflow.hashing.module_text import ModuleText, read_text


class Sources:
    """The files and cells of the project, each read once."""

    def __init__(self, project: ProjectModules, memory: CodeMemory) -> None:
        self._project = project
        self._memory = memory
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

    def of_class(self, cls: type) -> tuple[Source, Written | None] | None:
        """Return where a class is written; without its syntax where it was not made by a ``class`` statement."""
        methods = methods_of(cls)
        sources = [
            self.of_code(one.__code__, one.__globals__) for one in methods[:1]
        ] or self._without_methods(cls)
        for source in sources:
            written = source.class_(cls.__qualname__, [method.__code__ for method in methods])
            if written is not None:
                return source, written
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
        label = self._project.label(text.filename, module, text.text)
        is_file = text.standard and text.text is not None and bool(label)
        answers = self._memory.of(label, text.text) if is_file and text.text is not None else Answers()
        return Source(text, namespace, label, answers)


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
