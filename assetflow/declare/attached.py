"""Owns how the values in ``checks=[...]`` become check specs.

Knows nothing of functions declared with ``@check``: those name their asset themselves.
"""

from __future__ import annotations

from typing import Any

from assetflow.declare.options import read_sequence
from assetflow.declare.problems import Problems
from assetflow.errors import DataError
from assetflow.model.spec import CheckSpec, InputSpec


def read_checks(value: object, asset: str, problems: Problems) -> tuple[CheckSpec, ...]:
    """Return the specs of the checks listed for ``asset``; what is no check goes to ``problems``."""
    found: dict[str, CheckSpec] = {}
    for item in read_sequence("checks", value, problems):
        spec = _read_check(item, asset, problems)
        if spec is None:
            continue
        if spec.name in found:
            problems.add(f"checks= has {spec.name} twice", "keep one")
        found[spec.name] = spec
    return tuple(found.values())


def _read_check(item: object, asset: str, problems: Problems) -> CheckSpec | None:
    # Here, and not above: a project without checks starts faster without them.
    from assetflow.checks.builtin import Builtin
    from assetflow.frames.pandera_door import is_schema, schema_name

    if isinstance(item, Builtin):
        return CheckSpec(
            name=item.name,
            asset=asset,
            severity=item.severity,
            warn_if=item.warn_if,
            error_if=item.error_if,
            builtin=item,
            annotation=Any,
            inputs=tuple(InputSpec(parameter=key, key=key, annotation=Any) for key in item.others),
            where=problems.where,
        )
    if not is_schema(item):
        problems.add(f"checks= has {_shown(item)}, which is no check", _hint(item, asset))
        return None
    _add_schema_problems(item, problems)
    return CheckSpec(name=schema_name(item), asset=asset, schema=item, annotation=Any, where=problems.where)


def _add_schema_problems(schema: object, problems: Problems) -> None:
    from assetflow.frames.pandera_door import backend, coerces, schema_name

    name = schema_name(schema)
    try:
        backend(schema)
        changes = coerces(schema)
    except DataError as error:
        problems.add(error.message, error.hint)
    except Exception as error:  # noqa: BLE001 - pandera reads a model's annotations now, and they are the user's code
        problems.add(f"the schema {name} cannot be built: {type(error).__name__}: {error}")
    else:
        if changes:
            problems.add(
                f"the schema {name} in checks= coerces or filters, and a check never changes data",
                "set coerce=False, without strict='filter'; to coerce, annotate the function with the schema",
            )


def _shown(item: object) -> str:
    return f"the function {item.__name__!r}" if callable(item) and hasattr(item, "__name__") else repr(item)


def _hint(item: object, asset: str) -> str:
    if callable(item):
        return f"decorate the function with @af.check({asset!r}), and take it out of checks="
    return "list built-in checks such as af.not_null('id'), and pandera schemas"
