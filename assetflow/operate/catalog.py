"""Owns telling what is declared, and what is on record of it: list, show."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from assetflow.hashing.command_text import CommandText
from assetflow.hashing.sql_text import SqlText
from assetflow.ledger.session import Session
from assetflow.model.refresh import refresh_words
from assetflow.model.spec import AssetSpec, ExposureSpec
from assetflow.operate.exposures import exposures_of
from assetflow.operate.materialization import Materialization, materialization_of
from assetflow.operate.planning import selected
from assetflow.operate.workspace import Workspace
from assetflow.planning.fingerprints import Seen, columns_named, seen_of
from assetflow.planning.resolve import ResolvedInput

if TYPE_CHECKING:
    from assetflow.lineage.selection import Selection


@dataclass(frozen=True)
class CatalogEntry:
    """An asset as it is declared. ``where``: file and line, relative to the project."""

    key: str
    kind: str
    group: str | None
    tags: tuple[str, ...]
    owner: str | None
    description: str | None
    where: str
    upstream: tuple[str, ...]
    checks: tuple[str, ...]
    refresh: str | None = None
    partitions: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


@dataclass(frozen=True)
class RecordedEntry:
    """An asset as the log knows it, declared or not.

    ``version`` is what the environment points at, with its rows, ``since`` when; None where it points at none. Of an
    asset with partitions it points at as many versions as it publishes ``partitions``: rows of all, since the last.
    """

    key: str
    kind: str
    version: str | None
    rows: int | None
    since: str | None
    partitions: int | None = None

    @property
    def is_published(self) -> bool:
        """Whether the environment publishes anything of it."""
        return self.since is not None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


@dataclass(frozen=True)
class CodeEntry:
    """One piece of project code that an asset reaches."""

    name: str
    kind: str
    where: str
    digest: str


@dataclass(frozen=True)
class PartitionsPublished:
    """How many partitions of an asset are published, and how many ``there`` are; ``last``: key of the newest published.

    ``rows``: of all that are published, None where they are no tables. ``since``: when the last was published.
    """

    published: int
    there: int
    last: str | None
    rows: int | None
    since: str | None


@dataclass(frozen=True)
class AssetDetails:
    """Everything about one asset: its declaration, what it reaches, how it stands."""

    entry: CatalogEntry
    returns: str
    inputs: tuple[dict[str, Any], ...]
    options: dict[str, Any]
    code_version: str
    code: tuple[CodeEntry, ...]
    opaque: tuple[str, ...]
    source: str | None
    current: Materialization | None
    exposures: tuple[ExposureSpec, ...] = ()
    partitions: PartitionsPublished | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            **self.entry.to_dict(),
            "returns": self.returns,
            "inputs": list(self.inputs),
            "options": self.options,
            "code_version": self.code_version,
            "code": [asdict(part) for part in self.code],
            "opaque": list(self.opaque),
            "source": self.source,
            "current": self.current.to_dict() if self.current else None,
            "published": asdict(self.partitions) if self.partitions else None,
            "exposures": [exposure.to_dict() for exposure in self.exposures],
        }


def list_assets(
    workspace: Workspace, selection: str | Selection | None = None, exclude: str | Selection | None = None
) -> list[CatalogEntry]:
    """Return what is declared, of the assets selected, in order of key."""
    return [entry_of(workspace.specs[key]) for key in sorted(selected(workspace, selection, exclude))]


def list_recorded(workspace: Workspace) -> list[RecordedEntry]:
    """Return what is on record in this store, without importing the user's modules."""
    with workspace.ledger.session() as session:
        pointers = session.whole_pointers(workspace.env)
        versions = session.versions({pointer.version for pointer in pointers.values()})
        sums = session.partition_sums(workspace.env)
        entries = []
        for key, kind in session.recorded_kinds().items():
            if key in sums:
                of_all = sums[key]
                entries.append(RecordedEntry(key, kind, None, of_all.rows, of_all.since, of_all.count))
                continue
            pointer = pointers.get(key)
            recorded = versions[pointer.version] if pointer else None
            entries.append(
                RecordedEntry(
                    key,
                    kind,
                    pointer.version if pointer else None,
                    recorded.action.rows if recorded else None,
                    pointer.since if pointer else None,
                )
            )
    return entries


