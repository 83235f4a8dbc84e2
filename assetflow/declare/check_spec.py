"""Owns how an ``@check`` becomes its spec, and what is wrong with it by itself."""

from __future__ import annotations

import inspect
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assetflow.checks.thresholds import require_judgeable
from assetflow.declare.check import Check
from assetflow.declare.function import function_problem
from assetflow.declare.problems import Problems
from assetflow.declare.signature import Signature, read_signature
from assetflow.errors import Problem, UsageError
from assetflow.model.spec import CheckSpec, InputSpec


@dataclass(frozen=True)
class ReadCheck:
    """What one ``@check`` says: its spec (None where it cannot be told), and what is wrong with it."""

    spec: CheckSpec | None
    problems: tuple[Problem, ...]


def read_check(check: Check[..., Any], *, keys: Collection[str], root: Path | None) -> ReadCheck:
    """Read what ``check`` says; ``keys`` are all of the project's, places are told relative to ``root``."""
    problems = Problems(f"check {check.name!r}", check.declared.place.text(root))
    _add_option_problems(check, problems)
    wrong = function_problem(check.function)
    if wrong is not None:
        problems.add(*wrong)
    if wrong is not None or check.asset is None:
        return ReadCheck(None, tuple(problems.found))
    named = {
        *keys,
        *inspect.signature(check.function).parameters,
    }  # so that a pydantic model is data: a check has no config
    signature = read_signature(check.declared, mapped={}, keys=named, problems=problems, gives_data=False)
    judged, others = _judged(signature, check.asset)
    _add_signature_problems(signature, judged, check.asset, problems)
    spec = CheckSpec(
        name=str(check.name),
        asset=check.asset,
        severity=check.options.severity,
        warn_if=check.options.warn_if,
        error_if=check.options.error_if,
        function=check.function,
        parameter=judged.parameter if judged else "",
        annotation=judged.annotation if judged else Any,
        inputs=others,
        where=problems.where,
    )
    return ReadCheck(spec, tuple(problems.found))


def _add_option_problems(check: Check[..., Any], problems: Problems) -> None:
    options = check.options
    if check.asset is None:
        problems.add(
            f"it judges {options.asset!r}, which is neither a key nor an asset", "write @af.check('key')"
        )
    if not str(check.name).strip() or not isinstance(options.name, str | None):
        problems.add(
            f"its name is {check.name!r}", "write name='...', or leave it out for the function's name"
        )
    try:
        require_judgeable(options.severity, options.warn_if, options.error_if)
    except UsageError as error:
        problems.add(error.message, error.hint)


def _judged(signature: Signature, asset: str) -> tuple[InputSpec | None, tuple[InputSpec, ...]]:
    """Return the input that receives the judged data (the asset's, else the first), and the others."""
    inputs = signature.inputs
    judged = next((item for item in inputs if item.key == asset), None)
    if judged is None:
        # the first parameter may have any name, but not one that says by Annotated that it reads another
        # asset
        judged = next((item for item in inputs[:1] if item.key == item.parameter), None)
    return judged, tuple(item for item in inputs if item is not judged)


def _add_signature_problems(
    signature: Signature, judged: InputSpec | None, asset: str, problems: Problems
) -> None:
    if judged is None:
        problems.add("no parameter receives the data to be judged", f"let the first parameter be {asset!r}")
    elif judged.columns is not None:
        problems.add(f"parameter {judged.parameter!r} gets the judged data whole", "leave columns= out")
    for item in signature.resources:
        problems.add(
            f"parameter {item.parameter!r} asks for a resource", "a check judges data alone; use an asset"
        )
    if signature.context_parameter is not None:
        problems.add(
            f"parameter {signature.context_parameter!r} asks for the context, which a check does not get"
        )
