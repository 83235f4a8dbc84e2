"""Owns how annotations are evaluated, and what assetflow's own marks in them say.

Knows nothing of which asset a parameter reads.
"""

from __future__ import annotations

import re
import sys
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from assetflow.declare.inputs import Input
from assetflow.declare.resource import Resource

_IDENTIFIER = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Annotations:
    """Evaluated annotations by parameter (``return`` for the result), and why others could not be."""

    evaluated: Mapping[str, Any]
    broken: Mapping[str, str]


@dataclass(frozen=True)
class Meaning:
    """An annotation: the type without ``Annotated`` and None, the marks, and whether None is allowed."""

    base: Any
    marks: tuple[Input | Resource, ...] = ()
    optional: bool = False


def names_around(function: Callable[..., Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the caller's local ``variables`` that the annotations of ``function`` name.

    Annotations are text under ``from __future__ import annotations``, and Python keeps no way from a nested
    function's text to the types that were defined beside it.
    """
    if "<locals>" not in getattr(function, "__qualname__", ""):
        return {}
    texts = [text for text in getattr(function, "__annotations__", {}).values() if isinstance(text, str)]
    named = {name for text in texts for name in _IDENTIFIER.findall(text)}
    return {name: variables[name] for name in named if name in variables}


def evaluate(function: Callable[..., Any], around: Mapping[str, Any]) -> Annotations:
    """Evaluate the annotations of ``function``, with the names ``around`` it."""
    if not getattr(function, "__annotations__", None):
        return Annotations({}, {})
    try:
        return Annotations(
            typing.get_type_hints(function, localns=dict(around) or None, include_extras=True), {}
        )
    except Exception:  # noqa: BLE001 - an annotation is the user's code, and may raise anything
        return _evaluate_each(function, around)


def take_apart(annotation: Any) -> Meaning:
    """Return what ``annotation`` says, with the marks of ``Annotated`` at any depth of ``X | None``."""
    origin = get_origin(annotation)
    if origin is Annotated:
        base, *metadata = get_args(annotation)
        inner = take_apart(base)
        marks = tuple(item for item in metadata if isinstance(item, Input | Resource))
        return Meaning(inner.base, inner.marks + marks, inner.optional)
    if origin is Union or origin is types.UnionType:
        others = [item for item in get_args(annotation) if item is not type(None)]
        if len(others) == 1:
            inner = take_apart(others[0])
            return Meaning(inner.base, inner.marks, optional=True)
    return Meaning(annotation)


def is_pydantic_model(annotation: Any) -> bool:
    """Say whether ``annotation`` is a pydantic model, without importing pydantic."""
    pydantic = sys.modules.get("pydantic")  # a model's class cannot exist before it is imported
    return (
        pydantic is not None and isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel)
    )


def _evaluate_each(function: Callable[..., Any], around: Mapping[str, Any]) -> Annotations:
    evaluated: dict[str, Any] = {}
    broken: dict[str, str] = {}
    names = {**getattr(_innermost(function), "__globals__", {}), **around}
    for parameter, annotation in function.__annotations__.items():
        alone = types.SimpleNamespace(__annotations__={parameter: annotation})
        try:
            evaluated |= typing.get_type_hints(alone, globalns=names, localns=names, include_extras=True)
        except Exception as error:  # noqa: BLE001 - as above; it becomes the problem's text
            text = annotation if isinstance(annotation, str) else repr(annotation)
            broken[parameter] = f"{text!r} cannot be evaluated ({type(error).__name__}: {error})"
    return Annotations(evaluated, broken)


def _innermost(function: Callable[..., Any]) -> Callable[..., Any]:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function
