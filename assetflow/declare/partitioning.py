"""Owns how declarations say which partitions there are, and which of them are read.

What each reader's mapping is, is settled when all assets are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args, get_origin

from assetflow.errors import Problem
from assetflow.model.spec import AssetSpec, CheckSpec, InputSpec

if TYPE_CHECKING:
    from assetflow.declare.problems import Problems
    from assetflow.model.refresh import Refresh, Schedule
    from assetflow.partitions.mappings import PartitionMapping
    from assetflow.partitions.scheme import Scheme


def read_partitions(value: object, problems: Problems) -> Scheme | None:
    """Read ``partitions=`` of an asset."""
    if value is None:
        return None
    from assetflow.partitions.scheme import Scheme

    if not isinstance(value, Scheme):
        problems.add(f"partitions={value!r} is no scheme of partitions", _nearest_scheme(value))
        return None
    wrong = value.problems()
    for problem in wrong:
        problems.add(f"partitions=: {problem.message}", problem.hint)
    return None if wrong else value


def _nearest_scheme(value: object) -> str:
    if isinstance(value, list | tuple) and value and all(isinstance(key, str) for key in value):
        return f"did you mean af.static({list(value)!r})?"
    return 'write partitions=af.daily("2024-01-01"), or af.static(["de", "fr"])'


def add_refresh_problems(scheme: Scheme | None, refresh: Refresh | None, problems: Problems) -> None:
    """Say where a refresh does not go with the partitions of an asset, or with its having none."""
    from assetflow.model.refresh import Schedule

    if not isinstance(refresh, Schedule):
        if scheme is not None and refresh is not None:
            problems.add(
                "refresh= of an asset with partitions is neither af.cron nor af.every",
                "write a schedule; or refresh an asset that they are made from",
            )
    elif scheme is None:
        _add_problems_without_partitions(refresh, problems)
    elif refresh.partitions == "all":
        if refresh.again:
            problems.add(
                f'again={refresh.again} says nothing with partitions="all": each tick makes all again',
                "leave again= out",
            )
    elif _dimensions_of_time(scheme) != 1:
        count = "no" if _dimensions_of_time(scheme) == 0 else "more than one"
        problems.add(
            f"its partitions have {count} time to be due by ({scheme})",
            'write partitions="all" into af.cron or af.every for each tick to make all of them again; '
            "or leave refresh= out: each is made once, and when what it is made from changes",
        )


def _add_problems_without_partitions(refresh: Schedule, problems: Problems) -> None:
    if refresh.again:
        problems.add(
            f"again={refresh.again} is of partitions of time, and it has none",
            "leave again= out: each tick makes it again; or declare partitions=af.daily(...)",
        )
    if refresh.partitions == "all":
        problems.add('its refresh= says partitions="all", and it has none', "leave partitions= out")


def _dimensions_of_time(scheme: Scheme) -> int:
    from assetflow.partitions.grid import GridScheme
    from assetflow.partitions.timed import TimeScheme

    dimensions = [one for _, one in scheme.dimensions] if isinstance(scheme, GridScheme) else [scheme]
    return sum(isinstance(one, TimeScheme) for one in dimensions)


def read_placeholders(url: str, scheme: Scheme | None, problems: Problems) -> None:
    """Check that the URL of a source says where each partition lies, and of one without partitions nothing of them."""
    if scheme is None:
        if "{partition}" in url:
            hint = 'say which there are: partitions=af.daily("2024-01-01")'
            problems.add(f"its url {url!r} names a partition, and it has none", hint)
        return
    names = placeholders(scheme)
    if "{partition}" in url or (names and all(f"{{{name}}}" in url for name in names)):
        return
    wanted = " and ".join(f"{{{name}}}" for name in names) or "{partition}"
    problems.add(
        f"its url {url!r} does not say where each partition lies", f"write {wanted} where the key stands"
    )


def partition_values(scheme: Scheme | None) -> list[str]:
    """Return the names that a command has for what its partition is: its key, its bounds, its key in a dimension."""
    if scheme is None:
        return []
    bounds = ["partition.start", "partition.end"] if _dimensions_of_time(scheme) == 1 else []
    return ["partition", *bounds, *(f"partition.{name}" for name in placeholders(scheme))]


def placeholders(scheme: Scheme) -> tuple[str, ...]:
    """Return the names that may stand in the URL of a source beside ``partition``: a grid's dimensions."""
    from assetflow.partitions.grid import GridScheme

    return tuple(name for name, _ in scheme.dimensions) if isinstance(scheme, GridScheme) else ()


