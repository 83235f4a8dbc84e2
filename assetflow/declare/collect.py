"""Owns ``collect``: all declarations of a project, read, attached to each other and validated at once.

Knows nothing of where the declarations were found.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assetflow.declare.asset import Asset
from assetflow.declare.asset_spec import ReadDeclaration, read_asset
from assetflow.declare.assets import Assets
from assetflow.declare.assets_spec import read_assets
from assetflow.declare.check import Check
from assetflow.declare.check_spec import read_check
from assetflow.declare.command import Command
from assetflow.declare.command_spec import read_command
from assetflow.declare.exposure import Exposure
from assetflow.declare.exposure_spec import read_exposures
from assetflow.declare.external import External
from assetflow.declare.external_spec import read_external
from assetflow.declare.partitioning import with_mappings
from assetflow.declare.problems import Problems
from assetflow.declare.project_check import project_problems
from assetflow.declare.resource import Resource
from assetflow.declare.source import Source
from assetflow.declare.sql import SqlAsset
from assetflow.declare.sql_spec import read_sql
from assetflow.errors import DeclarationError, Problem
from assetflow.keys import did_you_mean
from assetflow.model.spec import AssetSpec, CheckSpec, ExposureSpec
from assetflow.queries.reading import QueryReader

Made = Asset[..., Any] | Assets[..., Any] | SqlAsset | Command | Source | External


@dataclass(frozen=True)
class Declared:
    """What a project declares: its assets with their checks, resources and exposures, each in order of name."""

    specs: Mapping[str, AssetSpec]
    resources: Mapping[str, Resource]
    exposures: Mapping[str, ExposureSpec]


def collect(
    declarations: Iterable[object], *, root: Path | None = None, memory: Path | None = None
) -> Declared:
    """Read and validate all declarations of a project.

    Args:
        declarations: assets, sources, checks, resources, exposures; one that comes twice counts once.
        root: the project's folder; places and paths below it are told relative to it.
        memory: a file for what queries read, which need not be read off them again; it may be lost.

    Raises:
        DeclarationError: with every problem found in any of them, in order of file and line.
    """
    gathered = _Gathered(root, QueryReader(memory))
    for declaration in {id(item): item for item in declarations}.values():
        gathered.sort_in(declaration)
    declared = gathered.read()
    if gathered.problems:
        raise DeclarationError(sorted(dict.fromkeys(gathered.problems), key=_by_place))
    return declared


class _Gathered:
    """The declarations by kind, and the problems found so far."""

    def __init__(self, root: Path | None, reader: QueryReader) -> None:
        self.problems: list[Problem] = []
        self._root = root
        self._assets: list[Made] = []
        self._checks: list[Check[..., Any]] = []
        self._resources: list[Resource] = []
        self._exposures: list[Exposure] = []
        self._reader = reader

    def sort_in(self, declaration: object) -> None:
        if isinstance(declaration, Asset | Assets | SqlAsset | Command | Source | External):
            self._assets.append(declaration)
        elif isinstance(declaration, Check):
            self._checks.append(declaration)
        elif isinstance(declaration, Resource):
            self._resources.append(declaration)
        elif isinstance(declaration, Exposure):
            self._exposures.append(declaration)
        else:
            self.problems.append(_undeclared(declaration))

    def read(self) -> Declared:
        keys = {key for asset in self._assets for key in _keys_of(asset)}
        by_case = {key.casefold(): key for key in keys}
        found = [self._read_asset(asset, keys, by_case) for asset in self._assets]
        self._reader.remember()
        self.problems += [problem for item in found for problem in item.problems]
        resources = self._name_resources(
            [*self._resources, *(res for item in found for res in item.definitions)]
        )
        specs = self._attach([spec for item in found for spec in item.specs], keys)
        self.problems += project_problems(specs, resources)
        specs, unmapped = with_mappings(specs)
        self.problems += unmapped
        exposures = read_exposures(self._exposures, keys=keys, root=self._root)
        self.problems += exposures.problems
        return Declared(
            {spec.key: spec for spec in sorted(specs, key=lambda spec: spec.key)},
            dict(sorted(resources.items())),
            {spec.name: spec for spec in exposures.specs},
        )

    def _read_asset(
        self,
        asset: Made,
        keys: set[str],
        by_case: Mapping[str, str],
    ) -> ReadDeclaration:
        if isinstance(asset, Source):
            # Imported here, with all readers of files: many a project has no source.
            from assetflow.declare.source_spec import read_source

            return read_source(asset, root=self._root)
        if isinstance(asset, External):
            return read_external(asset, root=self._root)
        if isinstance(asset, SqlAsset):
            return read_sql(asset, keys=by_case, root=self._root, reader=self._reader)
        if isinstance(asset, Command):
            return read_command(asset, root=self._root)
        if isinstance(asset, Assets):
            return read_assets(asset, keys=keys, root=self._root)
        return read_asset(asset, keys=keys, root=self._root)

    def _name_resources(self, resources: Sequence[Resource]) -> dict[str, Resource]:
        """Return the definitions by name; a resource without ``open`` only refers to one."""
        named: dict[str, Resource] = {}
        for resource in resources:
            if resource.open is None:
                continue
            problems = Problems(f"resource {resource.name!r}", resource.place.text(self._root))
            first = named.setdefault(resource.name, resource)
            if first is not resource:
                where = first.place.text(self._root)
                problems.add(f"its name is taken by the one at {where}", "give one of them another name")
            if resource.wrong:
                problems.add(resource.wrong)
            self.problems += problems.found
        return named

    def _attach(self, specs: Sequence[AssetSpec], keys: set[str]) -> list[AssetSpec]:
        """Return ``specs`` with the functions that judge them among their checks."""
        by_asset: dict[str, list[CheckSpec]] = defaultdict(list)
        for check in self._checks:
            read = read_check(check, keys=keys, root=self._root)
            self.problems += read.problems
            if read.spec is None:
                continue
            by_asset[read.spec.asset].append(read.spec)
            if read.spec.asset not in keys:
                near = did_you_mean(read.spec.asset, keys)
                message = (
                    f"check {read.spec.name!r}: it judges {read.spec.asset!r}, and no asset has this key"
                )
                self.problems.append(Problem(message, read.spec.where, near))
        return [
            replace(spec, checks=(*spec.checks, *by_asset[spec.key])) if spec.key in by_asset else spec
            for spec in specs
        ]


def _keys_of(asset: Made) -> tuple[str, ...]:
    return asset.keys if isinstance(asset, Assets) else (str(asset.key),)


def _undeclared(thing: object) -> Problem:
    shown = f"the function {thing.__name__!r}" if hasattr(thing, "__name__") else repr(thing)
    return Problem(
        f"{shown} is no declaration", hint="decorate a function with @af.asset, or call af.source(...)"
    )


def _by_place(problem: Problem) -> tuple[str, int, str]:
    place = re.fullmatch(r"(.*):(\d+)", problem.where)
    return (place[1], int(place[2]), problem.message) if place else (problem.where, 0, problem.message)
