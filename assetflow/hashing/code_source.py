"""Owns one file or cell of the project: where its definitions and statements stand, and what each of them means.

What was found out about the same text before is looked up (``code_memory``); the text is parsed, and compiled, when
something is asked that nobody has asked yet. Knows nothing of what the names in it stand for.
"""

from __future__ import annotations

import ast
import marshal
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from types import CodeType
from typing import Any, NamedTuple

from assetflow.errors import Problem
from assetflow.hashing.code_memory import Answers
from assetflow.hashing.code_names import Imported, Name, dotted, names_of
from assetflow.hashing.code_scope import decorator_kind
from assetflow.hashing.code_text import DecoratorKind, Definition, normalise, render
from assetflow.hashing.digest import digest, hash_bytes
from assetflow.hashing.loaded_code import CompiledText, meaning_of
from assetflow.hashing.module_syntax import ModuleSyntax, Node, Span, segment
from assetflow.hashing.module_text import ModuleText

_DEEP = 100_000
"""Python frames that rendering may nest: they cost memory only, no C stack (Python 3.11 and later)."""

_WITHOUT_REFERENCES = 2
"""The last version of marshal's format that depends on what is written alone, not on who else refers to it."""

Decorators = dict[str, DecoratorKind]
"""Whose decorators a piece of syntax has, by name: its meaning depends on them, and they on what is loaded."""


class Meaning(NamedTuple):
    """The canonical text of a piece of syntax, and the names it uses from outside."""

    text: str
    names: list[Name]


class Written(NamedTuple):
    """A function, class, lambda or statement as it stands in the text.

    ``question``: what was asked to find it. ``imported``: (module, dots, name), where it imports the name asked for.
    ``locate``: returns its syntax.
    """

    question: str
    span: Span
    imported: Imported | None
    locate: Callable[[], Node | None]


class Source:
    """One file or cell.

    ``namespace``: of its module. ``label``: the name by which it is shown and kept, or "". ``answers``: what is known
    of its text.
    """

    def __init__(self, text: ModuleText, namespace: dict[str, Any], label: str, answers: Answers) -> None:
        self.text = text
        self.namespace = namespace
        self.label = label
        self._answers = answers
        self._kinds: Decorators = {}
        self._meanings: dict[str, Meaning] = {}
        self._read: dict[int, tuple[Meaning, Decorators]] = {}

    def function(self, code: CodeType) -> Written | Problem | None:
        """Return where ``code`` is written, a problem where the text is not what was loaded, or None without a text."""
        question = f"function {_key_of(code)}"
        if self._answers.get(question) is None and self._line_of(code) is None:
            return edited(code, self)
        return self._written(question, lambda: self._function(code))

    def class_(self, qualname: str, methods: Sequence[CodeType]) -> Written | None:
        """Return where the class of this name is written: of several, that which holds the code of ``methods``."""
        lines = [self.line_of(code) for code in methods if code.co_filename == self.text.filename]
        return self._written(
            f"class {qualname} {lines}",
            lambda: self._syntax.class_(qualname, lines) if self._syntax is not None else None,
        )

    def statement(self, name: str) -> Written | None:
        """Return the last statement at the top of the module that binds ``name``."""
        return self._written(
            f"statement {name}",
            lambda: self._syntax.statements.get(name) if self._syntax is not None else None,
            name,
        )

    def line_of(self, code: CodeType) -> int | None:
        """Return the first line of ``code`` in the text, or None where the text is not what was loaded."""
        if not self.text.standard:
            return code.co_firstlineno
        question = f"line {_key_of(code)}"
        line: int | None = self._answers.get(question)
        if line is None:
            line = self._line_of(code)
            if line is not None:
                self._answers.keep(question, line)
        return line

    def writer_of(self, name: str) -> int | None:
        """Return the line where a function or class changes the value that the module binds to ``name``, or None."""
        question = f"writer {name}"
        known = self._answers.get(question)
        if known is None or not self._has_kinds(known[1]):
            known = self._writer(name)
            self._answers.keep(question, known)
        line: int | None = known[0]
        return line

    def meaning(self, written: Written) -> Meaning:
        """Return what a piece of the text means."""
        question = f"meaning of {written.question}"
        if question not in self._meanings:
            known = self._answers.get(question)
            if known is None or not self._has_kinds(known[2]):
                node = written.locate()
                assert node is not None, "what was found in a text is in it"
                meaning, kinds = self._meaning(node)
                known = [meaning.text, [_name_to_json(name) for name in meaning.names], kinds]
                self._answers.keep(question, known)
            self._meanings[question] = Meaning(known[0], [_name_from_json(name) for name in known[1]])
        return self._meanings[question]

    def segment(self, written: Written) -> str | None:
        """Return a piece of the text as it is written, decorators included, without its indentation."""
        return segment(self.text.text, written.span) if self.text.text is not None else None

    # Asking

    def _written(
        self, question: str, locate: Callable[[], Node | None], name: str | None = None
    ) -> Written | None:
        known = self._answers.get(question)
        if known is None:
            node = locate()
            known = [] if node is None or self._syntax is None else [*_place(self._syntax, node, name)]
            self._answers.keep(question, known)
        if not known:
            return None
        span, imported = known
        return Written(question, Span(*span), Imported(*imported) if imported else None, locate)

    def _function(self, code: CodeType) -> Node | None:
        return self._syntax.function(code, self._line_of(code)) if self._syntax is not None else None

    def _line_of(self, code: CodeType) -> int | None:
        if not self.text.standard:
            return code.co_firstlineno
        return self._compiled.line_of(code) if self._compiled is not None else None

    def _writer(self, name: str) -> list[Any]:
        mentioned = re.compile(rf"\bglobal\b|\b{re.escape(name)}\b[\s)]*[\[.]")
        if self._syntax is None or not mentioned.search(self.text.text or ""):
            return [None, {}]
        all_kinds: Decorators = {}
        for node in self._syntax.functions:
            meaning, kinds = self._meaning(node)
            all_kinds |= kinds
            for used in meaning.names:
                if used.use in {"change", "rebind"} and used.imported is None and used.chain[0] == name:
                    return [used.line, all_kinds]
        return [None, all_kinds]

    # Reading

    def _meaning(self, node: ast.AST) -> tuple[Meaning, Decorators]:
        """Return what ``node`` means. It is used up: of an outermost function or class only its place is left."""
        if id(node) not in self._read:
            try:
                self._read[id(node)] = self._normalised(node)
            except RecursionError:  # a sum of a thousand terms nests a thousand deep
                with _deep_recursion():
                    self._read[id(node)] = self._normalised(node)
            if (
                isinstance(node, Definition | ast.ClassDef)
                and self._syntax is not None
                and self._syntax.is_outermost(node)
            ):
                node.body = []  # large trees are slow to keep: the garbage collector walks them again and again
        return self._read[id(node)]

    def _normalised(self, node: ast.AST) -> tuple[Meaning, Decorators]:
        kinds: Decorators = {}

        def kind_of(decorator: ast.expr) -> DecoratorKind:
            name = ".".join(dotted(_called(decorator)))
            kinds[name] = self._kind(name)
            return kinds[name]

        normalise(node, kind_of)
        return Meaning(render(node), names_of(node)), kinds

    def _kind(self, decorator: str) -> DecoratorKind:
        if decorator not in self._kinds:
            self._kinds[decorator] = decorator_kind(decorator, self.namespace)
        return self._kinds[decorator]

    def _has_kinds(self, kinds: Decorators) -> bool:
        """Say whether the decorators still are whose they were."""
        return all(self._kind(name) == kind for name, kind in kinds.items())

    @cached_property
    def _syntax(self) -> ModuleSyntax | None:
        """The parsed text; None where there is none, or it is no Python."""
        try:
            return ModuleSyntax(self.text.text, self.text.filename) if self.text.text is not None else None
        except (SyntaxError, ValueError, RecursionError):  # null bytes; nested deeper than the parser goes
            return None

    @cached_property
    def _compiled(self) -> CompiledText | None:
        try:
            return CompiledText(self.text.text, self.text.filename) if self.text.text is not None else None
        except (SyntaxError, ValueError, RecursionError):
            return None


