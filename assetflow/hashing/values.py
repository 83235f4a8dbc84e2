"""Owns ``value/1``: the canonical form of plain values, their hash, and the type-tagged JSON that is stored.

``1, 1.0, True, "1", b"1", [1], (1,), None`` all differ. JSON's own types stand for themselves; every other
value is an object with one key that begins with ``$``, and so is a dict that has such a key
(docs/formats.md). Never ``repr``, never pickle. Knows nothing of tables; ``value_reading`` reads what is
written here.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from enum import Enum
from operator import itemgetter
from typing import Any

from pydantic import BaseModel, Secret, SecretBytes, SecretStr

from assetflow.errors import DataError
from assetflow.hashing.digest import digest
from assetflow.hashing.value_reading import class_name, decode_value
from assetflow.hashing.value_scalars import Tree, write_scalar

__all__ = ["canonical_value", "decode_value", "encode_value", "hash_encoded", "hash_value"]

MOST_DEPTH = 64
"""Containers within containers. The limit keeps clear of Python's own, which depends on who calls."""

_PLAIN = frozenset({str, int, float, bool})
_SECRETS = (SecretStr, SecretBytes, Secret)


def hash_value(value: Any) -> str:
    """Return the ``value/1`` hash. Raises DataError as ``canonical_value`` does."""
    return hash_encoded(encode_value(value))


def hash_encoded(text: str) -> str:
    """Return the ``value/1`` hash of the value that ``encode_value`` made this text of."""
    return digest("value/1", text)


def encode_value(value: Any) -> str:
    """Return the one text of a value: its canonical form as JSON. Raises as ``canonical_value`` does."""
    return _as_json(canonical_value(value))


def canonical_value(value: Any) -> Tree:
    """Return a value as a type-tagged tree of JSON's types, sorted where it has no order of its own.

    Fields of models and dataclasses that hold a secret are left out. Raises DataError, naming the place, for
    what has no canonical form, goes too deep, or contains itself.
    """
    try:
        return _Writer().tree(value)
    except DataError as error:
        steps = reversed(getattr(error, "__notes__", ()))
        place = "".join(steps)
        raise DataError(error.message + (f" (at {place})" if place else ""), hint=error.hint) from None


class _Writer:
    """Writes one tree. Knows the containers it is in; notes on an error the steps to where it arose."""

    def __init__(self) -> None:
        self._around: set[int] = set()

    def tree(self, value: Any) -> Tree:
        if value is None:
            return None
        if type(value) in _PLAIN or not isinstance(value, Enum):
            scalar = write_scalar(value)
            if scalar is not None:
                return scalar
        self._enter(value)
        written = self._parts(value)
        self._around.remove(id(value))
        return written

    def _enter(self, value: Any) -> None:
        if id(value) in self._around:
            raise DataError(f"a {type(value).__qualname__} contains itself", hint="return it without circles")
        if len(self._around) == MOST_DEPTH:
            raise DataError(f"a value has more than {MOST_DEPTH} levels", hint="return a flatter one")
        self._around.add(id(value))

    def _parts(self, value: Any) -> Tree:
        match value:
            case Enum():
                return {"$enum": [class_name(type(value)), self._step("value", value.value)]}
            case dict():
                return self._mapping(value)
            case list():
                return self._items(value)
            case tuple() if hasattr(value, "_fields"):
                return self._record("$namedtuple", value, value._fields)
            case tuple():
                return {"$tuple": self._items(value)}
            case set():
                return {"$set": sorted(self._items(value), key=_as_json)}
            case frozenset():
                return {"$frozenset": sorted(self._items(value), key=_as_json)}
            case BaseModel():
                return self._record("$model", value, [*type(value).model_fields, *(value.model_extra or ())])
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self._record("$dataclass", value, [field.name for field in dataclasses.fields(value)])
        raise _no_form(value)

    def _record(self, tag: str, value: Any, names: Iterable[str]) -> Tree:
        fields = {name: getattr(value, name) for name in names}
        told = {name: field for name, field in fields.items() if not isinstance(field, _SECRETS)}
        return {tag: [class_name(type(value)), self._mapping(told)]}

    def _items(self, values: Iterable[Any]) -> list[Tree]:
        return [self._step(position, value) for position, value in enumerate(values)]

    def _mapping(self, values: dict[Any, Any]) -> Tree:
        """Write a plain object where every key is a text that no tag could be taken for, else pairs."""
        pairs = [[self._step(key, key), self._step(key, value)] for key, value in values.items()]
        if all(isinstance(key, str) and not key.startswith("$") for key, _ in pairs):
            return dict(sorted(pairs, key=itemgetter(0)))
        return {"$dict": sorted(pairs, key=_as_json)}

    def _step(self, step: object, value: Any) -> Tree:
        try:
            return self.tree(value)
        except DataError as error:
            error.add_note(f"[{step!r}]")
            raise


def _no_form(value: Any) -> DataError:
    name = class_name(type(value)).replace(":", ".")
    if isinstance(value, _SECRETS):
        hint = "secrets are never hashed or stored: in a field of a model of its own, one is left out"
    else:
        hint = (
            "return JSON-like values, dataclasses, pydantic models, enums, dates, decimals, paths, sets, "
            'arrays; a table as an output of its own; or say format="pickle"'
        )
    return DataError(f"a value of type {name} has no canonical form", hint=hint)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _as_json(tree: Tree) -> str:
    return _ENCODER.encode(tree)
