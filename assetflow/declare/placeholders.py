"""Owns placeholders in the texts of a command: ``{inputs.sales}``, ``{output}``, ``{config.rate}``, ``{partition}``.

Other braces mean nothing, so that JSON and programs of awk can stand as they are: ``{print $1}``, ``${HOME}``,
``{"a": 1}``. Where a single word in braces is meant as it is, they are doubled: ``{{print}}``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAME = r"[A-Za-z_][\w-]*(?:\.[\w-]+)*"
_PLACEHOLDER = re.compile(rf"\{{\{{({_NAME})\}}\}}|(?<!\$)\{{({_NAME})\}}")


def placeholders(text: str) -> list[str]:
    """Return the names that ``text`` has placeholders for, in order."""
    return [match[2] for match in _PLACEHOLDER.finditer(text) if match[2] is not None]


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return ``text`` with each placeholder replaced by its value."""
    return _PLACEHOLDER.sub(lambda match: f"{{{match[1]}}}" if match[2] is None else values[match[2]], text)