def edited(code: CodeType, source: Source) -> Problem:
    """Say that the text of ``code`` is not what was loaded."""
    where = source.label or source.text.filename
    return Problem(
        f"{where} was edited since it was imported: {code.co_qualname} is not what the file says now",
        where=f"{where}:{code.co_firstlineno}",
        hint="start Python again, or reload the module, so that what runs is what is recorded; "
        "if it says so again, remove the stale __pycache__",
    )


def _key_of(code: CodeType) -> str:
    """Return what tells ``code`` from all other code of one text, and from what an edited text compiles to."""
    if not _holds_sets(code):
        return hash_bytes(marshal.dumps(code, _WITHOUT_REFERENCES))
    places = (code.co_firstlineno, code.co_qualname, code.co_linetable)
    return digest("code-key/1", repr((meaning_of(code), places)))


def _holds_sets(value: object) -> bool:
    """Say whether a set is among the constants: its order depends on PYTHONHASHSEED."""
    if isinstance(value, CodeType):
        return any(map(_holds_sets, value.co_consts))
    return isinstance(value, frozenset) or (isinstance(value, tuple) and any(map(_holds_sets, value)))


def _place(syntax: ModuleSyntax, node: Node, name: str | None) -> tuple[Span, Imported | None]:
    return syntax.span(node), _imported(node, name) if name is not None else None


def _imported(node: Node, name: str) -> Imported | None:
    """Return what a ``from`` statement imports as ``name``."""
    if not isinstance(node, ast.ImportFrom):
        return None
    names = {alias.asname or alias.name: alias.name for alias in node.names}
    return Imported(node.module or "", node.level, names[name]) if name in names else None


def _called(decorator: ast.expr) -> ast.expr:
    while isinstance(decorator, ast.Call):
        decorator = decorator.func
    return decorator


def _name_to_json(name: Name) -> list[Any]:
    return [".".join(name.chain), name.use, name.line, name.imported]


def _name_from_json(told: list[Any]) -> Name:
    chain, use, line, imported = told
    return Name(tuple(chain.split(".")), use, line, Imported(*imported) if imported else None)


@contextmanager
def _deep_recursion() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + _DEEP)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
