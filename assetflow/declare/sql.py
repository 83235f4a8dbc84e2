"""Owns ``sql``: how a user says that a query makes a data product.

Knows nothing of what the query reads: ``sql_spec`` finds that out when a project collects it.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assetflow.declare.inputs import Input, Keyed
from assetflow.declare.made import MadeOptions
from assetflow.declare.place import Place, place_of_frame
from assetflow.declare.refresh import Refresh
from assetflow.declare.retry import Retry

if TYPE_CHECKING:
    from datetime import timedelta

    import pyarrow as pa

    from assetflow.partitions.scheme import Scheme


@dataclass(frozen=True, kw_only=True)
class SqlOptions(MadeOptions):
    """The options of one ``sql``, as written."""

    called = "af.sql"

    inputs: Any = None


@dataclass(frozen=True, repr=False, eq=False)
class SqlAsset:
    """An asset that a query makes. ``query``: the text, or the path of its file (a ``Path``)."""

    key: str
    query: Any
    options: SqlOptions
    place: Place

    def __repr__(self) -> str:
        return f"SqlAsset({self.key!r})"


def sql(
    key: str,
    query: str | os.PathLike[str],
    *,
    inputs: Mapping[str, str | Keyed | Input] | None = None,
    deps: Sequence[str | Keyed] = (),
    checks: Sequence[Any] = (),
    retries: int | Retry | None = None,
    format: str | None = None,  # noqa: A002 - the design's word
    sort_by: str | Sequence[str] | None = None,
    round: Mapping[str, int] | None = None,  # noqa: A002 - the design's word
    schema: pa.Schema | None = None,
    group: str | None = None,
    tags: Sequence[str] = (),
    owner: str | None = None,
    description: str | None = None,
    version: str | None = None,
    packages: Sequence[str] = (),
    private: bool = False,
    renamed_from: str | None = None,
    executor: Literal["threads", "inline", "process"] | None = None,
    timeout: float | str | timedelta | None = None,
    pool: str | None = None,
    fresh_within: str | float | timedelta | None = None,
    refresh: Refresh | None = None,
    partitions: Scheme | None = None,
    **unknown: Any,
) -> SqlAsset:
    """Declare that a query makes an asset: ``sql("daily", "SELECT day, count(*) AS n FROM sales GROUP BY day")``.

    The tables that it names are its inputs, the assets of those keys (``"retail/orders"`` in quotes). Only what the
    query reads of them makes it stale. DuckDB runs it, with times in UTC.

    Args:
        key: the asset's name.
        query: one SELECT; or the path of a ``.sql`` file, relative to the module that declares it.
        inputs: which asset each of these tables is, where its name is not the key; an ``Input`` says which of its
            partitions are read.
        deps: assets to wait for without reading them; a change in one makes this one stale.
        checks: built-in checks and pandera schemas that each new version must pass before anyone sees it.
        retries: how often a failed run is made again: a number, or a ``Retry``.
        format: how it is stored: ``"parquet"`` (default) or ``"arrow"``.
        sort_by: columns to sort by, where the query has no ORDER BY; all other columns decide the rest.
        round: decimals to round float columns to: threads add floats in any order, so that their last digits vary.
        schema: the Arrow schema of the table.
        group: where it is shown.
        tags: words to select it by.
        owner: whom to ask.
        description: what it is; the comment that the query begins with when left out.
        version: replaces the hash of the query.
        packages: packages whose version decides the output, such as ``"duckdb"``.
        private: whether its rows may never lie in a commit, which cannot be erased, however few they are.
        renamed_from: the key that it had before; what is on record of that is taken over, and nothing runs.
        executor: where it runs: in one of this process's ``"threads"``, in a ``"process"`` of its own, or ``"inline"``,
            in the thread that called; as the settings say when left out.
        timeout: how long an attempt may take, from its inputs to its stored parts: seconds, or text such as ``"10m"``.
            It then runs in a process, which is stopped with all that it started.
        pool: what it shares with others, so that only so many of them run at once: ``[pools]`` in the settings.
        fresh_within: how old what is published may be, such as ``"1d"``, counted from when it was last made, also as it
            was before; if it is older, `assetflow status` calls it late.
        refresh: what else makes it stale: ``af.cron``, ``af.every``, ``af.probe``, ``af.always``.
        partitions: how it is cut in partitions, each with versions of its own: ``af.daily("2024-01-01")``.
        unknown: what is no option is told with all other problems of the declarations.
    """
    options = SqlOptions(
        inputs=inputs, deps=deps, checks=checks, retries=retries, format=format, sort_by=sort_by, round=round,
        schema=schema, group=group, tags=tags, owner=owner, description=description, version=version,
        packages=packages, private=private, renamed_from=renamed_from, executor=executor, timeout=timeout,
        pool=pool, fresh_within=fresh_within, refresh=refresh, partitions=partitions, unknown=tuple(unknown),
    )  # fmt: skip
    frame = inspect.currentframe()
    place = place_of_frame(frame.f_back if frame is not None else None)
    return SqlAsset(key, _query(query, Path(place.file).parent), options, place)


def _query(query: Any, folder: Path) -> Any:
    """Return a path where one is meant: no query is one word that ends so."""
    if isinstance(query, str) and not (query.endswith(".sql") and "\n" not in query):
        return query
    return folder / query if isinstance(query, str | os.PathLike) else query
