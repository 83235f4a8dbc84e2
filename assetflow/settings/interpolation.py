"""Owns ``${NAME}`` in settings: finding the names, and putting their values in their place.

Knows nothing of settings' keys but how to tell where a name stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_NAME = re.compile(r"\$\$\{|\$\{([^}]*)\}")

Path = tuple[str, ...]


def interpolate(
    value: Any, names: Mapping[str, str], missing: Callable[[Path, str], None], at: Path = ()
) -> Any:
    """Return ``value`` (of TOML, nested) with ``${NAME}`` replaced from ``names``; ``$${`` stands for ``${``.

    ``missing`` is told the place and the name of each that is not there.
    """
    if isinstance(value, dict):
        return {key: interpolate(item, names, missing, (*at, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [interpolate(item, names, missing, at) for item in value]
    if not isinstance(value, str) or "${" not in value:
        return value

    def replacement(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return "${"
        if name not in names:
            missing(at, name)
        return names.get(name, "")

    return _NAME.sub(replacement, value)


def names_something(value: object) -> bool:
    """Say whether ``value`` is, or a list in it holds, text with a ``${NAME}``."""
    if isinstance(value, list):
        return any(names_something(item) for item in value)
    return isinstance(value, str) and any(match[1] is not None for match in _NAME.finditer(value))


def without_names(value: Any) -> Any:
    """Return ``value`` without the entries that hold a ``${NAME}``."""
    if not isinstance(value, dict):
        return value
    return {key: without_names(item) for key, item in value.items() if not names_something(item)}
