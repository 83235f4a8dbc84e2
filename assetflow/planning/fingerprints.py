"""Owns how a recipe is put together from a resolved asset and its inputs' versions, and the fingerprint of a recipe.

What a fingerprint *is* is defined in ``hashing.fingerprint``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from assetflow.hashing.fingerprint import InputIdentity, check_fingerprint, fingerprint
from assetflow.hashing.fingerprint import Seen as Entered
from assetflow.ledger.records import Recorded
from assetflow.model.recipe import CodePart, InputVersion, Recipe
from assetflow.model.versions import Materialized, SourceObserved
from assetflow.planning.resolve import Resolved, ResolvedCheck, ResolvedInput


@dataclass(frozen=True, slots=True)
class Seen:
    """What a consumer sees of an upstream asset: one version's identity."""

    version: str
    data_version: str
    rows: int | None = None
    columns: tuple[tuple[str, str], ...] | None = None


class _SeenRecord(Seen):
    """What is seen of a record; its rows and columns are read when somebody asks for them."""

    def __init__(self, recorded: Recorded) -> None:
        object.__setattr__(self, "version", recorded.version)
        object.__setattr__(self, "data_version", recorded.data_version)
        self.__dict__["_recorded"] = recorded

    @cached_property
    def rows(self) -> int | None:
        recorded: Recorded = self.__dict__["_recorded"]
        return recorded.rows

    @cached_property
    def columns(self) -> tuple[tuple[str, str], ...] | None:
        return _seen_of_action(self.__dict__["_recorded"].action).columns


def seen_of(version: Recorded | Materialized | SourceObserved) -> Seen:
    """Return what consumers see of a version."""
    return _SeenRecord(version) if isinstance(version, Recorded) else _seen_of_action(version)


def _seen_of_action(action: Materialized | SourceObserved) -> Seen:
    columns = action.columns if isinstance(action, SourceObserved) else None
    if columns is None and action.manifest is not None:
        columns = action.manifest.columns
    return Seen(action.version, action.data_version, action.rows, columns)


def fingerprint_now(asset: Resolved, seen: Mapping[str, Seen | None]) -> str:
    """Return ``fingerprint_of(asset.key, recipe_of(asset, seen))`` without making the recipe: most are never read."""
    spec = asset.spec
    return fingerprint(
        asset=spec.key,
        output=spec.output,
        code_version=asset.code.digest,
        config_hash=asset.config_hash,
        token=asset.token,
        partition=asset.partition,
        sort_by=spec.sort_by,
        round=spec.round,
        form=asset.returns_text,
        resources=asset.resources,
        inputs=[
            (
                item.spec.parameter,
                item.form_text,
                item.spec.missing,
                item.mapping,
                [
                    (part, entering(item, seen.get(name)))
                    for part, name in zip(item.partitions, item.names, strict=True)
                ],
            )
            for item in asset.inputs
            if item.partitions
        ],
        deps=[(name, _data_version(seen.get(name))) for name in asset.deps],
    )


def recipe_of(asset: Resolved, seen: Mapping[str, Seen | None]) -> Recipe:
    """Put together the recipe of ``asset``, given what it sees of each upstream key (None: no version)."""
    return Recipe(
        output=asset.spec.output,
        form=asset.returns_text,
        code_version=asset.code.digest,
        code=tuple(CodePart(name=part.name, digest=part.digest, file=part.file) for part in asset.code.parts),
        config_hash=asset.config_hash,
        config=asset.config_record,
        token=asset.token,
        sort_by=asset.spec.sort_by,
        round=asset.spec.round,
        resources=asset.resources,
        inputs=tuple(
            _input_version(item, partition, seen.get(name))
            for item in asset.inputs
            for partition, name in zip(item.partitions, item.names, strict=True)
        ),
        deps=tuple((name, _data_version(seen.get(name))) for name in sorted(asset.deps)),
    )


def fingerprint_of(key: str, recipe: Recipe, partition: str = "") -> str:
    """Return the fingerprint of ``recipe`` for this asset and partition."""
    return fingerprint(
        asset=key,
        output=recipe.output,
        code_version=recipe.code_version,
        config_hash=recipe.config_hash,
        token=recipe.token,
        partition=partition,
        sort_by=recipe.sort_by,
        round=recipe.round,
        form=recipe.form,
        resources=recipe.resources,
        inputs=_identities(recipe.inputs),
        deps=recipe.deps,
    )


