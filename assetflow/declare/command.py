"""Owns ``command``: how a user says that a program in any language makes a data product.

Knows nothing of running it; what the declaration says is read by ``command_spec`` when a project collects it.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from assetflow.declare.inputs import Input, Keyed
from assetflow.declare.made import MadeOptions
from assetflow.declare.place import Place, place_of_frame
from assetflow.declare.refresh import Refresh
from assetflow.declare.retry import Retry

if TYPE_CHECKING:
    from datetime import timedelta

    import pyarrow as pa
    from pydantic import BaseModel, SecretStr

    from assetflow.partitions.scheme import Scheme


@dataclass(frozen=True, kw_only=True)
class CommandOptions(MadeOptions):
    """The options of one ``command``, as written."""

    called = "af.command"

    inputs: Any = ()
    output: Any = None
    returns: Any = None
    env: Any = None
    cwd: Any = None
    includes: Any = ()
    config: Any = None


@dataclass(frozen=True, repr=False, eq=False)
class Command:
    """An asset that a program makes. ``arguments``: the program first, as written."""

    key: str
    arguments: Any
    options: CommandOptions
    place: Place

    def __repr__(self) -> str:
        return f"Command({self.key!r})"


def command(
    key: str,
    arguments: Sequence[str | os.PathLike[str]],
    *,
    inputs: Mapping[str, str | Keyed | Input] | Sequence[str | Keyed] = (),
    output: str | None = None,
    returns: Literal["table", "value", "text", "bytes", "file", "folder"] | None = None,
    env: Mapping[str, str | SecretStr] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    includes: Sequence[str] = (),
    config: type[BaseModel] | None = None,
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
    executor: Literal["threads", "inline", "process"] | None = None,
    timeout: float | str | timedelta | None = None,
    pool: str | None = None,
    partitions: Scheme | None = None,
    **unknown: Any,
) -> Command:
    """Declare that a program makes an asset: ``command("report", ["node", "report.js"], output="report.csv")``.

    It finds its inputs as files, and writes its output as one. Their paths are what ``{inputs.sales}`` and ``{output}``
    in its arguments stand for, and are in its environment: ``ASSETFLOW_INPUT_SALES``, ``ASSETFLOW_OUTPUT``. It is
    stale when an input, an argument, a file of the project that an argument names, or what is declared here changes.

    Args:
        key: the asset's name.
        arguments: the program and what it is called with; no shell reads them.
        inputs: the assets that it reads: a list, or each by a name. ``{"sales.csv": "sales"}`` hands the table over as
            CSV; without a suffix tables are Parquet, values JSON, files what they are.
        output: name of the file that it writes, whose suffix says how it is read back: a table from ``.parquet``,
            ``.csv``, ``.jsonl`` and ``.arrow``, a value from ``.json``, text from ``.txt``, else the file as it is; a
            folder where it ends with ``/``. Without an output, the asset is an effect.
        returns: what the output is, where its suffix does not say so.
        env: variables of its environment, beside those of this process. Their values decide the output, but for those
            of pydantic's ``SecretStr``, which are neither hashed nor kept.
        cwd: the folder that it runs in, relative to the project's, which it is when left out.
        includes: more files that decide the output, relative to the module or the project, also as patterns:
            ``"models/**/*.sql"``.
        config: a pydantic model; ``{config.rate}`` is a field of it, ``ASSETFLOW_CONFIG`` all of it as JSON.
        deps: assets to wait for without reading them; a change in one makes this one stale.
        checks: built-in checks and pandera schemas that each new version must pass before anyone sees it.
        retries: how often a failed run is made again: a number, or a ``Retry``.
        format: how a table is stored: ``"parquet"`` (default) or ``"arrow"``.
        sort_by: columns to sort a table by, where the program promises no order.
        round: decimals to round float columns to.
        schema: the Arrow schema of the table, to read it with.
        group: where it is shown.
        tags: words to select it by.
        owner: whom to ask.
        description: what it is.
        version: replaces the hash of the command and the files that it names.
        packages: Python packages whose version decides the output, such as ``"dbt-core"``.
        private: whether its data may never lie in a commit, which cannot be erased, however small they are.
        renamed_from: the key that it had before; what is on record of that is taken over, and nothing runs.
        refresh: what else makes it stale: ``af.cron``, ``af.every``, ``af.probe``, ``af.always``.
        fresh_within: how old what is published may be, such as ``"1d"``, counted from when it was last made, also as it
            was before; if it is older, `assetflow status` calls it late.
        executor: where the run waits for it, as for other assets; the program is a process of its own anyway.
        timeout: how long an attempt may take, from its inputs to its stored parts: seconds, or text such as ``"10m"``.
        pool: what it shares with others, so that only so many of them run at once: ``[pools]`` in the settings.
        partitions: how it is cut in partitions, each with versions of its own: ``af.daily("2024-01-01")``. Which one is
            made is told by ``{partition}``, ``{partition.start}``, ``{partition.end}``, of a grid by
            ``{partition.region}``; and by ``ASSETFLOW_PARTITION``, ``..._START``, ``..._END``.
        unknown: what is no option is told with all other problems of the declarations.
    """
    options = CommandOptions(
        inputs=inputs, output=output, returns=returns, env=env, cwd=cwd, includes=includes, config=config,
        deps=deps, checks=checks, retries=retries, format=format, sort_by=sort_by, round=round, schema=schema,
        group=group, tags=tags, owner=owner, description=description, version=version, packages=packages,
        private=private, renamed_from=renamed_from, refresh=refresh, fresh_within=fresh_within,
        executor=executor, timeout=timeout, pool=pool, partitions=partitions, unknown=tuple(unknown),
    )  # fmt: skip
    frame = inspect.currentframe()
    return Command(key, arguments, options, place_of_frame(frame.f_back if frame is not None else None))
