"""Owns what others' text becomes before it is recorded: Unicode that every reader takes, of bounded length.

Exceptions, check messages and file names come from the user's code and machine, and may be anything.
"""

from __future__ import annotations

import re

MOST_SAID = 1000
MOST_TRACED = 16_000

_SURROGATE = re.compile("[\ud800-\udfff]")


def sound(text: str) -> str:
    r"""Return ``text`` with every lone surrogate, which UTF-8 cannot say, written as its escape: ``\udc80``."""
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def shortened(text: str, most: int) -> str:
    """Return ``text``, of one longer than ``most`` characters its beginning and its end."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n... {len(text) - 2 * half} characters left out ...\n{text[-half:]}"


def said(error: BaseException) -> str:
    """Return what an exception says of itself; never raises, as ``str()`` of a user's exception may."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - the user's __str__ may raise anything
        return f"<{type(error).__name__} whose str() failed>"
    return sound(shortened(text, MOST_SAID))
