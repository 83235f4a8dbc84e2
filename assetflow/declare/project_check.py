"""Owns the rules between declarations: one asset per key, names that exist, data where data are read.

Each rule is a function from all specs to the problems that it finds. Knows nothing of how specs were read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from assetflow.declare.cycles import cycle_problems
from assetflow.errors import Problem
from assetflow.keys import did_you_mean
from assetflow.model.spec import AssetSpec, CheckSpec, InputSpec


def project_problems(specs: Sequence[AssetSpec], resources: Collection[str]) -> list[Problem]:
    """Return what is wrong between ``specs``, given the names of the resources that are defined."""
    keys = {spec.key for spec in specs}
    return [
        *_same_keys(specs),
        *_keys_that_differ_by_case(specs),
        *_former_keys(specs),
        *_unknown_inputs(specs, keys),
        *_inputs_without_data(specs),
        *_unknown_resources(specs, resources),
        *_checks_of_one_name(specs),
        *_checks_of_effects(specs),
        *cycle_problems(specs),
    ]


def _same_keys(specs: Sequence[AssetSpec]) -> Iterator[Problem]:
    first: dict[str, AssetSpec] = {}
    for spec in specs:
        other = first.setdefault(spec.key, spec)
        if other is not spec:
            message = f"asset {spec.key!r}: its key is taken by the one at {other.where}"
            yield Problem(message, spec.where, "give one of them another key")


def _keys_that_differ_by_case(specs: Sequence[AssetSpec]) -> Iterator[Problem]:
    first: dict[str, AssetSpec] = {}
    for spec in specs:
        other = first.setdefault(spec.key.casefold(), spec)
        if other.key != spec.key:
            message = f"asset {spec.key!r}: its key differs only by case from {other.key!r} at {other.where}"
            yield Problem(message, spec.where, "give one of them another key")


def _former_keys(specs: Sequence[AssetSpec]) -> Iterator[Problem]:
    declared = {spec.key: spec for spec in specs}
    first: dict[str, AssetSpec] = {}
    for spec in specs:
        former = spec.renamed_from
        if former is None:
            continue
        told = f"asset {spec.key!r}: renamed_from={former!r}"
        other = first.setdefault(former, spec)
        if former == spec.key:
            yield Problem(
                f"{told} is its own key", spec.where, "name the key that it had before, or leave it out"
            )
        elif former in declared:
            message = f"{told} is still declared, at {declared[former].where}"
            yield Problem(message, spec.where, "remove that one, or this renamed_from=")
        elif other is not spec:
            message = f"{told} is claimed by {other.key!r} too, at {other.where}"
            yield Problem(
                message, spec.where, "one asset can take over what is on record; leave it out elsewhere"
            )


def _unknown_inputs(specs: Sequence[AssetSpec], keys: Collection[str]) -> Iterator[Problem]:
    for spec in specs:
        subject = f"asset {spec.key!r}"
        yield from _unknown(subject, spec.where, spec.inputs, keys)
        for key in spec.deps:
            if key not in keys:
                message = f"{subject}: deps= names {key!r}, and no asset has this key"
                yield Problem(message, spec.where, did_you_mean(key, keys))
        for check in spec.checks:
            yield from _unknown(f"check {check.name!r} of {spec.key!r}", check.where, check.inputs, keys)


def _unknown(
    subject: str, where: str, inputs: Iterable[InputSpec], known: Collection[str]
) -> Iterator[Problem]:
    for item in inputs:
        if item.key in known:
            continue
        near = did_you_mean(item.key, known)
        if item.key == item.parameter:
            message = f"{subject}: parameter {item.parameter!r} has no meaning: no asset has this key"
            yield Problem(message, where, near or _MEANINGS.format(parameter=item.parameter))
        else:
            yield Problem(
                f"{subject}: parameter {item.parameter!r} reads {item.key!r}, and no asset has this key",
                where,
                near,
            )


def _inputs_without_data(specs: Sequence[AssetSpec]) -> Iterator[Problem]:
    effects = {spec.key for spec in specs if spec.kind == "effect"}
    for spec in specs:
        for what, where, item in _readings(spec):
            if item.key in effects:
                message = (
                    f"{what}: parameter {item.parameter!r} reads {item.key!r}, an effect, which has no data"
                )
                yield Problem(message, where, f"to wait for it, write deps=[{item.key!r}]")


def _readings(spec: AssetSpec) -> Iterator[tuple[str, str, InputSpec]]:
    for item in spec.inputs:
        yield f"asset {spec.key!r}", spec.where, item
    for check in spec.checks:
        for item in check.inputs:
            yield f"check {check.name!r} of {spec.key!r}", check.where, item


def _unknown_resources(specs: Sequence[AssetSpec], resources: Collection[str]) -> Iterator[Problem]:
    for spec in specs:
        for item in spec.resources:
            if item.name not in resources:
                asked = (
                    f"asset {spec.key!r}: parameter {item.parameter!r} asks for the resource {item.name!r}"
                )
                hint = did_you_mean(item.name, resources)
                yield Problem(
                    f"{asked}, which is not defined",
                    spec.where,
                    hint or f"define it: af.Resource({item.name!r}, open=...)",
                )


def _checks_of_one_name(specs: Sequence[AssetSpec]) -> Iterator[Problem]:
    for spec in specs:
        first: dict[str, CheckSpec] = {}
        for check in spec.checks:
            other = first.setdefault(check.name, check)
            if other is not check:
                message = (
                    f"check {check.name!r} of {spec.key!r}: this name is taken by the check at {other.where}"
                )
                yield Problem(
                    message, check.where, "give one of them a name of its own: @af.check(..., name=...)"
                )


def _checks_of_effects(specs: Sequence[AssetSpec]) -> Iterator[Problem]:
    for spec in specs:
        if spec.kind == "effect":
            for check in spec.checks:
                if check.function is not None:  # those in checks= are told with the asset's own problems
                    message = f"check {check.name!r}: {spec.key!r} is an effect, which has no data to judge"
                    yield Problem(message, check.where, "attach it to an asset that the effect reads")


_MEANINGS = (
    "each parameter is the asset of that name; else map it by inputs={{{parameter!r}: 'key'}}; "
    "a plain value belongs in a pydantic model as config, or in a constant"
)
