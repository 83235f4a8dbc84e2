"""Owns where the definitions of a module's text stand: functions and classes by line and name, lambdas by position.

Knows nothing of what is loaded, but for the places that a code object gives of itself.
"""

from __future__ import annotations

import ast
import textwrap
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import NamedTuple

from assetflow.hashing.code_text import Definition
from assetflow.hashing.loaded_code import meaning_of

Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.stmt


@dataclass(frozen=True)
class Place:
    """A function or class as it stands in the text. ``first``: its first line, that of its first decorator."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    qualname: str
    first: int


class Span(NamedTuple):
    """Where a piece of syntax stands. ``first``: its first line, decorators included; ``columns``: of a lambda."""

    first: int
    line: int
    end: int
    columns: tuple[int, int] | None = None


def segment(text: str, span: Span) -> str:
    """Return the source at ``span`` as it is written, without its indentation."""
    if span.columns is None:
        return textwrap.dedent("\n".join(text.split("\n")[span.first - 1 : span.end])) + "\n"
    start, stop = span.columns
    place = ast.Pass(lineno=span.line, end_lineno=span.end, col_offset=start, end_col_offset=stop)
    return ast.get_source_segment(text, place) or ""


class ModuleSyntax:
    """The parsed text of one file or cell. Raises SyntaxError where it is no Python."""

    def __init__(self, text: str, filename: str) -> None:
        self.text = text
        with _without_warnings():
            self.tree = ast.parse(text, filename)
        self._places = list(_places(self.tree.body, ""))
        self._lambdas: dict[tuple[int, int], list[ast.Lambda]] = {}
        self._firsts = {id(place.node): place.first for place in self._places}
        self._by_line = {(place.first, place.node.name): place for place in self._places}

    def function(self, code: CodeType, line: int | None = None) -> Definition | ast.Lambda | None:
        """Return the syntax that ``code`` was compiled from. ``line``: where it begins, if not where ``code`` says."""
        line = code.co_firstlineno if line is None else line
        if code.co_name == "<lambda>":
            return self._lambda(code, line)
        place = self._by_line.get((line, code.co_name))
        if place is None or not isinstance(place.node, Definition) or not _has_parameters(place.node, code):
            return None
        return place.node

    def class_(self, qualname: str, lines: Sequence[int | None] = ()) -> ast.ClassDef | None:
        """Return the class of this name: of several, that which spans ``lines`` (None: not known), else the last."""
        found = [place.node for place in self._places if place.qualname == qualname]
        classes = [node for node in found if isinstance(node, ast.ClassDef)]
        known = [line for line in lines if line is not None]
        spanning = [
            one for one in classes if all(one.lineno <= line <= (one.end_lineno or 0) for line in known)
        ]
        return next(reversed(spanning or classes), None)

    def named(self, qualname: str) -> Node | None:
        """Return the last definition of this qualified name, or the last assignment to it at the top of the module.

        A lambda is found where it is the only one of the function, or of the whole text.
        """
        if qualname.endswith("<lambda>"):
            around = self.named(qualname.removesuffix("<lambda>").removesuffix(".<locals>.")) or self.tree
            found = [node for node in ast.walk(around) if isinstance(node, ast.Lambda)]
            return found[0] if len(found) == 1 else None
        definitions = [place.node for place in self._places if place.qualname == qualname]
        return definitions[-1] if definitions else self.statements.get(qualname)

    @cached_property
    def statements(self) -> dict[str, ast.stmt]:
        """Map each name that the module binds outside its functions and classes to the last statement that does."""
        return {name: statement for statement in _flat(self.tree.body) for name in _bound(statement)}

    @cached_property
    def functions(self) -> list[ast.stmt]:
        """Return the outermost functions and classes."""
        return [node for node in _flat(self.tree.body) if isinstance(node, Definition | ast.ClassDef)]

    def span(self, node: Node) -> Span:
        """Return where ``node`` stands."""
        end = node.end_lineno or 0
        if isinstance(node, ast.Lambda):
            return Span(node.lineno, node.lineno, end, (node.col_offset, node.end_col_offset or 0))
        first = self._firsts.get(id(node), node.lineno)  # normalised, it may have lost its decorators
        return Span(first, node.lineno, end)

    def segment(self, node: Node) -> str:
        """Return the source of ``node`` as it is written, decorators included, without its indentation."""
        return segment(self.text, self.span(node))

    def is_outermost(self, node: Definition | ast.ClassDef) -> bool:
        """Say whether no other function or class holds ``node``."""
        return id(node) in self._outermost

    @cached_property
    def _outermost(self) -> frozenset[int]:
        return frozenset(map(id, self.functions))

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    def _lambda(self, code: CodeType, line: int) -> ast.Lambda | None:
        at_line = (node for node in self._lambdas_around(line) if node.lineno == line)
        found = [node for node in at_line if _has_parameters(node, code)]
        return found[0] if len(found) == 1 else _narrowest_around(found, code)

    def _lambdas_around(self, line: int) -> list[ast.Lambda]:
        """Return the lambdas of the top statements at ``line``, from syntax that nobody has normalised."""
        spans = [span for span in self._spans if span[0] <= line <= span[1]]
        for first, last in spans:
            if (first, last) not in self._lambdas:
                self._lambdas[first, last] = self._find_lambdas(first, last)
        return [node for span in spans for node in self._lambdas[span]]

    def _find_lambdas(self, first: int, last: int) -> list[ast.Lambda]:
        with _without_warnings():
            tree = ast.parse("\n".join(self._lines[first - 1 : last]))
        ast.increment_lineno(tree, first - 1)
        return [node for node in ast.walk(tree) if isinstance(node, ast.Lambda)]

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        return list(dict.fromkeys((_first_line(node), node.end_lineno or 0) for node in self.tree.body))


def _places(body: Iterable[ast.stmt], prefix: str) -> Iterator[Place]:
    for node in body:
        if isinstance(node, Definition | ast.ClassDef):
            qualname = f"{prefix}{node.name}"
            yield Place(node, qualname, _first_line(node))
            inner = f"{qualname}." if isinstance(node, ast.ClassDef) else f"{qualname}.<locals>."
            yield from _places(node.body, inner)
        else:
            yield from _places(_blocks(node), prefix)


def _flat(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a body and of the blocks in it, but not those inside functions and classes."""
    for node in body:
        yield node
        if not isinstance(node, Definition | ast.ClassDef):
            yield from _flat(_blocks(node))


