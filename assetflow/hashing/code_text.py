"""Owns the canonical text of a piece of syntax: one text for all ways of writing it that mean the same.

Without comments, docstrings, assetflow's own decorators and the annotations that Python only keeps; rendered
by ``ast.unparse``, with f-strings taken apart (before and after Python 3.12 they are quoted differently).
Knows nothing of loaded objects: a caller says what a decorator is.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, Literal

# "own": assetflow's, left out; "plain": of the standard library, reads no annotations; "other": may read
# them.
DecoratorKind = Literal["own", "plain", "other"]

_BLOCKS = frozenset(
    {ast.If, ast.Try, ast.TryStar, ast.ExceptHandler, ast.With, ast.For, ast.While, ast.Match, ast.match_case}
)
"""Statements inside which a class goes on binding its names."""

_LEAVES = frozenset({type(None), str, int, bool, ast.Name, ast.Load, ast.Store, ast.Del})
"""What holds nothing to normalise: most of a tree."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef


def normalise(node: ast.AST, kind_of: Callable[[ast.expr], DecoratorKind]) -> None:
    """Take out of ``node``, in place, all that does not decide what it does. Doing so twice changes nothing more."""
    _Normaliser(kind_of).clean(node)


def render(node: ast.AST) -> str:
    """Return the text of a normalised ``node``; a function's own name is left out."""
    if not isinstance(node, Definition):
        return ast.unparse(node)
    name, node.name = node.name, "_"
    try:
        return ast.unparse(node)
    finally:
        node.name = name


class _Normaliser:
    def __init__(self, kind_of: Callable[[ast.expr], DecoratorKind]) -> None:
        self._kind_of = kind_of

    def clean(self, node: ast.AST, in_class: bool = False) -> None:
        """Normalise ``node`` and all below it. ``in_class``: it stands in the body of a class."""
        if isinstance(node, Definition):
            self._definition(node)
        elif isinstance(node, ast.ClassDef):
            node.decorator_list = [one for one in node.decorator_list if self._kind_of(one) != "own"]
            _drop_docstring(node)
        elif isinstance(node, ast.Delete):
            node.targets = [part for target in node.targets for part in _unpacked(target)]
        in_class = isinstance(node, ast.ClassDef) or (in_class and type(node) in _BLOCKS)
        for name in node._fields:
            value = getattr(node, name, None)
            if type(value) is list:
                if value and isinstance(value[0], ast.stmt) and not in_class:
                    value[:] = [one for one in value if not _only_annotates(one)] or [ast.Pass()]
                value[:] = [self._replacement(item, in_class) for item in value]
            elif type(value) not in _LEAVES:
                setattr(node, name, self._replacement(value, in_class))

    def _replacement(self, node: Any, in_class: bool) -> Any:
        """Return what stands for ``node`` once it is normalised."""
        kind = type(node)
        if kind is ast.Constant:
            return _constant(node)
        if kind in _LEAVES:
            return node
        if kind is ast.AnnAssign and node.value is not None and not in_class:
            node = ast.copy_location(ast.Assign(targets=[node.target], value=node.value), node)
        elif kind is ast.JoinedStr:
            node = _taken_apart(node)
        self.clean(node, in_class)
        return node

    def _definition(self, node: Definition) -> None:
        kinds = [self._kind_of(one) for one in node.decorator_list]
        node.decorator_list = [
            one for one, kind in zip(node.decorator_list, kinds, strict=True) if kind != "own"
        ]
        _drop_docstring(node)
        if "other" in kinds:
            return
        node.returns = None
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None


def _drop_docstring(node: Definition | ast.ClassDef) -> None:
    if ast.get_docstring(node, clean=False) is not None:
        del node.body[0]
    if not node.body:
        node.body = [ast.Pass()]


def _only_annotates(node: object) -> bool:
    """Say whether this is ``x: int`` without a value: inside a function, only a note to type checkers."""
    return isinstance(node, ast.AnnAssign) and node.value is None


def _constant(node: ast.Constant) -> ast.expr:
    """Return a constant without the u of u"..."; escape what is not ASCII: Pythons differ in what they can print."""
    node.kind = None
    if not isinstance(node.value, str) or node.value.isascii():
        return node
    return ast.copy_location(ast.Name(ascii(node.value), ast.Load()), node)


def _taken_apart(node: ast.JoinedStr) -> ast.expr:
    """Return an f-string as a call that no source can hold: its texts, joined, and its (value, conversion, format)."""
    parts: list[ast.expr] = []
    text = ""
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            parts += [ast.Constant(text)] if text else []
            parts.append(
                ast.Tuple([value.value, ast.Constant(value.conversion), *_format(value)], ast.Load())
            )
            text = ""
        elif isinstance(value, ast.Constant):
            text += str(value.value)
    parts += [ast.Constant(text)] if text else []
    name = ast.copy_location(ast.Name("f-string", ast.Load()), node)
    return ast.fix_missing_locations(ast.copy_location(ast.Call(name, parts, []), node))


def _format(value: ast.FormattedValue) -> list[ast.expr]:
    return [value.format_spec] if value.format_spec is not None else []


def _unpacked(target: ast.expr) -> list[ast.expr]:
    """Return the targets of ``del (a, b)``, from which formatters take the parentheses."""
    return target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
