"""Owns ``@check``: how a user says that a function judges an asset's data.

Knows nothing of judging; what the declaration says is read by ``check_spec``.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, ParamSpec, TypeVar

from assetflow.declare.function import UserFunction, declared_function
from assetflow.declare.inputs import Keyed, key_of

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class CheckOptions:
    """The options of one ``@check``, as written."""

    asset: Any
    severity: Any = "error"
    warn_if: Any = None
    error_if: Any = None
    name: Any = None


class Check(Generic[P, R]):
    """A declared check. Calling it calls the function, and nothing else."""

    def __init__(self, declared: UserFunction, options: CheckOptions) -> None:
        # first, because it brings attributes of the function, which must not win
        functools.update_wrapper(self, declared.call)
        self.function: Callable[P, R] = declared.call
        self.declared = declared
        self.options = options

    @property
    def asset(self) -> str | None:
        """Key of the asset that it judges; None where the declaration names none."""
        return key_of(self.options.asset)

    @property
    def name(self) -> str:
        """Its name: as given, else the function's name."""
        name = self.options.name
        return getattr(self.function, "__name__", "") if name is None else name

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function."""
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"Check({self.name!r} on {self.asset!r})"


def check(
    asset: str | Keyed,
    *,
    severity: Literal["error", "warn"] = "error",
    warn_if: str | None = None,
    error_if: str | None = None,
    name: str | None = None,
) -> Callable[[Callable[P, R]], Check[P, R]]:
    """Declare that a function judges each new version of ``asset`` before anyone sees it.

    The parameter named like the asset (else the first one) gets the data to be judged, the others get other
    assets. The function returns a bool, a mask with False for each failing row, the failing rows themselves,
    or a ``CheckResult``.

    Args:
        asset: the asset or its key.
        severity: ``"error"`` keeps a version that fails from being published, ``"warn"`` only records it.
        warn_if: number of failing rows that is a warning, such as ``">0"``.
        error_if: number of failing rows that is an error, such as ``">=100"``.
        name: what it is shown as; the function's name when left out.
    """
    given: Any = asset  # as callers without a type checker give it
    if inspect.isfunction(given):
        raise TypeError(
            "af.check needs the asset that it judges: write @af.check(sales) or @af.check('sales')"
        )
    options = CheckOptions(asset, severity, warn_if, error_if, name)

    def decorate(function: Callable[P, R]) -> Check[P, R]:
        frame = inspect.currentframe()
        return Check(declared_function(function, frame.f_back if frame is not None else None), options)

    return decorate
