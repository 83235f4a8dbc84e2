"""Owns a user's function as it is when declared: its text, place, and the names around it; and which will do.

Knows nothing of what the function is declared to be.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType, FunctionType
from typing import Any

from assetflow.declare.annotations import names_around
from assetflow.declare.place import Place, place_of_frame, place_of_function
from assetflow.hashing.module_text import capture_text


@dataclass(frozen=True)
class UserFunction:
    """A function, where it stands, and those local names around it that its annotations use."""

    call: Callable[..., Any]
    place: Place
    around: Mapping[str, Any]


def declared_function(function: Callable[..., Any], decorator: FrameType | None) -> UserFunction:
    """Return ``function`` as it is now, decorated by ``decorator``; its module's text is kept from now on."""
    if isinstance(function, FunctionType):
        capture_text(function)
    place = place_of_function(function) or place_of_frame(decorator)
    around = names_around(function, decorator.f_locals) if decorator is not None else {}
    return UserFunction(function, place, around)


def caller(frame: FrameType | None) -> FrameType | None:
    """Return the frame that called ``frame``, where there is one."""
    return frame.f_back if frame is not None else None


def function_problem(function: Callable[..., Any]) -> tuple[str, str] | None:
    """Say why ``function`` cannot be an asset or a check, and what to write instead; None where it can."""
    if not isinstance(function, FunctionType):
        return f"a {type(function).__name__} was decorated, not a function", "write a function that calls it"
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return "it is an async function", "write a plain function that calls asyncio.run(...)"
    holder = function.__qualname__.rpartition(".")[0]
    if holder and not holder.endswith("<locals>"):
        return f"it is a method of the class {holder.rpartition('.')[2]!r}", "move it out of the class"
    return None
