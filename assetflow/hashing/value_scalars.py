"""Owns the values without parts in ``value/1``: how each is written as a tree of JSON's types, and read.

What JSON has stands for itself; all else is an object with one key, its tag. Knows nothing of containers.
"""

from __future__ import annotations

import base64
import datetime as dt
import math
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from assetflow.errors import DataError
from assetflow.hashing.arrays import require_plain

Tree = Any
"""None, bool, int, float, str, a list of trees, or a dict of them: what ``json`` reads and writes."""

_FIRST_UNSAFE = 2**63


def write_scalar(value: Any) -> Tree | None:
    """Return the tree of a scalar other than None, or None for what is no scalar.

    Subclasses are written as what they extend. Raises DataError for a scalar that would lose something by it.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _write_text(value)
    if isinstance(value, int):
        return _write_integer(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$float": str(float(value))}
    for kind, tag, write in _TAGGED:
        if isinstance(value, kind):
            return {tag: write(value)}
    return _write_numpy(value)


def read_scalar(tag: str, tree: Tree) -> Any:
    """Return the value that was written as ``{tag: tree}``. Raises KeyError for a tag that no scalar has."""
    return _READERS[tag](tree)


def _write_text(text: str) -> Tree:
    """Write half a surrogate pair as bytes: JSON would make one character of two halves."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return {"$str": _base64(text.encode(errors="surrogatepass"))}
    return str(text)


def _write_integer(value: int) -> Tree:
    """Write what is beyond 64 bits in hexadecimal: Python refuses to read very many decimal digits."""
    return int(value) if -_FIRST_UNSAFE <= value < _FIRST_UNSAFE else {"$int": hex(value)}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _write_complex(value: complex) -> Tree:
    plain = complex(value)
    return [repr(plain.real), repr(plain.imag)]


def _write_datetime(value: dt.datetime) -> Tree:
    _refuse_nanoseconds(value, getattr(value, "nanosecond", 0))
    wall = dt.datetime.combine(dt.date(value.year, value.month, value.day), value.time())
    return [wall.replace(fold=0).isoformat(), *_write_zone(value)]


def _write_time(value: dt.time) -> Tree:
    return [value.replace(tzinfo=None, fold=0).isoformat(), *_write_zone(value)]


def _write_timedelta(value: dt.timedelta) -> Tree:
    _refuse_nanoseconds(value, getattr(value, "nanoseconds", 0))
    return [value.days, value.seconds, value.microseconds]


def _refuse_nanoseconds(value: Any, nanoseconds: int) -> None:
    """Refuse what pandas' subclasses hold beyond their base class: nanoseconds and NaT."""
    if nanoseconds or value != value:  # noqa: PLR0124 - NaT alone differs from itself
        raise DataError(
            f"{type(value).__qualname__} {value} cannot be written to the microsecond",
            hint="round it, and use None for NaT",
        )


def _write_zone(value: dt.datetime | dt.time) -> list[Tree]:
    """Return ``[]``, ``[zone]``, or ``[zone or None, 1]`` where the fold is set."""
    zone = _zone_text(value.tzinfo)
    return [zone, 1] if value.fold else [zone] if zone else []


def _zone_text(zone: dt.tzinfo | None) -> str | None:
    if zone is None:
        return None
    if isinstance(zone, dt.timezone):
        return str(dt.timezone(zone.utcoffset(None))).removeprefix("UTC") or "UTC"
    if isinstance(zone, ZoneInfo) and zone.key:
        return zone.key
    raise DataError(
        f"the time zone {zone} is of type {type(zone).__module__}.{type(zone).__qualname__}",
        hint="use datetime.timezone or zoneinfo.ZoneInfo(name)",
    )


def _read_datetime(tree: list[Any]) -> dt.datetime:
    wall, zone, fold = [*tree, None, None][:3]
    return dt.datetime.fromisoformat(wall).replace(tzinfo=_read_zone(zone), fold=fold or 0)


def _read_time(tree: list[Any]) -> dt.time:
    wall, zone, fold = [*tree, None, None][:3]
    return dt.time.fromisoformat(wall).replace(tzinfo=_read_zone(zone), fold=fold or 0)


def _read_zone(text: str | None) -> dt.tzinfo | None:
    if text is None:
        return None
    if text == "UTC":
        return dt.UTC
    if text[0] in "+-":
        return dt.time.fromisoformat(f"00:00{text}").tzinfo
    return ZoneInfo(text)


def _write_numpy(value: Any) -> Tree | None:
    """Return the tree of an array or a numpy scalar: that of a Python value where one is exact."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(value, numpy.ndarray | numpy.generic):
        return None
    array = numpy.asarray(value) if isinstance(value, numpy.generic) else value
    require_plain(array)
    if array.dtype.names:
        raise DataError(
            f"an array of the structured dtype {array.dtype} is part of a value",
            hint="return it as an output of its own, or its fields one by one",
        )
    if array is value:
        return {"$ndarray": [array.dtype.str, list(array.shape), _base64(array.tobytes())]}
    if array.dtype.kind in "mMV":
        return {"$numpy": [array.dtype.str, _base64(array.tobytes())]}
    return write_scalar(value.item())


def _read_ndarray(tree: list[Any]) -> Any:
    """Return an array that nobody can make writable: it lies over immutable bytes."""
    import numpy as np

    dtype, shape, data = tree
    return np.ndarray(shape, dtype, buffer=base64.b64decode(data))


def _read_numpy(tree: list[Any]) -> Any:
    dtype, data = tree
    return _read_ndarray([dtype, [], data])[()]


def _read_path(tree: Tree) -> Path:
    return Path(tree if isinstance(tree, str) else read_scalar("$str", tree["$str"]))


# A datetime is a date, so that it comes first.
_TAGGED: tuple[tuple[type, str, Callable[[Any], Tree]], ...] = (
    (complex, "$complex", _write_complex),
    (bytes, "$bytes", _base64),
    (bytearray, "$bytearray", _base64),
    (dt.datetime, "$datetime", _write_datetime),
    (dt.date, "$date", dt.date.isoformat),
    (dt.time, "$time", _write_time),
    (dt.timedelta, "$timedelta", _write_timedelta),
    (Decimal, "$decimal", str),
    (UUID, "$uuid", str),
    (PurePath, "$path", lambda value: _write_text(value.as_posix())),
)

_READERS: MappingProxyType[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "$str": lambda tree: base64.b64decode(tree).decode(errors="surrogatepass"),
        "$int": lambda tree: int(tree, 16),
        "$float": float,
        "$complex": lambda tree: complex(*map(float, tree)),
        "$bytes": base64.b64decode,
        "$bytearray": lambda tree: bytearray(base64.b64decode(tree)),
        "$datetime": _read_datetime,
        "$date": dt.date.fromisoformat,
        "$time": _read_time,
        "$timedelta": lambda tree: dt.timedelta(*tree),
        "$decimal": Decimal,
        "$uuid": UUID,
        "$path": _read_path,
        "$ndarray": _read_ndarray,
        "$numpy": _read_numpy,
    }
)
