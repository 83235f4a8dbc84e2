"""Owns how an ``@assets`` becomes a spec for each of its outputs, and what is wrong with it by itself.

Knows nothing of other assets but the keys that exist.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args, get_origin

from assetflow.declare import options as read
from assetflow.declare.annotations import evaluate
from assetflow.declare.asset_spec import FORMATS, ReadDeclaration, read_key
from assetflow.declare.assets import Assets, AssetsOptions
from assetflow.declare.function_spec import read_function
from assetflow.declare.made import Out
from assetflow.declare.made_spec import add_unknown, read_output
from assetflow.declare.problems import Problems
from assetflow.declare.signature import return_annotation
from assetflow.errors import DataError
from assetflow.frames.forms import form_of
from assetflow.model.spec import AssetSpec, OutputSpec

_WRITE = 'write outs={"train": af.Out(), "test": af.Out()}'
_ANNOTATE = "annotate dict[str, X] or tuple[X, Y], one type for each output; or nothing"


def read_assets(assets: Assets[..., Any], *, keys: Collection[str], root: Path | None) -> ReadDeclaration:
    """Read what ``assets`` says; ``keys`` are all of the project's, places are told relative to ``root``."""
    name = getattr(assets.function, "__name__", "")
    problems = Problems(f"assets of {name!r}", assets.declared.place.text(root))
    outs = _outs(assets.options, problems)
    function = read_function(
        assets.declared, assets.options, outs, keys=keys, root=root, problems=problems, gives_data=False
    )
    returns = _returns(assets, list(outs), problems) if outs else {}
    described = inspect.getdoc(assets.function)
    found = list(problems.found)
    specs = []
    for position, (key, out) in enumerate(outs.items()):
        own = Problems(f"asset {key!r}", problems.where)
        specs.append(
            AssetSpec(
                key=read_key(key, own, "the keys of outs= are those of the assets"),
                kind="python",
                returns=returns.get(key, Any),
                output=str(position),
                **function.fields,
                **function.call,
                **read_output(out, key, own, formats=FORMATS, described=described),
            )
        )
        found += own.found
    together = tuple(_output_of(spec) for spec in specs)
    return ReadDeclaration(
        tuple(replace(spec, outs=together) for spec in specs), tuple(found), function.definitions
    )


def _output_of(spec: AssetSpec) -> OutputSpec:
    return OutputSpec(
        spec.key, spec.returns, spec.format, spec.sort_by, spec.round, spec.schema, spec.private
    )


def _outs(options: AssetsOptions, problems: Problems) -> dict[str, Out]:
    """Return what is declared of each output; what is declared of all of them stands where it says nothing."""
    outs = options.outs
    if isinstance(outs, str) or not isinstance(outs, Mapping | list | tuple) or not outs:
        problems.add(f"outs={outs!r} names no outputs", _WRITE)
        return {}
    given = outs.items() if isinstance(outs, Mapping) else ((key, None) for key in outs)
    found: dict[str, Out] = {}
    for key, out in given:
        if not isinstance(key, str):
            problems.add(f"outs= has the key {key!r}, which is not text", _WRITE)
        elif key in found:
            problems.add(f"outs= names {key!r} twice", "each output is an asset of its own")
        elif out is not None and not isinstance(out, Out):
            problems.add(f"outs={{{key!r}: {out!r}}} is no af.Out", _WRITE)
        else:
            declared = out or Out()
            add_unknown(declared.unknown, f"the af.Out of {key!r}", Out.known(), problems)
            found[key] = _with_defaults(declared, options, problems)
    return found


def _with_defaults(out: Out, options: AssetsOptions, problems: Problems) -> Out:
    tags = (
        *read.read_sequence("tags", options.tags, problems),
        *read.read_sequence("tags", out.tags, problems),
    )
    return replace(
        out,
        group=options.group if out.group is None else out.group,
        owner=options.owner if out.owner is None else out.owner,
        tags=tuple(dict.fromkeys(tags)),
    )


def _returns(assets: Assets[..., Any], outs: list[str], problems: Problems) -> dict[str, Any]:
    """Return the annotation of each output, as far as that of the function tells it."""
    annotation = return_annotation(evaluate(assets.function, assets.declared.around), problems)
    found = _annotations(annotation, outs)
    if found is None:
        problems.add(f"its return annotation {annotation!r} does not tell of {len(outs)} outputs", _ANNOTATE)
        return {}
    for key, returned in found.items():
        try:
            form = form_of(returned)
        except DataError as error:
            problems.add(f"the return annotation of {key!r}: {error.message}", error.hint)
        else:
            if form.name == "none":
                problems.add(f"its return annotation says that {key!r} is None", _ANNOTATE)
    return found


def _annotations(annotation: Any, outs: list[str]) -> dict[str, Any] | None:
    """Take the annotation of a function apart, or return None where it cannot be that of several outputs."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is Any or (annotation in (dict, tuple) and not arguments):
        return {}
    if typing.is_typeddict(annotation):
        hints = typing.get_type_hints(annotation)
        return {key: hints[key] for key in outs} if hints.keys() == set(outs) else None
    if origin is tuple:
        return dict(zip(outs, arguments, strict=True)) if len(arguments) == len(outs) else None
    if isinstance(origin, type) and issubclass(origin, Mapping) and arguments[0] is str:
        return dict.fromkeys(outs, arguments[1])
    return None
