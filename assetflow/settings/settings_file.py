"""Owns finding and reading the file that holds a project's settings.

Knows nothing of what the settings mean.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assetflow.errors import SettingsError

OWN_NAME = "assetflow.toml"
SHARED_NAME = "pyproject.toml"


@dataclass(frozen=True)
class SettingsFile:
    """A file with settings. ``prefix``: what leads to ``values``; ``project_name``: ``[project].name``."""

    path: Path
    values: dict[str, Any]
    prefix: str = ""
    project_name: str | None = None


def find_settings(start: Path) -> SettingsFile:
    """Return the settings nearest to ``start``: in it, or in a folder above.

    A folder has settings when it holds assetflow.toml, or pyproject.toml with ``[tool.assetflow]``.

    Raises:
        SettingsError: there are none, a folder has both, the file is no TOML, or ``start`` does not exist.
    """
    start = start.resolve()
    if not start.exists():
        raise SettingsError(f"there is no folder {start}")
    for folder in (start, *start.parents):
        found = _settings_in(folder)
        if found is not None:
            return found
    raise SettingsError(
        f"no {OWN_NAME}, and no {SHARED_NAME} with [tool.assetflow], in {start} or a folder above it",
        hint=f"`assetflow init` makes a project; an empty {OWN_NAME} makes this folder one",
    )


def _settings_in(folder: Path) -> SettingsFile | None:
    own, shared = folder / OWN_NAME, folder / SHARED_NAME
    has_own = own.is_file()
    pyproject = _read_toml(shared) if shared.is_file() else {}
    table = _table(_table(pyproject, "tool"), "assetflow")
    project_name = _table(pyproject, "project").get("name")
    named = project_name if isinstance(project_name, str) else None
    if has_own and "assetflow" in _table(pyproject, "tool"):
        raise SettingsError(f"{own} and {shared} both hold settings of assetflow", hint="keep one of them")
    if has_own:
        return SettingsFile(own, _read_toml(own), project_name=named)
    if "assetflow" in _table(pyproject, "tool"):
        return SettingsFile(shared, table, "tool.assetflow.", named)
    return None


def _table(values: dict[str, Any], key: str) -> dict[str, Any]:
    table = values.get(key, {})
    return table if isinstance(table, dict) else {}


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"{path} is not TOML: {error}", hint='a key with "/" needs quotes: [assets."retail/sales"]'
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
