"""Owns how exposures become their specs, and what is wrong with them.

Knows nothing of assets but the keys that exist.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from assetflow.declare import options as read
from assetflow.declare.asset_spec import read_key
from assetflow.declare.exposure import Exposure, ExposureOptions
from assetflow.declare.problems import Problems
from assetflow.errors import Problem
from assetflow.keys import did_you_mean
from assetflow.model.spec import ExposureSpec

OPTIONS = tuple(option.name for option in fields(ExposureOptions) if option.name != "unknown")


@dataclass(frozen=True)
class ReadExposures:
    """What all exposures say, in order of name, and what is wrong with them."""

    specs: tuple[ExposureSpec, ...]
    problems: tuple[Problem, ...]


def read_exposures(
    exposures: Sequence[Exposure], *, keys: Collection[str], root: Path | None
) -> ReadExposures:
    """Read what ``exposures`` say; ``keys`` are all of the project's, places are told relative to ``root``."""
    first: dict[str, ExposureSpec] = {}
    found: list[Problem] = []
    for exposure in exposures:
        problems = Problems(f"exposure {exposure.name!r}", exposure.place.text(root))
        spec = _read(exposure, keys, problems)
        other = first.setdefault(spec.name, spec)
        if other is not spec:
            problems.add(f"its name is taken by the one at {other.where}", "give one of them another name")
        found += problems.found
    return ReadExposures(tuple(first[name] for name in sorted(first)), tuple(found))


def _read(exposure: Exposure, keys: Collection[str], problems: Problems) -> ExposureSpec:
    options = exposure.options
    name = read_key(exposure.name, problems, "write af.exposure('name', uses=[...])")
    uses = read.read_keys("uses", options.uses, problems)
    if not uses and not problems.found:
        problems.add("it uses nothing", "name the assets that it uses: uses=[...]")
    for key in uses:
        if key not in keys:
            problems.add(f"uses= names {key!r}, and no asset has this key", did_you_mean(key, keys))
    for unknown in options.unknown:
        hint = did_you_mean(unknown, OPTIONS) or f"its options: {', '.join(OPTIONS)}"
        problems.add(f"{unknown}= is no option of af.exposure", hint)
    return ExposureSpec(
        name=name,
        uses=uses,
        where=problems.where,
        owner=read.read_text("owner", options.owner, problems),
        url=read.read_text("url", options.url, problems),
        description=read.read_text("description", options.description, problems),
    )
