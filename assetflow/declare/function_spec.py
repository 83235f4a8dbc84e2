"""Owns what a function and the options of how it is called say of all that it makes.

Knows nothing of what is made: one thing, or several.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from assetflow.declare import options as read
from assetflow.declare.function import UserFunction, function_problem
from assetflow.declare.inputs import key_of
from assetflow.declare.made import FunctionOptions
from assetflow.declare.made_spec import CallFields, read_call
from assetflow.declare.problems import Problems
from assetflow.declare.resource import Resource
from assetflow.declare.signature import Signature, read_signature
from assetflow.model.spec import InputSpec, ResourceSpec


class FunctionFields(TypedDict):
    """The fields of a spec that say which function makes it, with what."""

    where: str
    path: str
    module: str
    function: Callable[..., Any]
    inputs: tuple[InputSpec, ...]
    config_parameter: str | None
    config_model: type[Any] | None
    context_parameter: str | None
    resources: tuple[ResourceSpec, ...]
    includes: tuple[Any, ...]
    ignore: tuple[Any, ...]


@dataclass(frozen=True)
class ReadFunction:
    """What was read of a function.

    ``returns``: its annotation. ``definitions``: the resources that its annotations define.
    """

    fields: FunctionFields
    call: CallFields
    returns: Any
    definitions: tuple[Resource, ...]


def read_function(
    declared: UserFunction,
    options: FunctionOptions,
    made: Collection[str],
    *,
    keys: Collection[str],
    root: Path | None,
    problems: Problems,
    gives_data: bool = True,
) -> ReadFunction:
    """Read what is said of a function that makes the assets ``made``.

    Args:
        declared: the function.
        options: how it is called.
        made: keys of the assets that it makes.
        keys: every key of the project.
        root: what places are told relative to.
        problems: gathers what is wrong.
        gives_data: whether what it returns is the data of one asset.
    """
    signature = _signature(declared, options, made, keys, problems, gives_data=gives_data)
    call = read_call(options, problems)
    fields = FunctionFields(
        where=problems.where,
        path=declared.place.path(root),
        module=declared.place.module,
        function=declared.call,
        inputs=tuple(signature.inputs),
        config_parameter=signature.config_parameter,
        config_model=signature.config_model,
        context_parameter=signature.context_parameter,
        resources=tuple(signature.resources),
        includes=read.read_sequence("includes", options.includes, problems),
        ignore=read.read_sequence("ignore", options.ignore, problems),
    )
    return ReadFunction(fields, call, signature.returns, tuple(signature.definitions))


def _signature(
    declared: UserFunction,
    options: FunctionOptions,
    made: Collection[str],
    keys: Collection[str],
    problems: Problems,
    *,
    gives_data: bool,
) -> Signature:
    wrong = function_problem(declared.call)
    if wrong is not None:
        problems.add(*wrong)
        return Signature()
    mapped = read.read_mapping("inputs", options.inputs, problems)
    signature = read_signature(declared, mapped=mapped, keys=keys, problems=problems, gives_data=gives_data)
    for item in signature.inputs:
        if item.key in made:
            problems.add(
                f"it reads itself, by parameter {item.parameter!r}",
                "an asset is made from others; name another input",
            )
    deps = read.read_sequence("deps", options.deps, Problems("", ""))
    if not {key_of(item) for item in deps}.isdisjoint(made):
        problems.add("it waits for itself, by deps=", "take it out of deps=")
    return signature
