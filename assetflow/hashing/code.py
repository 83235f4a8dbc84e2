"""Owns ``code/1``: the hash of a function's meaning and of all project code that it reaches, to any depth.

Comments, docstrings, formatting and places do not count; constants, closures, defaults, helpers, base classes
and decorators do (docs/formats.md). Knows nothing of assets, and of third parties' code no more than its
name.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from types import ModuleType
from typing import Any

from assetflow.errors import DeclarationError, Problem
from assetflow.hashing.code_memory import CodeMemory
from assetflow.hashing.code_parts import Digests, LeftOut, Part, PartKind, digest_of, reached
from assetflow.hashing.code_project import ProjectModules
from assetflow.hashing.code_walk import Walk, collecting_later
from assetflow.hashing.command_text import CommandText, command_digest
from assetflow.hashing.digest import digest, hash_bytes
from assetflow.hashing.module_text import capture_text
from assetflow.hashing.sql_text import SqlText, sql_digest

__all__ = ["CodeReader", "CodeVersion", "Reached", "capture_text", "collecting_later"]

Made = Callable[..., Any] | SqlText | CommandText
"""What a code version can be read of: a function, a class, a query, a command."""

_NO_VERSION = digest("code-top/1", None)
_ATOMS = (int, float, complex, bytes, type(None))


@dataclass(frozen=True)
class Reached:
    """One piece of code that a version depends on.

    ``name``: ``module:qualname``, or a package's or file's name. ``digest``: of this piece alone; it says
    which piece changed. ``file``: relative to the project folder, else made of the module's name; "" where
    there is none. ``text``: returns its source, as it is written.
    """

    name: str
    digest: str
    file: str
    line: int
    kind: PartKind
    text: Callable[[], str | None] = field(default=lambda: None, repr=False, compare=False)


@dataclass(frozen=True)
class CodeVersion:
    """The version of one function. ``opaque``: what could not be followed. ``listed``: makes the list of its parts."""

    digest: str
    opaque: tuple[str, ...] = ()
    listed: Callable[[], tuple[Reached, ...]] = field(default=tuple, repr=False, compare=False)

    @cached_property
    def parts(self) -> tuple[Reached, ...]:
        """What it is made of: itself first, then by name. Made when first asked for: what is fresh tells nobody."""
        return self.listed()


class CodeReader:
    """Computes code versions. One per plan: texts, syntax and values are read once, when first asked for.

    ``root``: the project folder. ``project_packages``: top-level packages that belong to the project wherever
    they are. ``describe``: turns an object that is unknown here (a pandera schema) into a tree of plain
    values, functions and classes, or None. ``memory``: a folder for what was found out about texts; it may be lost.
    """

    def __init__(
        self,
        root: Path | None,
        project_packages: frozenset[str],
        describe: Callable[[Any], Any] = lambda _: None,
        memory: Path | None = None,
    ) -> None:
        self._memory = CodeMemory(memory)
        self._project = ProjectModules(root, project_packages)
        self._walk = Walk(self._project, describe, self._memory)
        self._digests: Digests = {}

    def version(
        self,
        function: Made,
        *,
        version: str | None = None,
        includes: Sequence[Any] = (),
        ignore: Sequence[Any] = (),
        packages: Sequence[str] = (),
    ) -> CodeVersion:
        """Return the version of a function, class, wrapped object, query, command, or of what ``describe`` knows.

        ``version`` replaces the function's own hash. ``includes``: more functions, classes, values, or paths
        of files. ``ignore``: functions, classes, modules, or names of parts that are left out with all that
        only they reach. ``packages``: distributions whose versions count. Raises DeclarationError with every
        problem found.
        """
        top = Part("", "function", own=_NO_VERSION if version is None else digest("code-top/1", version))
        if version is None:
            top.uses.append(("function", self._part_of(function)))
        for number, item in enumerate(includes):
            top.uses.append((f"include {number}", self._included(item, number, function)))
        top.uses += [(f"package {package}", _package(package)) for package in packages]
        left_out, known = self._left_out(ignore, top)
        parts = reached(top, left_out)
        problems = [problem for part in parts if part.problems for problem in part.problems]
        if problems:
            raise DeclarationError(list(dict.fromkeys(problems)))
        opaque = {text for part in parts if part.opaque for text in part.opaque}
        whole = digest("code/1", digest_of(top, left_out, known))
        del known[top]
        return CodeVersion(whole, tuple(sorted(opaque)), partial(_listed, parts[1:]))

    def remember(self) -> None:
        """Keep what was found out about texts for the next process."""
        self._memory.save()

    def belongs(self, module: str) -> bool:
        """Say whether the module of this name belongs to the project."""
        return self._project.belongs(module)

    def module_files(self, parts: Iterable[Reached]) -> list[tuple[str, bytes]]:
        """Return (path, content) of the files and cells that ``parts`` are written in, by path."""
        found: dict[str, str | None] = {}
        for part in parts:
            if part.file not in found:
                found[part.file] = self._walk.sources.text_of(part.file) or part.text()
        return [(path, text.encode()) for path, text in sorted(found.items()) if path and text is not None]

    def included_files(self, function: Made, includes: Sequence[Any]) -> list[tuple[str, bytes]]:
        """Return (path, content) of the files that ``includes`` and a command's arguments name; those that exist."""
        found = []
        if isinstance(function, CommandText):
            includes = [*includes, *map(str, function.scripts)]
        for item in includes:
            path, _ = self._place_of(item, function) if isinstance(item, str) else (None, [])
            if path is not None:
                found.append((self._project.label(str(path), str(item)), path.read_bytes()))
        return found

    def _part_of(self, function: Made) -> Part:
        if not isinstance(function, SqlText | CommandText):
            return self._walk.part_of(function)
        text, name = function.text, function.name
        if isinstance(function, SqlText):
            return Part(name, "query", own=sql_digest(text), file=name, line=1, text=lambda: text)
        part = Part(name, "command", own=command_digest(text), file=name, line=1, text=lambda: text)
        for number, script in enumerate(function.scripts):
            part.uses.append((f"script {number}", self._included(str(script), number, function)))
        return part

    def _included(self, item: Any, number: int, function: Made) -> Part:
        if not isinstance(item, str):
            return self._walk.part_of(item, f"includes[{number}]")
        path, places = self._place_of(item, function)
        if path is None:
            return _missing_file(item, places)
        content = path.read_bytes()
        label = self._project.label(str(path), item)
        text = content.decode(errors="replace")
        own = digest("code-file/1", hash_bytes(content))
        return Part(label, "include", own=own, file=label, line=1, text=lambda: text)

    def _place_of(self, item: str, function: Made) -> tuple[Path | None, list[Path]]:
        """Return where an included file is (None: nowhere), and where it was looked for."""
        folder = _folder_of(function)
        places = [place / item for place in (folder, self._project.root) if place is not None]
        return next((place for place in places if place.is_file()), None), places

    def _left_out(self, ignore: Sequence[Any], top: Part) -> tuple[LeftOut, Digests]:
        """Return what says whether a part is left out, and the digests that hold under it."""
        if not ignore:
            return None, self._digests
        top.problems += [_not_ignorable(item) for item in ignore if isinstance(item, _ATOMS)]
        names = {item for item in ignore if isinstance(item, str)}
        modules = {item.__name__ for item in ignore if isinstance(item, ModuleType)}
        objects = {id(one) for item in ignore for one in _wrapped(item)}

        def left_out(part: Part) -> bool:
            return id(part.owner) in objects or part.name in names or part.name.partition(":")[0] in modules

        return left_out, {}


