"""Owns how values become JSON that every reader takes: exact decimals, no NaN, no Python objects left over."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

_INDENT = "  "
_SHORT = 100


def json_text(value: Any) -> str:
    """Return ``value`` as JSON for people and programs: indented, what is short and flat on one line.

    Decimals are numbers with all their digits; NaN and infinities are null; bytes are base64; dates are ISO
    8601; what JSON has no form for is its ``str``.
    """
    return _text(value, "\n")


def json_line(value: Any) -> str:
    """Return ``value`` as JSON on one line."""
    return _text(value, "")


def _text(value: Any, line: str) -> str:
    """Return ``value`` as JSON; ``line`` is what a line begins with, "" to stay on one."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    inner = line and line + _INDENT
    if isinstance(value, Mapping):
        members = [f"{json.dumps(str(key))}: {_text(item, inner)}" for key, item in value.items()]
        return _enclosed("{", members, "}", line)
    if isinstance(value, Sequence | AbstractSet) and not isinstance(value, str | bytes | bytearray):
        return _enclosed("[", [_text(item, inner) for item in value], "]", line)
    return _scalar(value)


def _enclosed(opening: str, members: list[str], closing: str, line: str) -> str:
    is_short = sum(map(len, members)) < _SHORT and not any("\n" in member for member in members)
    if not line or is_short:
        return opening + ", ".join(members) + closing
    inner = line + _INDENT
    return opening + inner + f",{inner}".join(members) + line + closing


def _scalar(value: Any) -> str:
    match value:
        case Enum():
            return _scalar(value.value)
        case None | bool() | int() | str():
            return json.dumps(value, ensure_ascii=False)
        case float():
            return json.dumps(value) if math.isfinite(value) else "null"
        case Decimal():
            return str(value) if value.is_finite() else "null"
        case bytes() | bytearray() | memoryview():
            return json.dumps(base64.b64encode(value).decode())
        case datetime() | date() | time():
            return json.dumps(value.isoformat())
    return json.dumps(str(value), ensure_ascii=False)
