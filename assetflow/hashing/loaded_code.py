"""Owns the comparison of loaded code with its module's text, and the identity of code that has no text.

Knows nothing of names or values: only of code objects.
"""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Iterator
from types import CodeType
from typing import Any

from assetflow.hashing.digest import digest


class CompiledText:
    """What a module's text compiles to. Raises SyntaxError where it does not."""

    def __init__(self, text: str, filename: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # importing has shown them already
            module = compile(text, filename, "exec", dont_inherit=True)
        self._by_line: dict[tuple[int, str], list[CodeType]] = {}
        self._by_name: dict[str, list[CodeType]] = {}
        for code in _inside(module):
            self._by_line.setdefault((code.co_firstlineno, code.co_name), []).append(code)
            self._by_name.setdefault(code.co_qualname, []).append(code)

    def line_of(self, code: CodeType) -> int | None:
        """Return the first line in the text of what ``code`` was compiled from, or None where the text has another.

        The text may have moved it since: only its place differs then, not what it does.
        """
        if any(code == other for other in self._by_line.get((code.co_firstlineno, code.co_name), ())):
            return code.co_firstlineno
        meaning = meaning_of(code)
        same = (other for other in self._by_name.get(code.co_qualname, ()) if meaning_of(other) == meaning)
        return next((other.co_firstlineno for other in same), None)


def meaning_of(code: CodeType) -> tuple[Any, ...]:
    """Return what decides how ``code`` behaves under this release of Python, without files and lines."""
    return (
        code.co_code,
        code.co_exceptiontable,
        tuple(_constant(const) for const in code.co_consts),
        *(code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars),
        *(
            code.co_argcount,
            code.co_posonlyargcount,
            code.co_kwonlyargcount,
            code.co_flags & ~inspect.CO_NESTED,
        ),
    )


def hash_code(code: CodeType) -> str:
    """Return the identity of code without text. It holds for one minor release of Python."""
    return digest("code-bytes/1", *sys.version_info[:2], repr(meaning_of(code)))


def _constant(const: object) -> object:
    if isinstance(const, CodeType):
        return meaning_of(const)
    if isinstance(const, tuple):
        return ("tuple", *map(_constant, const))
    if isinstance(const, frozenset):  # its order depends on PYTHONHASHSEED
        return ("frozenset", *sorted((_constant(item) for item in const), key=repr))
    return (type(const).__name__, repr(const))


def _inside(code: CodeType) -> Iterator[CodeType]:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const
            yield from _inside(const)