def _listed(parts: Sequence[Part]) -> tuple[Reached, ...]:
    """Return the parts in order, those that share a name numbered."""
    listed, seen = [], dict[str, int]()
    for part in [*parts[:1], *sorted(parts[1:], key=lambda part: (part.name, part.line))]:
        seen[part.name] = count = seen.get(part.name, 0) + 1
        name = part.name if count == 1 else f"{part.name}#{count}"
        listed.append(Reached(name, part.shown, part.file, part.line, part.kind, part.text))
    return tuple(listed)


def _wrapped(value: Any) -> Iterable[Any]:
    """Yield an object, and what it wraps."""
    while value is not None:
        yield value
        value = getattr(value, "__dict__", {}).get("__wrapped__")


def _folder_of(function: Made) -> Path | None:
    """Return the folder of the module that a function, class or command is written in; a query includes nothing."""
    if isinstance(function, SqlText | CommandText):
        return function.folder if isinstance(function, CommandText) else None
    plain = inspect.unwrap(function)
    namespace = getattr(plain, "__globals__", None) or getattr(
        sys.modules.get(plain.__module__), "__dict__", {}
    )
    filename = namespace.get("__file__")
    return Path(filename).parent if isinstance(filename, str) else None


def _package(name: str) -> Part:
    from importlib import metadata  # slow to import, and seldom asked for

    try:
        release = metadata.version(name)
    except metadata.PackageNotFoundError:
        problem = Problem(
            f"packages= names {name!r}, which is no installed distribution",
            hint="write its name as pip does: scikit-learn, not sklearn",
        )
        return Part(name, "package", problems=[problem])
    return Part(name, "package", own=digest("code-package/1", release))


def _missing_file(item: str, places: list[Path]) -> Part:
    looked = " or ".join(str(place) for place in places) or "a project without a folder"
    problem = Problem(
        f"includes= names the file {item!r}, which is not at {looked}", hint="write its path from there"
    )
    return Part(item, "include", problems=[problem])


def _not_ignorable(item: object) -> Problem:
    return Problem(
        f"ignore= holds the value {item!r}, which any constant may have",
        hint='name the constant instead, as `assetflow show --code` does: ignore=["shop.text:RATE"]',
    )
