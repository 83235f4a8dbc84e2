"""Owns ``sql``: how a user says that a query makes a data product.

Knows nothing of what the query reads: ``sql_spec`` finds that out when a project collects it.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetflow.declare.inputs import Keyed
from assetflow.declare.place import Place, place_of_frame
from assetflow.declare.refresh import Refresh
from assetflow.declare.retry import Retry

if TYPE_CHECKING:
    from datetime import timedelta

    import pyarrow as pa


@dataclass(frozen=True)
class SqlOptions:
    """The options of one ``sql``, as written."""

    inputs: Any = field(default_factory=dict)
    deps: Any = ()
    checks: Any = ()
    retries: Any = None
    format: Any = None
    sort_by: Any = None
    round: Any = None
    schema: Any = None
    group: Any = None
    tags: Any = ()
    owner: Any = None
    description: Any = None
    version: Any = None
    packages: Any = ()
    private: Any = False
    renamed_from: Any = None
    refresh: Any = None
    fresh_within: Any = None


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
    inputs: Mapping[str, str | Keyed] | None = None,
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
    refresh: Refresh | None = None,
    fresh_within: str | float | timedelta | None = None,
) -> SqlAsset:
    """Declare that a query makes an asset: ``sql("daily", "SELECT day, count(*) AS n FROM sales GROUP BY day")``.

    The tables that it names are its inputs, the assets of those keys (``"retail/orders"`` in quotes). Only what the
    query reads of them makes it stale. DuckDB runs it, with times in UTC.

    Args:
        key: the asset's name.
        query: one SELECT; or the path of a ``.sql`` file, relative to the module that declares it.
        inputs: which asset each of these tables is, where its name is not the key.
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
        refresh: what else makes it stale: ``af.cron``, ``af.every``, ``af.probe``, ``af.always``.
        fresh_within: how old what is published may be, such as ``"1d"``, counted from when it was last made, also as it
            was before; if it is older, `assetflow status` calls it late.
    """
    options = SqlOptions(
        {} if inputs is None else inputs, deps, checks, retries, format, sort_by, round, schema, group, tags, owner,
        description, version, packages, private, renamed_from, refresh, fresh_within,
    )  # fmt: skip
    frame = inspect.currentframe()
    place = place_of_frame(frame.f_back if frame is not None else None)
    return SqlAsset(key, _query(query, Path(place.file).parent), options, place)


def _query(query: Any, folder: Path) -> Any:
    """Return a path where one is meant: no query is one word that ends so."""
    if isinstance(query, str) and not (query.endswith(".sql") and "\n" not in query):
        return query
    return folder / query if isinstance(query, str | os.PathLike) else query
