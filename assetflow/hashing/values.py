"""Owns ``value/1``: the canonical form of plain values, their hash, and the type-tagged JSON they are stored as.

``1, 1.0, True, "1", b"1", [1], (1,), None`` all differ. JSON's own types stand for themselves; every other value is an
object with one key that begins with ``$``, and so is a dict with such a key (docs/formats.md). Never ``repr``, never
pickle. ``value_decoding`` reads what is written here. Knows nothing of tables.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Secret, SecretBytes, SecretStr

from assetflow.errors import DataError
from assetflow.hashing.arrays import hash_array as hash_array
from assetflow.hashing.arrays import require_plain
from assetflow.hashing.digest import digest
from assetflow.hashing.value_decoding import decode_value as decode_value

Tree = Any  # None, bool, int, float, str, list[Tree] or dict[str, Tree]: what ``json`` reads and writes

MOST_DEPTH = 100
"""Containers within containers; the limit keeps clear of Python's own, which depends on who calls."""

_SAFE_INTEGER = 2**63  # beyond, Python may refuse to read the digits
_SECRETS = (SecretStr, SecretBytes, Secret)


def hash_value(value: Any) -> str:
    """Return the ``value/1`` hash. Raises DataError as ``canonical_value`` does."""
    return hash_encoded(encode_value(value))


def hash_encoded(text: str) -> str:
    """Return the ``value/1`` hash of a value from the text that ``encode_value`` made of it."""
    return digest("value/1", text)


def encode_value(value: Any) -> str:
    """Return the one text of a value: its canonical form as compact JSON. Raises DataError as that does."""
    return json.dumps(canonical_value(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def canonical_value(value: Any) -> Tree:
    """Return a value as a type-tagged tree of JSON's types, sorted where it has no order of its own.

    Fields of models and dataclasses that hold a secret are left out. Raises DataError, naming the place, for a value
    that has no canonical form, is too deep, or contains itself.
    """
    try:
        return _Writer().tree(value)
    except _NoFormError as error:
        place = "".join(reversed(error.place))
        raise DataError(f"{error.what}{f' (at {place})' if place else ''}", hint=error.hint) from None


class _NoFormError(Exception):
    """``place`` grows from the inside out, as the containers around the value are left."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.place: list[str] = []


class _Writer:
    """Writes one tree; knows the containers it is in."""

    def __init__(self) -> None:
        self._around: set[int] = set()

    def tree(self, value: Any) -> Tree:
        kind = type(value)
        if kind is str:
            return _text(value)
        if value is None or kind is bool:
            return value
        if kind is float:
            return _float(value)
        write = _scalar_writer(value)
        return write(value) if write else self._container(value)

    def _container(self, value: Any) -> Tree:
        with self._inside(value):
            match value:
                case Enum():
                    return {"$enum": [_name(value), self.tree(value.value)]}
                case Mapping() if isinstance(value, dict):
                    return self._mapping(value)
                case list():
                    return self._items(value)
                case tuple() if hasattr(value, "_fields"):
                    return self._record("$namedtuple", value, value._fields)
                case tuple():
                    return {"$tuple": self._items(value)}
                case frozenset():
                    return {"$frozenset": self._sorted(value)}
                case set():
                    return {"$set": self._sorted(value)}
                case BaseModel():
                    extra = value.model_extra or {}
                    return self._record("$model", value, [*type(value).model_fields, *extra])
            if dataclasses.is_dataclass(value) and not isinstance(value, type):
                return self._record("$dataclass", value, [field.name for field in dataclasses.fields(value)])
        raise _unknown(value)