def _blocks(node: ast.stmt) -> Iterator[ast.stmt]:
    """Yield the statements inside an ``if``, ``try``, ``with``, loop or ``match``."""
    for name in ("body", "handlers", "orelse", "finalbody", "cases"):
        for item in getattr(node, name, ()):
            if isinstance(item, ast.stmt):
                yield item
            else:  # an except clause or a case
                yield from item.body


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in statement.names)
    elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        yield from (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
    elif type(statement).__name__ == "TypeAlias":  # Python 3.12
        yield statement.name.id  # type: ignore[attr-defined]  # unknown to Python 3.11


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def _has_parameters(node: Definition | ast.Lambda, code: CodeType) -> bool:
    args = node.args
    written = [argument.arg for argument in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
    compiled = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return len(written) == len(compiled) and all(map(_is_named, compiled, written))


def _is_named(compiled: str, written: str) -> bool:
    """Compare two names; inside a class ``__x`` is compiled to ``_Class__x``."""
    return compiled == written or (written.startswith("__") and compiled.endswith(written))


def _narrowest_around(lambdas: list[ast.Lambda], code: CodeType) -> ast.Lambda | None:
    """Return the lambda whose body holds every instruction of ``code``, the innermost of several.

    Code without places (Python 3.12 gives none to a constant) is compared with what each would compile to.
    """
    spans = [
        ((line, column), (end_line, end_column))
        for line, end_line, column, end_column in code.co_positions()
        if line is not None
        and end_line is not None
        and column is not None
        and end_column  # RESUME spans nothing
    ]
    if not spans:
        return next((node for node in lambdas if _compiles_to(node, code)), None)
    around = [
        node
        for node in lambdas
        if all(_start(node.body) <= start and end <= _end(node.body) for start, end in spans)
    ]
    return max(around, key=lambda node: _start(node.body), default=None)


def _compiles_to(node: ast.Lambda, code: CodeType) -> bool:
    alone = compile(ast.Expression(node), "", "eval", dont_inherit=True).co_consts[0]
    return meaning_of(alone) == meaning_of(code)


def _start(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Parse without the warnings that importing has shown already."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
