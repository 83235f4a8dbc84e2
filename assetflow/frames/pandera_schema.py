"""Owns what a pandera schema says of itself, read from its attributes without importing pandera.

A schema is a ``DataFrameSchema`` or a ``DataFrameModel`` class, for pandas, polars or pyarrow. Knows
nothing of data.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterable, Mapping
from types import FunctionType
from typing import Any, Literal

from assetflow.errors import DataError

Backend = Literal["pandas", "polars", "pyarrow"]
_BACKENDS: dict[str, Backend] = {"pandas": "pandas", "polars": "polars", "pyarrow": "pyarrow"}

# What does not decide a verdict, or repeats what another attribute says (``error``: in a random order).
_UNTOLD = frozenset(
    {
        "_check_fn",
        "_parser_fn",
        "constraint",
        "description",
        "determined_by_unique",
        "error",
        "metadata",
        "statistics",
        "statistics_args",
        "strategy",
        "title",
    }
)
_TABLE_SETTINGS = (
    "add_missing_columns",
    "coerce",
    "drop_invalid_rows",
    "ordered",
    "strict",
    "unique",
    "unique_column_names",
)
_COLUMN_SETTINGS = (
    "coerce",
    "default",
    "drop_invalid_rows",
    "name",
    "nullable",
    "regex",
    "report_duplicates",
    "required",
    "unique",
)


def is_schema(value: object) -> bool:
    """Whether a value is a pandera DataFrameSchema or DataFrameModel class."""
    return _is_model(value) or any(
        cls.__name__ == "DataFrameSchema" and cls.__module__.startswith("pandera.")
        for cls in type(value).__mro__
    )


def schema_name(schema: Any) -> str:
    """Return the name by which a schema is told: the model's, or the schema's own, or ``schema``."""
    return str(schema.__name__) if _is_model(schema) else str(schema.name or "schema")


def backend(schema: Any) -> Backend:
    """Return the library whose frames a schema judges.

    Raises DataError for one that assetflow does not hand out.
    """
    library = library_of(schema if _is_model(schema) else type(schema))
    if library is None:
        raise DataError(
            f"the pandera schema {schema_name(schema)} is for a library that assetflow does not hand out",
            hint="make it with pandera.pandas, pandera.polars or pandera.pyarrow",
        )
    return library


def library_of(cls: type) -> Backend | None:
    """Return the library that a class of pandera's, or one derived from it, is for; None for one not handed out."""
    for base in cls.__mro__:
        parts = base.__module__.split(".")
        if parts[:2] == ["pandera", "api"] and parts[2] in _BACKENDS:
            return _BACKENDS[parts[2]]
    return None


def as_schema(schema: Any) -> Any:
    """Return the ``DataFrameSchema`` of a schema or model."""
    return schema.to_schema() if _is_model(schema) else schema


def coerces(schema: Any) -> bool:
    """Whether validating may change the data: coercing, filtering, parsing, filling, dropping, adding."""
    table = as_schema(schema)
    if table.strict == "filter" or table.add_missing_columns:
        return True
    parts = [table, *table.columns.values(), *_index_of(table)]
    return any(
        part.coerce or part.parsers or getattr(part, "drop_invalid_rows", False) or _has_default(part)
        for part in parts
    )


def columns_of(schema: Any) -> tuple[str, ...] | None:
    """Return the columns that a strict schema reads, in order; None where it admits others, or patterns."""
    table = as_schema(schema)
    if table.strict is False or any(column.regex for column in table.columns.values()):
        return None
    return tuple(table.columns)


def describe(schema: Any) -> dict[str, Any]:
    """Return what decides a schema's verdicts, for ``code/1``: plain values and users' functions."""
    table = as_schema(schema)
    return {
        "backend": backend(schema),
        **{name: _plain(getattr(table, name, None)) for name in _TABLE_SETTINGS},
        "dtype": _dtype(table.dtype),
        "columns": [_component(column, _COLUMN_SETTINGS) for column in table.columns.values()],
        "index": [_component(part, _COLUMN_SETTINGS) for part in _index_of(table)],
        "checks": [_check(check) for check in table.checks],
        "parsers": [_parser(parser) for parser in table.parsers],
    }


def _is_model(value: object) -> bool:
    return isinstance(value, type) and any(
        cls.__name__ == "DataFrameModel" and cls.__module__.startswith("pandera.") for cls in value.__mro__
    )


def _index_of(table: Any) -> list[Any]:
    index = getattr(table, "index", None)
    if index is None:
        return []
    return list(getattr(index, "indexes", [index]))


def _has_default(part: Any) -> bool:
    return getattr(part, "default", None) is not None


def _component(part: Any, settings: Iterable[str]) -> dict[str, Any]:
    return {
        **{name: _plain(getattr(part, name, None)) for name in settings},
        "dtype": _dtype(part.dtype),
        "checks": [_check(check) for check in part.checks],
        "parsers": [_parser(parser) for parser in part.parsers],
    }


def _check(check: Any) -> dict[str, Any]:
    held = vars(check)
    told = {name: value for name, value in held.items() if name not in _UNTOLD}
    return {"class": type(check).__qualname__, "function": _function(held["_check_fn"]), **_plain(told)}


def _parser(parser: Any) -> dict[str, Any]:
    held = vars(parser)
    told = {name: value for name, value in held.items() if name not in _UNTOLD}
    return {"function": _function(held["_parser_fn"]), **_plain(told)}


def _function(function: Any) -> Any:
    """Return the user's own function, or the name of one of pandera's."""
    if isinstance(function, functools.partial):
        return {
            "partial": _function(function.func),
            "arguments": _plain(function.args),
            "keywords": _plain(function.keywords),
        }
    if isinstance(function, FunctionType) and function.__module__.startswith("pandera."):
        return _wrapped_by_pandera(function)
    return function if callable(function) and not _is_pandera(function) else str(function)


def _wrapped_by_pandera(function: FunctionType) -> Any:
    """Look into the adapter that pandera puts around a model's ``@check`` method."""
    held = inspect.getclosurevars(function).nonlocals
    info = held.get("self")
    inner = getattr(info, "check_fn", None) or getattr(info, "parser_fn", None) or held.get("check_fn")
    return inner if inner is not None else f"{function.__module__}:{function.__qualname__}"


def _is_pandera(value: object) -> bool:
    return type(value).__module__.startswith("pandera.")


def _dtype(dtype: Any) -> Any:
    """Return a type's class, text and parameters: two categorical types have one text."""
    if dtype is None:
        return None
    told = {
        name: value for name, value in getattr(dtype, "__dict__", {}).items() if isinstance(value, _TELLING)
    }
    return [f"{type(dtype).__module__}.{type(dtype).__qualname__}", str(dtype), _plain(told)]


_TELLING = (str, int, float, bool, tuple, list, type(None))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return frozenset(_plain(item) for item in value)
    if _is_pandera(value):
        return str(value)
    return value
