"""Owns the file in which answers are kept from one process to the next, and which is never believed wrongly.

It begins with the hash of the rest, and names what its answers hold for: lost, cut short or of something else, it costs
time, never a wrong answer. Knows nothing of what was asked.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from assetflow.hashing.digest import hash_bytes

_DIGITS = 32  # of the hash that the file begins with


def read_answers(file: Path, key: str) -> dict[str, Any]:
    """Return the answers in ``file``; none where there is no such file, or what it holds is not for ``key``."""
    try:
        data = file.read_bytes()
    except OSError:
        return {}
    if data[:_DIGITS] != hash_bytes(data[_DIGITS:]).encode():
        return {}
    body: dict[str, Any] = json.loads(data[_DIGITS:])
    return body["answers"] if body["key"] == key else {}


def write_answers(file: Path, key: str, answers: dict[str, Any]) -> None:
    """Write ``file`` whole or not at all, over one that may exist; where that cannot be, the next process asks anew."""
    data = json.dumps({"key": key, "answers": answers}, separators=(",", ":")).encode()
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(hash_bytes(data).encode() + data)
        partial.replace(file)
