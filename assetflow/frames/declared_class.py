"""Owns whether a plain value is of the class that an annotation names: the class itself, not what is inside it.

Knows nothing of what becomes of the value.
"""

from __future__ import annotations

import types
import typing
from typing import Any

_EVERYTHING = (None, Any, object)
# By PEP 484 an int does where a float is declared, and both where a complex is.
_ALSO: dict[type, tuple[type, ...]] = {float: (int,), complex: (float, int)}


def is_of(value: Any, annotation: Any) -> bool:
    """Say whether ``value`` is what ``annotation`` declares; None declares nothing.

    Elements are not looked at: ``list[int]`` takes every list. numpy's numbers are the Python numbers that they
    are kept as, and a number does where one of numpy's is declared.
    """
    if annotation in _EVERYTHING or isinstance(annotation, typing.TypeVar):
        return True
    if isinstance(annotation, typing.NewType):
        return is_of(value, annotation.__supertype__)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return is_of(value, arguments[0])
    if origin in (typing.Union, types.UnionType):
        return any(is_of(value, member) for member in arguments)
    if origin is typing.Literal:
        return any(type(value) is type(choice) and value == choice for choice in arguments)
    return _is_instance(value, origin or annotation)


def class_text(annotation: Any) -> str:
    """Return an annotation as its author wrote it: ``list``, ``dict[str, int]``, ``int | None``."""
    is_class = isinstance(annotation, type) and typing.get_origin(annotation) is None
    return annotation.__qualname__ if is_class else str(annotation)


def _is_instance(value: Any, declared: type) -> bool:
    if typing.is_typeddict(declared):
        return isinstance(value, dict)
    plain = value.item() if _is_numpy_number(type(value)) else value
    if _is_numpy_number(declared):
        return isinstance(plain, bool | int | float | complex)
    return isinstance(value, declared) or isinstance(plain, (declared, *_ALSO.get(declared, ())))


def _is_numpy_number(cls: type) -> bool:
    names = {base.__qualname__ for base in cls.__mro__ if base.__module__.partition(".")[0] == "numpy"}
    return bool(names & {"number", "bool", "bool_"})
