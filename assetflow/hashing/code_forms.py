"""Owns what captured objects that are no plain values are made of: a tag, and parts that have an identity.

An object whose class says what it holds is its class and its fields; others are listed here one by one. Knows
nothing of how the parts are hashed.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import fractions
import functools
import operator
import re
import string
import types
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Any

from pydantic import (
    BaseModel,
    PydanticSchemaGenerationError,
    PydanticUserError,
    Secret,
    SecretBytes,
    SecretStr,
)

from assetflow.hashing.arrays import hash_array
from assetflow.hashing.tables import hash_table

Parts = tuple[str, Iterable[tuple[str, Any]]]

SECRETS = (Secret, SecretBytes, SecretStr)
_GETTERS = (operator.itemgetter, operator.attrgetter, operator.methodcaller)
_COLUMNAR = frozenset({"pandas", "polars", "pyarrow"})
_READ_ONCE = frozenset({"RecordBatchReader", "Scanner"})


def parts_of(value: Any, root: Path | None) -> Parts | None:
    """Return (tag, [(where in the object, part), ...]), or None for an object without a form.

    Paths below ``root`` are relative to it. Raises DataError for a table or array that cannot be hashed.
    """
    return _structure(value) or _callable(value) or _single(value, root) or _columnar(value)


def attributes_of(cls: type) -> Iterator[tuple[str, Any]]:
    """Yield (name, value) of what a class without source is made of, but for its functions and bases."""
    if issubclass(cls, BaseModel):
        with suppress(PydanticUserError, PydanticSchemaGenerationError):  # types that JSON has not
            yield "schema", cls.model_json_schema()
    if dataclasses.is_dataclass(cls):
        fields = dataclasses.fields(cls)
        yield "fields", [field.name for field in fields]
        yield from ((f"default {field.name}", field.default) for field in fields)
        yield from ((f"factory {field.name}", field.default_factory) for field in fields)
    for name, value in sorted(vars(cls).items()):
        if name == "__annotations__" or not (name.startswith("__") and name.endswith("__")):
            yield name, value


def _structure(value: Any) -> Parts | None:
    """Take apart an object whose class says what it holds; secrets are left out."""
    kind = type(value)
    if isinstance(value, enum.Enum):
        return "enum", [("", kind), (".name", value.name), (".value", value.value)]
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        fields = dict(zip(kind._fields, value, strict=True))
    elif dataclasses.is_dataclass(kind):
        names = [field.name for field in dataclasses.fields(kind)]
        fields = {name: getattr(value, name) for name in names if hasattr(value, name)}
    elif isinstance(value, BaseModel):
        fields = {**vars(value), **(value.model_extra or {})}
    else:
        return None
    held = [(f".{name}", field) for name, field in fields.items() if not isinstance(field, SECRETS)]
    return "object", [("", kind), ("", [name for name, _ in held]), *held]


def _callable(value: Any) -> Parts | None:
    if isinstance(value, functools.partial):
        return "partial", [("", value.func), ("", value.args), ("", value.keywords)]
    if isinstance(value, types.MethodType):
        return "method", [("", value.__func__), (".__self__", value.__self__)]
    if isinstance(value, types.BuiltinMethodType):
        return "method", [("", value.__name__), (".__self__", value.__self__)]
    if isinstance(value, _GETTERS):
        return type(value).__name__, [("", part) for part in value.__reduce__()[1:]]
    return None


def _single(value: Any, root: Path | None) -> Parts | None:
    if isinstance(value, re.Pattern):
        return "pattern", [("", value.pattern), ("", value.flags)]
    if isinstance(value, dt.tzinfo):
        return _time_zone(value)
    if isinstance(value, PurePath):
        return _path(value, root)
    if isinstance(value, range | slice):
        return type(value).__name__, [("", part) for part in (value.start, value.stop, value.step)]
    if isinstance(value, fractions.Fraction):
        return "fraction", [("", value.numerator), ("", value.denominator)]
    if isinstance(value, string.Template):
        return "template", [("", value.template)]
    return ("single", [("", repr(value))]) if value is Ellipsis or value is NotImplemented else None


def _time_zone(zone: dt.tzinfo) -> Parts | None:
    if isinstance(zone, dt.timezone):
        return "offset", [("", zone.utcoffset(None)), ("", zone.tzname(None))]
    name = getattr(zone, "key", None) or getattr(zone, "zone", None)  # zoneinfo, pytz
    return ("zone", [("", name)]) if isinstance(name, str) else None


def _path(path: PurePath, root: Path | None) -> Parts:
    for folder in (root, root.resolve()) if root is not None else ():
        if path.is_relative_to(folder):
            return "path in project", [("", path.relative_to(folder).as_posix())]
    return "path", [("", path.as_posix())]


def _columnar(value: Any) -> Parts | None:
    """Take what a library of columns made by its content, or a type of one by its text."""
    package, name = type(value).__module__.partition(".")[0], type(value).__name__
    if package == "numpy":
        return _numpy(value, name)
    if package not in _COLUMNAR or name in _READ_ONCE:
        return None
    if hasattr(value, "__arrow_c_stream__") or hasattr(value, "__arrow_c_array__"):
        return "table", [("", f"{package}.{name}"), ("", hash_table(_table(value)).data_version)]
    if hasattr(value, "__arrow_c_schema__"):
        return "schema", [("", f"{package}.{name}"), *(("", part) for part in _schema(value))]
    if package == "polars" and any(base.__name__ == "DataType" for base in type(value).__mro__):
        return "object", [
            ("", type(value)),
            *((f".{name}", part) for name, part in sorted(vars(value).items())),
        ]
    return None


def _numpy(value: Any, name: str) -> Parts | None:
    if name == "ndarray":
        return "array", [("", hash_array(value))]
    return ("dtype", [("", str(value))]) if name.endswith("DType") else None


def _table(value: Any) -> Any:
    """Return a frame as a table, and a column as the table of it."""
    import pyarrow as pa

    if hasattr(value, "schema") or hasattr(value, "columns"):
        return pa.table(value)
    column = pa.chunked_array(value) if hasattr(value, "__arrow_c_stream__") else pa.array(value)
    return pa.table({str(getattr(value, "name", None)): column})


def _schema(value: Any) -> Iterable[tuple[str, str, bool]]:
    """Return names and types as they are written: code casts to them, and widths matter there."""
    import pyarrow as pa

    if isinstance(value, pa.DataType):
        return [("", str(value), True)]
    fields = [value] if isinstance(value, pa.Field) else pa.schema(value)
    return [(field.name, str(field.type), field.nullable) for field in fields]
