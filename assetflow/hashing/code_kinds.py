"""Owns what kind of thing a captured object is: code of the project, code of others, something neutral, or a value.

Knows nothing of how any of them is hashed.
"""

from __future__ import annotations

import inspect
import logging
import sys
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any, Literal

from assetflow.hashing.code_project import OWN_PACKAGE, ProjectModules

# "function", "class": of the project, followed. "foreign": a function of others, which may hold one of the project's.
# "wrapper": an object with __wrapped__. "named": others' code, known by its name. "opaque": the project's, but
# compiled. "typing": a type expression. "neutral": decides nothing. "other": a value, if anything.
Kind = Literal["function", "class", "foreign", "wrapper", "named", "opaque", "typing", "neutral", "other"]

_DESCRIPTORS = (
    *(ClassMethodDescriptorType, GetSetDescriptorType, MemberDescriptorType),
    *(MethodDescriptorType, MethodWrapperType, WrapperDescriptorType),
)
_PLAIN = frozenset({type(None), bool, int, float, complex, str, bytes, list, dict, tuple, set})
_TYPING = frozenset({"typing", "typing_extensions"})
_LOGGING = frozenset({"logging", "structlog", "loguru"})
_LOCKING = frozenset({"_thread", "threading", "asyncio.locks", "multiprocessing.synchronize"})
_LOCKS = frozenset(
    {
        "lock",
        "LockType",
        "RLock",
        "_RLock",
        "Lock",
        "Condition",
        "Semaphore",
        "BoundedSemaphore",
        "Event",
        "Barrier",
    }
)


def kind_of(value: Any, project: ProjectModules) -> Kind:
    """Return the kind of ``value``."""
    if type(value) in _PLAIN:
        return "other"
    if isinstance(value, FunctionType):
        where = value.__globals__
        return "function" if project.belongs(where.get("__name__"), where.get("__file__")) else "foreign"
    if _is_typing(value):
        return "typing"
    if isinstance(value, type):
        return "class" if project.belongs(value.__module__) else "named"
    if _is_neutral(value):
        return "neutral"
    if callable(inspect.getattr_static(value, "__wrapped__", None)):
        return "wrapper"
    if is_own(value):
        return "neutral"
    if isinstance(value, _DESCRIPTORS) or is_named(value):
        return "opaque" if project.belongs(getattr(value, "__module__", None)) else "named"
    return "other"


def is_own(value: object) -> bool:
    """Say whether ``value`` is an object of assetflow's own."""
    return type(value).__module__.partition(".")[0] == OWN_PACKAGE


def is_named(value: Any) -> bool:
    """Say whether ``value`` is a callable that its module holds under its own name: compiled functions, ufuncs."""
    if isinstance(value, BuiltinFunctionType) and isinstance(value.__self__, ModuleType | None):
        return True
    module, name = (
        getattr(value, "__module__", None),
        getattr(value, "__qualname__", getattr(value, "__name__", None)),
    )
    if not callable(value) or not isinstance(module, str) or not isinstance(name, str):
        return False
    return vars(sys.modules.get(module, object)).get(name) is value


def name_of(value: Any) -> str:
    """Return ``module:qualname`` of a function or class, or of the type of any other object."""
    named = value if hasattr(value, "__qualname__") or hasattr(value, "__name__") else type(value)
    qualname = getattr(named, "__qualname__", None) or named.__name__
    return f"{getattr(named, '__module__', None) or 'builtins'}:{qualname}"


def _is_typing(value: object) -> bool:
    kind = type(value)
    return kind.__module__ in _TYPING or (
        kind.__module__ == "types" and kind.__name__ in {"GenericAlias", "UnionType"}
    )


def _is_neutral(value: object) -> bool:
    kind = type(value)
    if isinstance(value, logging.Logger | logging.LoggerAdapter | ModuleType) or kind is object:
        return True
    if kind.__module__.partition(".")[0] in _LOGGING and "Logger" in kind.__name__:
        return True
    return kind.__module__ in _LOCKING and kind.__name__ in _LOCKS
