"""Owns the spec: what a declaration says of an asset, as plain frozen values.

``form`` fields hold the names that ``frames.forms`` gives; functions, models and schemas are the user's objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assetflow.hashing.command_text import CommandText
from assetflow.hashing.sql_text import SqlText
from assetflow.model.refresh import Refresh

if TYPE_CHECKING:
    from assetflow.partitions.mappings import PartitionMapping
    from assetflow.partitions.scheme import Scheme

AssetKind = Literal["source", "external", "python", "sql", "command", "effect"]
Executor = Literal["threads", "inline", "process"]
PROCESS: Executor = "process"


@dataclass(frozen=True)
class Retry:
    """When and how often a failed call is made again.

    ``times``: calls after the first. ``first``, ``most``: seconds. ``on``: exception types that are worth another try.
    """

    times: int = 0
    backoff: Literal["constant", "exponential"] = "exponential"
    first: float = 1.0
    most: float = 60.0
    jitter: bool = True
    on: tuple[type[BaseException], ...] = (Exception,)


@dataclass(frozen=True)
class InputSpec:
    """One parameter that receives an upstream asset. ``annotation`` is the evaluated annotation (or None).

    ``named``: of a query's table, the case-folded names by which the query may mean its columns; None for all.
    ``partitions``: which of its partitions are read, where it has some; ``by_partition``: as a dict by their keys.
    """

    parameter: str
    key: str
    annotation: Any = None
    columns: tuple[str, ...] | None = None
    missing: Literal["fail", "none", "skip"] = "fail"
    named: frozenset[str] | None = None
    partitions: PartitionMapping | None = None
    by_partition: bool = False


@dataclass(frozen=True)
class ResourceSpec:
    """One parameter that receives an opened resource, by the resource's name."""

    parameter: str
    name: str


@dataclass(frozen=True)
class SourceSpec:
    """Where a source's data lie and how they are read.

    ``format``: csv, jsonl, parquet, arrow, text or file. ``schema``: a ``pyarrow.Schema`` or None.
    ``options``: of the reader (csv: delimiter, header...). ``identity``: what makes it new, any byte of its files or
    the table that is read. ``keep``: whether runs keep a copy of each version in the store.
    """

    url: str
    format: str
    identity: Literal["bytes", "content"] = "bytes"
    keep: bool = True
    schema: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ExternalSpec:
    """An asset of another project: whose ``store`` (as declared), its key there, and the environment to read."""

    store: str
    asset: str
    env: str | None = None


@dataclass(frozen=True)
class CommandOutput:
    """The file that a command writes. ``format``: of a table's file, as a source's."""

    name: str
    returns: Literal["table", "value", "text", "bytes", "file", "folder"]
    format: str = ""


@dataclass(frozen=True)
class CommandSpec:
    """A program to run in the folder ``cwd``.

    ``arguments`` and the values of ``env`` (texts, and ``SecretStr``) may hold placeholders. ``suffixes``: of the files
    of inputs, by parameter; "" where the data say it. ``output``: None for an effect.
    """

    text: CommandText
    arguments: tuple[str, ...]
    env: Mapping[str, Any]
    cwd: Path
    suffixes: Mapping[str, str]
    output: CommandOutput | None = None


@dataclass(frozen=True)
class CheckSpec:
    """A test attached to an asset.

    Exactly one of ``function`` (a user's ``@check``), ``builtin`` (a ``checks.builtin`` value) and ``schema``
    (pandera) is set. ``inputs``: parameters of ``function`` beyond the judged asset, or the other assets that a
    builtin reads. ``parameter``: the one that receives the judged data; ``annotation``: that parameter's.
    """

    name: str
    asset: str
    severity: Literal["error", "warn"] = "error"
    warn_if: str | None = None
    error_if: str | None = None
    function: Callable[..., Any] | None = None
    builtin: Any = None
    schema: Any = None
    parameter: str = ""
    annotation: Any = None
    inputs: tuple[InputSpec, ...] = ()
    where: str = ""


@dataclass(frozen=True)
class OutputSpec:
    """One of several outputs of a function: the key of its asset, and how its data are taken in.

    ``returns``: its annotation (or ``Any``).
    """

    key: str
    returns: Any = None
    format: str | None = None
    sort_by: tuple[str, ...] = ()
    round: tuple[tuple[str, int], ...] = ()
    schema: Any = None
    private: bool = False


@dataclass(frozen=True)
class ExposureSpec:
    """Who uses assets outside of the project: the keys ``uses``. ``where`` is ``file:line`` of the declaration."""

    name: str
    uses: tuple[str, ...]
    where: str
    owner: str | None = None
    url: str | None = None
    description: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


@dataclass(frozen=True)
class AssetSpec:
    """An asset as declared. ``where`` is ``file:line`` of the declaration; ``path`` that file.

    Exactly one of ``function``, ``query``, ``command``, ``source`` and ``external`` makes it. ``private``: whether all
    its data must be objects that can be erased. ``renamed_from``: the key that it had before. ``on_code_change``:
    whether an incremental asset of other code goes on from what it had. ``dep_mappings``: which partitions of a dep it
    waits for, by key. ``executor``: where it runs; None for where the settings say. ``timeout``: seconds that one
    attempt may take. ``pool``: what it shares with others of the pool, so that only so many run at once.
    ``fresh_within``: seconds after which what is published of it is late. ``refresh``: what makes it stale although
    nothing that it reads has changed. ``outs``: all outputs of its function, where that makes several assets;
    ``output``: which of them it is, by its place there.
    """

    key: str
    kind: AssetKind
    where: str
    path: str
    module: str
    function: Callable[..., Any] | None = None
    query: SqlText | None = None
    command: CommandSpec | None = None
    inputs: tuple[InputSpec, ...] = ()
    deps: tuple[str, ...] = ()
    checks: tuple[CheckSpec, ...] = ()
    source: SourceSpec | None = None
    external: ExternalSpec | None = None
    config_parameter: str | None = None
    config_model: type[Any] | None = None
    context_parameter: str | None = None
    resources: tuple[ResourceSpec, ...] = ()
    returns: Any = None
    format: str | None = None
    sort_by: tuple[str, ...] = ()
    round: tuple[tuple[str, int], ...] = ()
    schema: Any = None
    retries: Retry | None = None
    group: str | None = None
    tags: tuple[str, ...] = ()
    owner: str | None = None
    description: str | None = None
    version: str | None = None
    includes: tuple[Any, ...] = ()
    ignore: tuple[Any, ...] = ()
    packages: tuple[str, ...] = ()
    private: bool = False
    renamed_from: str | None = None
    on_code_change: Literal["continue", "rebuild"] = "continue"
    partitions: Scheme | None = None
    dep_mappings: Mapping[str, PartitionMapping] = field(default_factory=dict)
    executor: Executor | None = None
    timeout: float | None = None
    pool: str | None = None
    refresh: Refresh | None = None
    fresh_within: float | None = None
    outs: tuple[OutputSpec, ...] = ()
    output: str = ""

    @property
    def made_by(self) -> Callable[..., Any] | SqlText | CommandText | None:
        """What is run to make it, as its code version is read of; None where others make it."""
        return self.function or self.query or (self.command.text if self.command is not None else None)

    @property
    def is_observed(self) -> bool:
        """Whether others make its data, which are looked at by each plan."""
        return self.kind in ("source", "external")

    @cached_property
    def upstream(self) -> tuple[str, ...]:
        """Keys of the assets that it reads or waits for, each once, in order of declaration."""
        return tuple(dict.fromkeys([*(item.key for item in self.inputs), *self.deps]))
