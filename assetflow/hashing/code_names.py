"""Owns what names a piece of syntax uses from outside itself, by Python's rules of scope.

Knows nothing of what the names stand for: that takes the namespace of a loaded module (code_scope.py).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

# "lenient": used where a value need not decide anything (decorators, quoted annotations); "change": changed
# in place; "rebind": assigned to; "dynamic": a call that reaches for something by a name that only running it
# would tell.
Use = Literal["read", "lenient", "change", "rebind", "dynamic"]

_CHANGING = frozenset(
    {
        *(
            "append",
            "appendleft",
            "extend",
            "extendleft",
            "insert",
            "remove",
            "pop",
            "popleft",
            "clear",
            "sort",
            "reverse",
        ),
        *("add", "discard", "update", "setdefault", "popitem", "__setitem__", "__delitem__"),
        *("difference_update", "intersection_update", "symmetric_difference_update"),
    }
)
"""The methods of lists, dicts, sets and the like that change them in place."""

_DYNAMIC = frozenset({"getattr", "eval", "exec", "globals", "__import__", "import_module"})
_LEAVES = frozenset({type(None), str, int, bool, ast.Constant, ast.Load, ast.Store, ast.Del})


class Imported(NamedTuple):
    """What an import statement inside a function binds: ``name`` of ``module``, or the module itself.

    ``level``: the number of dots of a relative import.
    """

    module: str
    level: int = 0
    name: str | None = None


class Name(NamedTuple):
    """One dotted name used from outside: ``chain`` is ("text", "clean") for ``text.clean``."""

    chain: tuple[str, ...]
    use: Use
    line: int
    imported: Imported | None = None


def names_of(node: ast.AST) -> list[Name]:
    """Return the outside names that a definition, lambda or statement uses, each once, with the line of its first use.

    The default values of the definition itself are left out: they were evaluated when it was made.
    """
    visitor = _Visitor()
    visitor.visit_top(node)
    kept: dict[Name, Name] = {}
    for name in visitor.found:
        kept.setdefault(name._replace(line=0), name)
    return list(kept.values())


def dotted(node: ast.AST) -> tuple[str, ...]:
    """Return ("a", "b") for the expression ``a.b``, and () for what is no dotted name."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return (node.id, *reversed(attributes)) if isinstance(node, ast.Name) else ()


@dataclass
class _Scope:
    kind: Literal["module", "function", "class", "comprehension"]
    parent: _Scope | None = None
    bound: dict[str, Imported | None] = field(default_factory=dict)
    declared_global: set[str] = field(default_factory=set)
    declared_nonlocal: set[str] = field(default_factory=set)
    used: list[Name] = field(default_factory=list)

    def enclosing(self) -> _Scope:
        """Return the scope in which a name that is not bound here is looked up: classes are passed over."""
        scope = self.parent
        while scope is not None and scope.kind == "class":
            scope = scope.parent
        assert scope is not None, "the outermost scope is never closed"
        return scope

    def of_assignment_expression(self) -> _Scope:
        return (
            self.parent.of_assignment_expression() if self.kind == "comprehension" and self.parent else self
        )


