"""Owns ``@assets``: how a user says that one function makes several data products.

Knows nothing of other declarations; what the declaration says is read by ``assets_spec`` when a project collects it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, TypeVar, cast

from assetflow.declare.function import UserFunction, caller, declared_function
from assetflow.declare.inputs import Input, Keyed
from assetflow.declare.made import FunctionOptions, Out
from assetflow.declare.refresh import Refresh
from assetflow.declare.retry import Retry
from assetflow.keys import did_you_mean

if TYPE_CHECKING:
    from datetime import timedelta

    from assetflow.partitions.scheme import Scheme

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class AssetsOptions(FunctionOptions):
    """The options of one ``@assets``, as written."""

    called = "@assets"

    outs: Any = ()
    group: Any = None
    tags: Any = ()
    owner: Any = None


@dataclass(frozen=True)
class Output:
    """One of the assets that a function makes, to be named as an input of others: ``inputs={"a": split["train"]}``."""

    key: str


class Assets(Generic[P, R]):
    """Several assets that one function makes. Calling it calls the function, and nothing else."""

    def __init__(self, declared: UserFunction, options: AssetsOptions) -> None:
        # first, because it brings attributes of the function, which must not win
        functools.update_wrapper(self, declared.call)
        self.function: Callable[P, R] = declared.call
        self.declared = declared
        self.options = options

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of what it makes, in order; of outs that make no sense, none."""
        outs = self.options.outs
        named = outs if isinstance(outs, Mapping | list | tuple) else ()
        return tuple(key for key in named if isinstance(key, str))

    def __getitem__(self, key: str) -> Output:
        """Return one of its outputs, to be named as an input of others.

        Raises:
            KeyError: it has no output of this key.
        """
        if key not in self.keys:
            raise KeyError(
                f"{self!r} has no output {key!r}; {did_you_mean(key, self.keys) or 'see its outs'}"
            )
        return Output(key)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function."""
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"Assets({', '.join(map(repr, self.keys))})"


def assets(
    function: Any = None,
    /,
    *,
    outs: Mapping[str, Out | None] | Sequence[str] = (),
    inputs: Mapping[str, str | Keyed | Input] | None = None,
    deps: Sequence[str | Keyed] = (),
    retries: int | Retry | None = None,
    group: str | None = None,
    tags: Sequence[str] = (),
    owner: str | None = None,
    version: str | None = None,
    includes: Sequence[Any] = (),
    ignore: Sequence[Any] = (),
    packages: Sequence[str] = (),
    partitions: Scheme | None = None,
    executor: Literal["threads", "inline", "process"] | None = None,
    timeout: float | str | timedelta | None = None,
    pool: str | None = None,
    refresh: Refresh | None = None,
    **unknown: Any,
) -> Callable[[Callable[P, R]], Assets[P, R]]:
    """Declare that one function makes several assets: ``@assets(outs={"train": af.Out(), "test": af.Out()})``.

    It returns a dictionary from their keys to their data, or a tuple in the order of ``outs``. Each is an asset like
    any other: with versions, checks and a history of its own, made only where it is stale. A run calls the function at
    most once for all those that are. Parameters mean the same as those of ``@asset``, and so do the options.

    Args:
        function: none: an ``@assets`` without options makes nothing, which is told with all other problems.
        outs: the keys of what it makes, each with what is declared of it alone, or a list of keys.
        inputs: which asset each of these parameters reads: a key, an asset, or an ``Input``.
        deps: assets to wait for without reading them; a change in one makes all of these stale.
        retries: how often a failed call is made again: a number, or a ``Retry``.
        group: where those are shown that say nothing else.
        tags: words to select all of them by, beside those of each.
        owner: whom to ask about those that say nothing else.
        version: replaces the hash of the code.
        includes: more that decides the output: objects, or files such as ``"query.sql"``.
        ignore: functions that the hash of the code leaves out.
        packages: third-party packages whose version decides the output.
        partitions: how all of them are cut in partitions: ``af.daily("2024-01-01")``.
        executor: where it runs: in ``"threads"``, in a ``"process"`` of its own, or ``"inline"``.
        timeout: how long an attempt may take: seconds, or text such as ``"10m"``. It then runs in a process.
        pool: what it shares with others, so that only so many of them run at once: ``[pools]`` in the settings.
        refresh: what else makes them stale: ``af.cron``, ``af.every``, ``af.probe``, ``af.always``.
        unknown: what is no option is told with all other problems of the declarations.
    """
    options = AssetsOptions(
        outs=outs, inputs=inputs, deps=deps, retries=retries, group=group, tags=tags, owner=owner, version=version,
        includes=includes, ignore=ignore, packages=packages, partitions=partitions, executor=executor,
        timeout=timeout, pool=pool, refresh=refresh, unknown=tuple(unknown),
    )  # fmt: skip

    def decorate(function: Callable[P, R]) -> Assets[P, R]:
        return Assets(declared_function(function, caller(inspect.currentframe())), options)

    if callable(function):  # no outs: an asset instead of a decorator, so that it is told where it stands
        bare = Assets[Any, Any](declared_function(function, caller(inspect.currentframe())), options)
        return cast("Callable[[Callable[P, R]], Assets[P, R]]", bare)
    return decorate
