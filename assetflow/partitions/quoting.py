"""Owns how keys stand in a text that selects partitions: plain, or in quotes where they would mean something else.

Knows nothing of schemes.
"""

from __future__ import annotations

import re

# Words that the language of selections gives a meaning of its own.
RESERVED = frozenset({"latest", "missing", "failed", "rejected", "stale"})
_PLAIN = re.compile(r"""[^\s,*=/|"\\()]+""")


def quoted(key: str) -> str:
    """Return a key as it is written among others."""
    dots = ".." in key or key.startswith(".") or key.endswith(".")
    if _PLAIN.fullmatch(key) and not dots and key not in RESERVED:
        return key
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquoted(text: str) -> str:
    """Return the key that ``quoted`` made this text of."""
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def split(text: str, separator: str) -> list[str]:
    """Split at a separator outside of quotes; blanks around the pieces are dropped."""
    pieces, start, inside, place = [], 0, False, 0
    while place < len(text):
        if text[place] == "\\" and inside:
            place += 1
        elif text[place] == '"':
            inside = not inside
        elif not inside and text.startswith(separator, place):
            pieces.append(text[start:place].strip())
            place += len(separator) - 1
            start = place + 1
        place += 1
    return [*pieces, text[start:].strip()]
