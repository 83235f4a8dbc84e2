"""Owns how an ``@asset`` becomes its spec, and what is wrong with it by itself.

Knows nothing of other assets but the keys that exist.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from assetflow.declare.asset import Asset, AssetOptions
from assetflow.declare.function_spec import ReadFunction, read_function
from assetflow.declare.made_spec import read_output
from assetflow.declare.problems import Problems
from assetflow.declare.resource import Resource
from assetflow.errors import Problem
from assetflow.frames.content import FORMATS as FORMATS_BY_KIND
from assetflow.keys import key_problem
from assetflow.model.spec import AssetSpec

FORMATS = tuple(name for names in FORMATS_BY_KIND.values() for name in names)


@dataclass(frozen=True)
class ReadDeclaration:
    """What one declaration says: its specs, its problems, and the resources that its annotations define."""

    specs: tuple[AssetSpec, ...]
    problems: tuple[Problem, ...] = ()
    definitions: tuple[Resource, ...] = ()


def read_asset(asset: Asset[..., Any], *, keys: Collection[str], root: Path | None) -> ReadDeclaration:
    """Read what ``asset`` says; ``keys`` are all of the project's, places are told relative to ``root``."""
    options = asset.options
    problems = Problems(f"asset {asset.key!r}", asset.declared.place.text(root))
    key = read_key(asset.key, problems, "give it one: @af.asset('name')")
    function = read_function(asset.declared, options, (asset.key,), keys=keys, root=root, problems=problems)
    effect = function.returns is type(None)
    described = inspect.getdoc(asset.function)
    output = read_output(options, key, problems, formats=FORMATS, described=described)
    spec = AssetSpec(
        key=key,
        kind="effect" if effect else "python",
        returns=function.returns,
        on_code_change=_on_code_change(options, function, problems),
        **function.fields,
        **function.call,
        **output,
    )
    if effect:
        _add_effect_problems(options, problems)
    return ReadDeclaration((spec,), tuple(problems.found), function.definitions)


def read_key(value: object, problems: Problems, hint: str) -> str:
    """Read a key; what is none comes out as text all the same, so that it can be named."""
    wrong = key_problem(value) if isinstance(value, str) else "its key is not text"
    if wrong:
        problems.add(wrong, hint)
    return value if isinstance(value, str) else repr(value)


def _on_code_change(
    options: AssetOptions, function: ReadFunction, problems: Problems
) -> Literal["continue", "rebuild"]:
    value = options.on_code_change
    if value == "rebuild":
        if function.fields["context_parameter"] is None:
            problems.add(
                "on_code_change='rebuild' is for assets that go on from context.previous, and it has no context",
                "leave it out; or ask for one: def it(context: af.Context)",
            )
        return "rebuild"
    if value != "continue":
        problems.add(f"on_code_change={value!r} is neither 'continue' nor 'rebuild'")
    return "continue"


def _add_effect_problems(options: AssetOptions, problems: Problems) -> None:
    for name in ("checks", "format", "sort_by", "round", "schema"):
        if getattr(options, name):
            problems.add(
                f"{name}= on an effect (it is annotated -> None, so it has no data)",
                f"remove {name}=, or annotate the data that it returns",
            )