class _Visitor:
    """Walks one piece of syntax; ``found`` grows as its scopes close."""

    def __init__(self) -> None:
        self.found: list[Name] = []
        self._scope = _Scope("module")
        self._lenient = False
        self._special: dict[type, Callable[..., None]] = {
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Subscript: self._subscript,
            ast.Call: self._call,
            ast.AugAssign: self._augmented,
            ast.AnnAssign: self._annotated,
            ast.NamedExpr: self._assignment_expression,
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.Lambda: self._lambda,
            ast.ClassDef: self._class,
            ast.ListComp: self._comprehension,
            ast.SetComp: self._comprehension,
            ast.DictComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.Global: self._global,
            ast.Nonlocal: self._nonlocal,
            ast.ExceptHandler: self._binder,
            ast.MatchAs: self._binder,
            ast.MatchStar: self._binder,
            ast.MatchMapping: self._binder,
        }

    def visit_top(self, node: ast.AST) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._leniently(node.decorator_list)
            self._annotations(node.args, node.returns)
            self._body("function", node, node.body)
        elif isinstance(node, ast.Lambda):
            self._body("function", node, [node.body])
        elif isinstance(node, ast.ClassDef):
            self._class_parts(node)
        else:
            self._visit(node)
        self.found.extend(self._scope.used)

    # Walking

    def _visit(self, node: ast.AST) -> None:
        self._special.get(type(node), self._children)(node)

    def _children(self, node: ast.AST) -> None:
        for name in node._fields:
            value: Any = getattr(node, name, None)
            if type(value) is list:
                self._all(value)
            elif type(value) not in _LEAVES:
                self._visit(value)

    def _all(self, nodes: Iterable[Any]) -> None:
        for node in nodes:
            if type(node) not in _LEAVES:
                self._visit(node)

    def _leniently(self, nodes: Iterable[object]) -> None:
        before, self._lenient = self._lenient, True
        self._all(nodes)
        self._lenient = before

    # Uses and bindings

    def _use(self, chain: tuple[str, ...], use: Use, line: int) -> None:
        scope = self._scope
        if scope.kind == "class" and chain[0] in scope.bound:  # bound above it: class bodies run in order
            self._bound_here(Name(chain, use, line), scope)
        else:
            scope.used.append(Name(chain, "lenient" if self._lenient and use == "read" else use, line))

    def _bind(self, name: str, imported: Imported | None = None, line: int = 0) -> None:
        scope = self._scope
        if name in scope.declared_global or name in scope.declared_nonlocal:
            scope.used.append(Name((name,), "rebind", line))
        else:
            scope.bound[name] = imported

    def _close(self) -> None:
        scope = self._scope
        outer = scope.enclosing()
        for name in scope.used:
            root = name.chain[0]
            if name.imported is not None or root in scope.declared_global:
                self.found.append(name)
            elif root in scope.bound:
                self._bound_here(name, scope)
            else:
                outer.used.append(name)
        assert scope.parent is not None
        self._scope = scope.parent

    def _bound_here(self, name: Name, scope: _Scope) -> None:
        imported = scope.bound[name.chain[0]]
        if imported is not None:
            self.found.append(name._replace(imported=imported))

    # Expressions

    def _name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._use((node.id,), "read", node.lineno)
        else:
            self._bind(node.id, line=node.lineno)

    def _attribute(self, node: ast.Attribute) -> None:
        chain = dotted(node)
        if not chain:
            self._visit(node.value)
        elif isinstance(node.ctx, ast.Load):
            self._use(chain, "read", node.lineno)
        else:
            self._use(chain, "rebind", node.lineno)
            self._visit(node.value)

    def _subscript(self, node: ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._changed(node.value)
        self._children(node)

    def _call(self, node: ast.Call) -> None:
        chain = dotted(node.func)
        attribute = _constant_attribute(node) if chain == ("getattr",) else ()
        if attribute:
            self._use(attribute, "read", node.lineno)
            self._all([node.func, *node.args[2:]])
            return
        if chain and chain[-1] in _DYNAMIC:
            self._use(chain[-1:], "dynamic", node.lineno)
        if isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
            self._changed(node.func.value)
        self._children(node)

    def _changed(self, target: ast.expr) -> None:
        while isinstance(target, ast.Subscript):
            target = target.value
        chain = dotted(target)
        if chain:
            self._use(chain, "change", target.lineno)

    def _augmented(self, node: ast.AugAssign) -> None:
        chain = dotted(node.target)
        if chain:
            self._use(chain, "read", node.lineno)
        self._children(node)

    def _annotated(self, node: ast.AnnAssign) -> None:
        self._all([node.value, node.annotation, node.target])
        self._quoted(node.annotation)

    def _assignment_expression(self, node: ast.NamedExpr) -> None:
        self._visit(node.value)
        inner, self._scope = self._scope, self._scope.of_assignment_expression()
        self._visit(node.target)
        self._scope = inner

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        first, *others = node.generators
        self._visit(first.iter)
        self._scope = _Scope("comprehension", self._scope)
        self._all([first.target, *first.ifs, *others])
        self._all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        self._close()

    # Definitions

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._leniently(node.decorator_list)
        self._annotations(node.args, node.returns)
        self._all([*node.args.defaults, *node.args.kw_defaults])
        self._bind(node.name, line=node.lineno)
        self._body("function", node, node.body)

    def _lambda(self, node: ast.Lambda) -> None:
        self._all([*node.args.defaults, *node.args.kw_defaults])
        self._body("function", node, [node.body])

    def _class(self, node: ast.ClassDef) -> None:
        self._class_parts(node)
        self._bind(node.name, line=node.lineno)

    def _class_parts(self, node: ast.ClassDef) -> None:
        self._leniently(node.decorator_list)
        self._all([*node.bases, *node.keywords])
        self._body("class", node, node.body)

    def _body(
        self, kind: Literal["function", "class"], node: ast.AST, body: list[ast.stmt] | list[ast.expr]
    ) -> None:
        """Visit a body in a scope of its own, inside one that holds its type parameters (PEP 695)."""
        self._scope = _Scope("function", self._scope)
        for parameter in getattr(node, "type_params", ()):
            self._bind(parameter.name)
            self._leniently([parameter])
        self._scope = _Scope(kind, self._scope)
        for argument in _arguments(getattr(node, "args", None)):
            self._bind(argument.arg)
        self._all(body)
        self._close()
        self._close()

    def _annotations(self, args: ast.arguments, returns: ast.expr | None) -> None:
        annotations = [*(argument.annotation for argument in _arguments(args)), returns]
        self._leniently(annotations)
        for annotation in annotations:
            self._quoted(annotation)

    def _quoted(self, annotation: ast.expr | None) -> None:
        """Visit what is written in quotes inside an annotation, where it is an expression."""
        for node in ast.walk(annotation) if annotation is not None else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                with suppress(SyntaxError, ValueError):
                    self._leniently([ast.parse(node.value, mode="eval")])

    # Statements that bind

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            self._bind(alias.asname or top, Imported(alias.name if alias.asname else top), node.lineno)

    def _import_from(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self._bind(
                alias.asname or alias.name, Imported(node.module or "", node.level, alias.name), node.lineno
            )

    def _global(self, node: ast.Global) -> None:
        self._scope.declared_global.update(node.names)

    def _nonlocal(self, node: ast.Nonlocal) -> None:
        self._scope.declared_nonlocal.update(node.names)

    def _binder(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> None:
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name is not None:
            self._bind(name, line=node.lineno)
        self._children(node)


def _arguments(args: ast.arguments | None) -> list[ast.arg]:
    if args is None:
        return []
    starred = [argument for argument in (args.vararg, args.kwarg) if argument is not None]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *starred]


def _constant_attribute(call: ast.Call) -> tuple[str, ...]:
    """Return the dotted name that ``getattr(a.b, "c")`` stands for."""
    if (
        len(call.args) < 2
        or not isinstance(call.args[1], ast.Constant)
        or not isinstance(call.args[1].value, str)
    ):
        return ()
    chain = dotted(call.args[0])
    return (*chain, call.args[1].value) if chain else ()