def details(workspace: Workspace, key: str) -> AssetDetails:
    """Return everything about one declared asset."""
    workspace.require([key])
    spec = workspace.specs[key]
    resolved = workspace.resolver({}).resolve_all([spec])[key]
    with workspace.ledger.session() as session:
        current = _current(session, key, workspace.env)
        pointers = session.whole_pointers(workspace.env)
        versions = session.versions({pointers[name].version for name in spec.upstream if name in pointers})
    published = {recorded.asset: seen_of(recorded.action) for recorded in versions.values()}
    return AssetDetails(
        entry=entry_of(spec),
        returns=resolved.returns.name,
        inputs=tuple(
            {
                "parameter": item.spec.parameter,
                "asset": item.spec.key,
                "form": item.form.name,
                "columns": _columns_read(item, published),
                "missing": item.spec.missing,
            }
            for item in resolved.inputs
        ),
        options=_options(spec, resolved.config_record),
        code_version=resolved.code.digest,
        code=tuple(
            CodeEntry(part.name, part.kind, f"{part.file}:{part.line}", part.digest)
            for part in resolved.code.parts
        ),
        opaque=resolved.code.opaque,
        source=_source(spec),
        current=current,
        exposures=exposures_of(workspace, [key]),
        partitions=_partitions_published(workspace, key) if spec.partitions is not None else None,
    )


def entry_of(spec: AssetSpec) -> CatalogEntry:
    """Return what is declared of an asset."""
    return CatalogEntry(
        key=spec.key,
        kind=spec.kind,
        group=spec.group,
        tags=spec.tags,
        owner=spec.owner,
        description=spec.description,
        where=spec.where,
        upstream=spec.upstream,
        checks=tuple(check.name for check in spec.checks),
        refresh=refresh_words(spec.refresh) if spec.refresh is not None else None,
        partitions=spec.partitions.text if spec.partitions is not None else None,
    )


def _current(session: Session, key: str, env: str) -> Materialization | None:
    pointer = session.whole_pointers(env).get(key)
    return materialization_of(session.versions({pointer.version})[pointer.version]) if pointer else None


def _partitions_published(workspace: Workspace, key: str) -> PartitionsPublished:
    keys = list(workspace.layout().keys(key))
    with workspace.ledger.session() as session:
        found = session.published_partitions(workspace.env, key)
        sums = session.partition_sums(workspace.env).get(key)
    published = [one for one in keys if one in found]
    rows = [found[one].rows for one in published]
    known = [number for number in rows if number is not None]
    return PartitionsPublished(
        len(published),
        len(keys),
        published[-1] if published else None,
        sum(known) if known else None,
        sums.since if sums else None,
    )


def _columns_read(item: ResolvedInput, published: Mapping[str, Seen]) -> list[str] | None:
    """Return the columns of an input that are read: of a query's, by the schema that is published now; None for all."""
    if item.spec.named is None:
        return list(item.columns) if item.columns is not None else None
    columns = columns_named(tuple(item.spec.named), published.get(item.spec.key))
    return None if columns is None else list(columns)


def _options(spec: AssetSpec, config: dict[str, Any] | None) -> dict[str, Any]:
    options: dict[str, Any] = {
        "config": config,
        "sort_by": list(spec.sort_by) or None,
        "round": dict(spec.round) or None,
        "format": spec.format,
        "deps": list(spec.deps) or None,
        "version": spec.version,
        "packages": list(spec.packages) or None,
        "private": spec.private or None,
        "renamed_from": spec.renamed_from,
        "fresh_within": spec.fresh_within,
        "partitions": spec.partitions.text if spec.partitions else None,
        "on_code_change": None if spec.on_code_change == "continue" else spec.on_code_change,
        "output": spec.command.output.name if spec.command and spec.command.output else None,
        "made with": [out.key for out in spec.outs if out.key != spec.key] or None,
        "resources": [resource.name for resource in spec.resources] or None,
        "url": spec.source.url if spec.source else None,
        "identity": spec.source.identity if spec.source else None,
        **(asdict(spec.external) if spec.external else {}),
    }
    return {name: value for name, value in options.items() if value is not None}


def _source(spec: AssetSpec) -> str | None:
    if isinstance(spec.made_by, SqlText | CommandText):
        return spec.made_by.text
    if spec.function is None:
        return None
    try:
        return inspect.getsource(spec.function)
    except (OSError, TypeError):
        return None
