"""Owns how an ``@asset`` becomes its spec, and what is wrong with it by itself.

Knows nothing of other assets but the keys that exist.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from assetflow.declare import options as read
from assetflow.declare.asset import Asset, AssetOptions
from assetflow.declare.attached import read_checks
from assetflow.declare.function import function_problem
from assetflow.declare.inputs import key_of
from assetflow.declare.partitioning import add_refresh_problems, read_partitions
from assetflow.declare.problems import Problems
from assetflow.declare.refresh_spec import read_refresh
from assetflow.declare.resource import Resource
from assetflow.declare.signature import Signature, read_signature
from assetflow.errors import Problem
from assetflow.frames.content import FORMATS as FORMATS_BY_KIND
from assetflow.keys import did_you_mean, key_problem
from assetflow.model.spec import AssetSpec

OPTIONS = tuple(option.name for option in fields(AssetOptions) if option.name != "unknown")
FORMATS = tuple(name for names in FORMATS_BY_KIND.values() for name in names)


@dataclass(frozen=True)
class ReadDeclaration:
    """What one declaration says: its spec, its problems, and the resources that its annotations define."""

    spec: AssetSpec
    problems: tuple[Problem, ...] = ()
    definitions: tuple[Resource, ...] = ()


def read_asset(asset: Asset[..., Any], *, keys: Collection[str], root: Path | None) -> ReadDeclaration:
    """Read what ``asset`` says; ``keys`` are all of the project's, places are told relative to ``root``."""
    options, function = asset.options, asset.function
    problems = Problems(f"asset {asset.key!r}", asset.declared.place.text(root))
    key = read_key(asset.key, problems, "give it one: @af.asset('name')")
    signature = _signature(asset, keys, problems)
    effect = signature.returns is type(None)
    spec = AssetSpec(
        key=key,
        kind="effect" if effect else "python",
        where=problems.where,
        path=asset.declared.place.path(root),
        module=asset.declared.place.module,
        function=function,
        inputs=tuple(signature.inputs),
        deps=read.read_keys("deps", options.deps, problems),
        checks=read_checks(options.checks, key, problems),
        config_parameter=signature.config_parameter,
        config_model=signature.config_model,
        context_parameter=signature.context_parameter,
        resources=tuple(signature.resources),
        returns=signature.returns,
        format=read_format(options.format, FORMATS, problems),
        sort_by=read.read_texts("sort_by", options.sort_by, problems),
        round=read.read_round(options.round, problems),
        schema=read.read_schema(options.schema, problems),
        retries=read.read_retries(options.retries, problems),
        group=read.read_label("group", options.group, problems),
        tags=read.read_labels("tags", options.tags, problems),
        owner=read.read_text("owner", options.owner, problems),
        description=read.read_text("description", options.description, problems) or inspect.getdoc(function),
        version=read.read_text("version", options.version, problems),
        includes=read.read_sequence("includes", options.includes, problems),
        ignore=read.read_sequence("ignore", options.ignore, problems),
        packages=read.read_texts("packages", options.packages, problems),
        private=read.read_flag("private", options.private, problems),
        renamed_from=read.read_former_key(options.renamed_from, problems),
        on_code_change=_on_code_change(options.on_code_change, problems),
        partitions=read_partitions(options.partitions, problems),
        executor=read.read_executor(options.executor, problems),
        timeout=read.read_timeout(options.timeout, problems),
        pool=read.read_text("pool", options.pool, problems),
        fresh_within=read.read_fresh_within(options.fresh_within, problems),
        refresh=read_refresh(options.refresh, problems),
    )
    for name in options.unknown:
        hint = did_you_mean(name, OPTIONS) or f"its options: {', '.join(OPTIONS)}"
        problems.add(f"{name}= is no option of @asset", hint)
    if effect:
        _add_effect_problems(options, problems)
    add_refresh_problems(spec.partitions, spec.refresh, problems)
    return ReadDeclaration(spec, tuple(problems.found), tuple(signature.definitions))


def read_key(value: object, problems: Problems, hint: str) -> str:
    """Read a key; what is none comes out as text all the same, so that it can be named."""
    wrong = key_problem(value) if isinstance(value, str) else "its key is not text"
    if wrong:
        problems.add(wrong, hint)
    return value if isinstance(value, str) else repr(value)


def read_format(value: object, known: Collection[str], problems: Problems) -> str | None:
    """Read ``format=``: one of ``known`` or None."""
    if value is None or (isinstance(value, str) and value in known):
        return value
    near = did_you_mean(value, known) if isinstance(value, str) else None
    problems.add(f"format={value!r} is not one of {', '.join(known)}", near)
    return None


def _on_code_change(value: object, problems: Problems) -> Literal["continue", "rebuild"]:
    if value == "rebuild":
        return "rebuild"
    if value != "continue":
        problems.add(f"on_code_change={value!r} is neither 'continue' nor 'rebuild'")
    return "continue"


def _signature(asset: Asset[..., Any], keys: Collection[str], problems: Problems) -> Signature:
    wrong = function_problem(asset.function)
    if wrong is not None:
        problems.add(*wrong)
        return Signature()
    mapped = read.read_mapping("inputs", asset.options.inputs, problems)
    signature = read_signature(asset.declared, mapped=mapped, keys=keys, problems=problems)
    for item in signature.inputs:
        if item.key == asset.key:
            problems.add(
                f"it reads itself, by parameter {item.parameter!r}",
                "an asset is made from others; name another input",
            )
    if asset.key in {
        key_of(item) for item in read.read_sequence("deps", asset.options.deps, Problems("", ""))
    }:
        problems.add("it waits for itself, by deps=", "take it out of deps=")
    return signature


def _add_effect_problems(options: AssetOptions, problems: Problems) -> None:
    for name in ("checks", "format", "sort_by", "round", "schema"):
        if getattr(options, name):
            problems.add(
                f"{name}= on an effect (it is annotated -> None, so it has no data)",
                f"remove {name}=, or annotate the data that it returns",
            )