def read_mapping(value: object, what: str, problems: Problems) -> PartitionMapping | None:
    """Read the partitions that an input asks for: a mapping, or a dict from the reader's keys to those it reads."""
    if value is None:
        return None
    from assetflow.partitions.mappings import PartitionMapping, by_key

    if isinstance(value, Mapping):
        return by_key(value)
    if isinstance(value, PartitionMapping):
        return value
    problems.add(
        f"{what}: partitions={value!r} is no mapping", "write partitions=af.window(-6, 0), or a dict of keys"
    )
    return None


def with_mappings(specs: Sequence[AssetSpec]) -> tuple[list[AssetSpec], list[Problem]]:
    """Return the specs with a mapping for each input that has partitions, and what is wrong with those."""
    schemes = {spec.key: spec.partitions for spec in specs if spec.partitions is not None}
    if not schemes:
        return list(specs), list(_without_partitions(specs))
    settled = [_settled(spec, schemes) for spec in specs]
    return [spec for spec, _ in settled], [problem for _, found in settled for problem in found]


def _without_partitions(specs: Sequence[AssetSpec]) -> Iterator[Problem]:
    for spec in specs:
        for item in spec.inputs:
            if item.partitions is not None:
                yield _nothing_to_map(spec, item)


def _nothing_to_map(spec: AssetSpec, item: InputSpec) -> Problem:
    message = f"asset {spec.key!r}: parameter {item.parameter!r} maps partitions, and {item.key!r} has none"
    return Problem(message, spec.where, "leave partitions= out of the input")


def _settled(spec: AssetSpec, schemes: Mapping[str, Scheme]) -> tuple[AssetSpec, list[Problem]]:
    problems: list[Problem] = []
    inputs = tuple(_with_mapping(spec, item, schemes, problems) for item in spec.inputs)
    checks = tuple(_check_with_mappings(spec, check, schemes, problems) for check in spec.checks)
    deps = {
        key: _mapping(spec, f"dep {key!r}", key, None, schemes, problems)
        for key in spec.deps
        if key in schemes
    }
    known = {key: mapping for key, mapping in deps.items() if mapping is not None}
    return replace(spec, inputs=inputs, checks=checks, dep_mappings=known), problems


def _with_mapping(
    spec: AssetSpec, item: InputSpec, schemes: Mapping[str, Scheme], problems: list[Problem]
) -> InputSpec:
    if item.key not in schemes:
        if item.partitions is not None:
            problems.append(_nothing_to_map(spec, item))
        return item
    mapping = _mapping(spec, f"parameter {item.parameter!r}", item.key, item.partitions, schemes, problems)
    value = None if mapping is None or mapping.text == "same" else _value_of_dict(item.annotation)
    if value is None:
        return replace(item, partitions=mapping)
    return replace(item, partitions=mapping, annotation=value[0], by_partition=True)


def _check_with_mappings(
    spec: AssetSpec, check: CheckSpec, schemes: Mapping[str, Scheme], problems: list[Problem]
) -> CheckSpec:
    problems += [
        Problem(
            f"check {check.name!r} of {spec.key!r} reads {item.key!r}, whose partitions are others",
            check.where,
            "a check reads the same partition of others; make what it needs an asset of its own",
        )
        for item in check.inputs
        if item.key in schemes and schemes[item.key] != spec.partitions
    ]
    return replace(check, inputs=tuple(_with_mapping(spec, item, schemes, []) for item in check.inputs))


def _mapping(
    spec: AssetSpec,
    what: str,
    upstream: str,
    asked: PartitionMapping | None,
    schemes: Mapping[str, Scheme],
    problems: list[Problem],
) -> PartitionMapping | None:
    from assetflow.partitions.mappings import default_mapping, possible_mappings
    from assetflow.partitions.scheme import Whole

    down, up = spec.partitions or Whole(), schemes[upstream]
    mapping = asked or default_mapping(down, up)
    if mapping is None:
        ways = ", ".join(way.declared for way in possible_mappings(down, up))
        problems.append(
            Problem(
                f"asset {spec.key!r}: {what} does not say which partitions of {upstream!r} ({up}) "
                f"a partition ({down}) reads",
                spec.where,
                f"say it: af.Input({upstream!r}, partitions=...), one of {ways}",
            )
        )
        return None
    problems += [
        Problem(f"asset {spec.key!r}: {what}: {one.message}", spec.where, one.hint)
        for one in mapping.problems(down, up)
    ]
    return mapping


def _value_of_dict(annotation: Any) -> tuple[Any] | None:
    """Return what a ``dict[str, X]`` holds, ``X``, in a tuple; None for anything else."""
    if get_origin(annotation) is not dict:
        return None
    key, value = get_args(annotation)
    return (value,) if key is str else None