def call_of(outs: Sequence[str], recipe: Recipe, partition: str) -> str:
    """Return the hash of all that decides a call for which ``recipe`` is that of one of its ``outs``."""
    of_call = recipe.model_copy(update={"output": "", "form": "", "sort_by": (), "round": ()})
    return fingerprint_of("\n".join(outs), of_call, partition)


def rebased(recipe: Recipe, seen: Mapping[str, Seen | None]) -> Recipe:
    """Return ``recipe`` as it would be with other versions of its inputs; upstreams not in ``seen`` stay."""
    inputs = tuple(
        having_seen(item, seen[item.name], _names(item)) if item.name in seen else item
        for item in recipe.inputs
    )
    deps = tuple((key, _data_version(seen[key]) if key in seen else version) for key, version in recipe.deps)
    return recipe.model_copy(update={"inputs": inputs, "deps": deps})


def having_seen(item: InputVersion, seen: Seen | None, columns: Sequence[str] | None) -> InputVersion:
    """Return ``item`` as it is when ``seen`` is read, of which it declares ``columns`` (None: all that there is).

    Of a query's table, the columns are those of ``seen`` that the query names.

    Where the columns' own hashes are not known (a source by its bytes), the data version stands for each: which
    columns are read decides the output there too.
    """
    if item.named is not None:
        columns = columns_named(item.named, seen)
    pairs = _pairs(seen, columns) if columns is not None and seen is not None else None
    return item.model_copy(
        update={
            "version": seen.version if seen else None,
            "data_version": _data_version(seen),
            "rows": seen.rows if seen else None,
            "columns": pairs,
        }
    )


def columns_named(named: Collection[str], seen: Seen | None) -> tuple[str, ...] | None:
    """Return the columns of ``seen`` that a query may mean by ``named``; None for all, or where they are not known.

    Columns that differ only by case have other names in DuckDB, so all of them count.
    """
    if seen is None or seen.columns is None:
        return None
    by_name = {name.casefold(): name for name, _ in seen.columns}
    if len(by_name) < len(seen.columns):
        return None
    wanted = set(named)
    return tuple(name for folded, name in by_name.items() if folded in wanted)


def check_fingerprint_of(check: ResolvedCheck, data_version: str, seen: Mapping[str, Seen | None]) -> str:
    """Return the fingerprint of judging ``data_version`` with ``check``: its code, arguments and all that it reads."""
    reads = [(check.spec.asset, data_version)]
    reads += [
        (item.spec.key, _data_version(seen.get(name)) or "") for item in check.inputs for name in item.names
    ]
    return check_fingerprint(check.spec.name, check.code.digest, check.arguments_hash, reads)


def _identities(inputs: Sequence[InputVersion]) -> list[InputIdentity]:
    """Return how each parameter entered, all partitions that it read together."""
    read: dict[str, tuple[InputVersion, list[tuple[str, Entered]]]] = {}
    for item in inputs:
        read.setdefault(item.parameter, (item, []))[1].append((item.partition, _entering(item)))
    return [
        (parameter, item.form, item.missing, item.mapping, entered)
        for parameter, (item, entered) in read.items()
    ]


def _input_version(item: ResolvedInput, partition: str, seen: Seen | None) -> InputVersion:
    spec = item.spec
    declared = InputVersion(
        parameter=spec.parameter,
        asset=spec.key,
        partition=partition,
        mapping=item.mapping,
        form=item.form_text,
        missing=spec.missing,
        named=None if spec.named is None else tuple(sorted(spec.named)),
    )
    return having_seen(declared, seen, item.columns)


def _names(item: InputVersion) -> tuple[str, ...] | None:
    return None if item.columns is None else tuple(name for name, _ in item.columns)


def _pairs(seen: Seen, columns: Sequence[str]) -> tuple[tuple[str, str], ...]:
    if seen.columns is None:
        return tuple((name, seen.data_version) for name in columns)
    hashes = dict(seen.columns)
    return tuple((name, hashes.get(name, "")) for name in columns)


def entering(item: ResolvedInput, seen: Seen | None) -> str | tuple[int, Sequence[tuple[str, str]]] | None:
    """Return what enters a fingerprint of an input of which this is seen."""
    columns = item.columns if item.spec.named is None else columns_named(item.spec.named, seen)
    if columns is None or seen is None:
        return _data_version(seen)
    return (seen.rows or 0, _pairs(seen, columns))


def _entering(item: InputVersion) -> str | tuple[int, list[tuple[str, str]]] | None:
    if item.data_version is None:
        return None
    if item.columns is not None:
        return (item.rows or 0, list(item.columns))
    return item.data_version


def _data_version(seen: Seen | None) -> str | None:
    return seen.data_version if seen else None
