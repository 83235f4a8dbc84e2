"""Owns ``@asset``: how a user says that a function makes a data product.

Knows nothing of other declarations; what the declaration says is read by ``asset_spec`` when a project
collects it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, TypeVar, overload

from assetflow.declare.function import UserFunction, caller, declared_function
from assetflow.declare.inputs import Input, Keyed
from assetflow.declare.made import FunctionOptions, MadeOptions
from assetflow.declare.refresh import Refresh
from assetflow.declare.retry import Retry

if TYPE_CHECKING:
    from datetime import timedelta

    import pyarrow as pa

    from assetflow.partitions.scheme import Scheme


P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class AssetOptions(FunctionOptions, MadeOptions):
    """The options of one ``@asset``, as written."""

    called = "@asset"

    key: Any = None
    on_code_change: Any = "continue"


class Asset(Generic[P, R]):
    """A declared asset. Calling it calls the function, and nothing else."""

    def __init__(self, declared: UserFunction, options: AssetOptions) -> None:
        # first, because it brings attributes of the function, which must not win
        functools.update_wrapper(self, declared.call)
        self.function: Callable[P, R] = declared.call
        self.declared = declared
        self.options = options

    @property
    def key(self) -> str:
        """The asset's key: as given, else the function's name."""
        key = self.options.key
        return getattr(self.function, "__name__", "") if key is None else key

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function."""
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"Asset({self.key!r})"


@overload
def asset(key: Callable[P, R], /) -> Asset[P, R]: ...


@overload
def asset(
    key: str | None = None,
    *,
    inputs: Mapping[str, str | Keyed | Input] = ...,
    deps: Sequence[str | Keyed] = ...,
    checks: Sequence[Any] = ...,
    retries: int | Retry | None = None,
    format: str | None = None,
    sort_by: str | Sequence[str] | None = None,
    round: Mapping[str, int] | None = None,
    schema: pa.Schema | None = None,
    group: str | None = None,
    tags: Sequence[str] = ...,
    owner: str | None = None,
    description: str | None = None,
    version: str | None = None,
    includes: Sequence[Any] = ...,
    ignore: Sequence[Any] = ...,
    packages: Sequence[str] = ...,
    private: bool = False,
    renamed_from: str | None = None,
    on_code_change: Literal["continue", "rebuild"] = "continue",
    partitions: Scheme | None = None,
    executor: Literal["threads", "inline", "process"] | None = None,
    timeout: float | str | timedelta | None = None,
    pool: str | None = None,
    fresh_within: str | float | timedelta | None = None,
    refresh: Refresh | None = None,
) -> Callable[[Callable[P, R]], Asset[P, R]]: ...


def asset(
    key: Any = None,
    *,
    inputs: Any = None,
    deps: Any = (),
    checks: Any = (),
    retries: Any = None,
    format: Any = None,  # noqa: A002 - the design's word
    sort_by: Any = None,
    round: Any = None,  # noqa: A002 - the design's word
    schema: Any = None,
    group: Any = None,
    tags: Any = (),
    owner: Any = None,
    description: Any = None,
    version: Any = None,
    includes: Any = (),
    ignore: Any = (),
    packages: Any = (),
    private: Any = False,
    renamed_from: Any = None,
    on_code_change: Any = "continue",
    partitions: Any = None,
    executor: Any = None,
    timeout: Any = None,
    pool: Any = None,
    fresh_within: Any = None,
    refresh: Any = None,
    **unknown: Any,
) -> Any:
    """Declare that a function makes an asset: ``@asset``, ``@asset("retail/sales")``, ``@asset(tags=[...])``.

    Each parameter of the function is an input, the asset of that name. A parameter annotated with a pydantic
    model is the config, one with ``Context`` the context, ``Annotated[T, Resource("db")]`` a resource.
    ``-> None`` makes it an effect. The function stays callable as it is.

    Args:
        key: the asset's name; the function's name when left out.
        inputs: which asset each of these parameters reads: a key, an asset, or an ``Input``.
        deps: assets to wait for without reading them; a change in one makes this one stale.
        checks: built-in checks and pandera schemas that each new version must pass before anyone sees it.
        retries: how often a failed call is made again: a number, or a ``Retry``.
        format: how it is stored: tables as ``"parquet"`` (default) or ``"arrow"``, figures as ``"png"`` or
            ``"svg"``, objects that have no safer form as ``"pickle"``.
        sort_by: columns to sort by before hashing and storing, where the function promises no order.
        round: decimals to round float columns to before hashing and storing.
        schema: the Arrow schema of the table, needed where a column without values has no type by itself.
        group: where it is shown.
        tags: words to select it by.
        owner: whom to ask.
        description: what it is; the function's docstring when left out.
        version: replaces the hash of the code: the asset is stale when this text changes, and not when the
            code does.
        includes: more that decides the output: objects, or files such as ``"query.sql"``.
        ignore: functions that the hash of the code leaves out.
        packages: third-party packages whose version decides the output.
        private: whether its data may never lie in a commit, which cannot be erased, however small they are.
        renamed_from: the key that it had before; what is on record of that is taken over, and nothing runs.
        on_code_change: of an incremental asset (one that asks for ``context.previous``): whether other code goes on
            from what there is (``"continue"``), or begins anew (``"rebuild"``).
        partitions: how it is cut in partitions, each with versions of its own: ``af.daily("2024-01-01")``.
        executor: where it runs: in one of this process's ``"threads"``, in a ``"process"`` of its own, or ``"inline"``,
            in the thread that called; as the settings say when left out.
        timeout: how long an attempt may take, from its inputs to its stored parts: seconds, or text such as ``"10m"``.
            It then runs in a process, which is stopped with all that it started.
        pool: what it shares with others, so that only so many of them run at once: ``[pools]`` in the settings.
        fresh_within: how old what is published may be, such as ``"1d"``, counted from when it was last made, also as it
            was before; if it is older, `assetflow status` calls it late.
        refresh: what else makes it stale: ``af.cron``, ``af.every``, ``af.probe``, ``af.always``.
        unknown: what is no option is told with all other problems of the declarations.
    """
    if callable(key):
        return Asset(declared_function(key, caller(inspect.currentframe())), AssetOptions())
    options = AssetOptions(
        key=key, inputs=inputs, deps=deps, checks=checks, retries=retries, format=format, sort_by=sort_by,
        round=round, schema=schema, group=group, tags=tags, owner=owner, description=description,
        version=version, includes=includes, ignore=ignore, packages=packages, private=private,
        renamed_from=renamed_from, on_code_change=on_code_change, partitions=partitions, executor=executor,
        timeout=timeout, pool=pool, fresh_within=fresh_within, refresh=refresh, unknown=tuple(unknown),
    )  # fmt: skip

    def decorate(function: Callable[P, R]) -> Asset[P, R]:
        return Asset(declared_function(function, caller(inspect.currentframe())), options)

    return decorate
