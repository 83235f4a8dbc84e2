"""Owns adding an environment to a settings file: a table at its end, all else left as it is."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assetflow.errors import UsageError
from assetflow.settings.settings import Settings
from assetflow.settings.settings_file import find_settings

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_OWN = ("protected", "publish", "defer", "retention", "keep_last")
"""What a new environment does not take over from the one that it is made from."""


def require_name(name: str) -> None:
    """Raise UsageError where ``name`` cannot be an environment's."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be an environment's name", hint="use letters, digits, '_', '-'")


def add_environment(settings: Settings, name: str, like: str) -> str | None:
    """Add ``[environments.<name>]`` to the project's settings, with what ``like`` says there; return what to tell.

    Nothing is added, and None returned, where there is no file, or the environment is in it.
    """
    if settings.file is None or name in settings.environments:
        return None
    file = find_settings(settings.file.parent)
    written = file.values.get("environments", {})
    title = f"[{file.prefix}environments.{name}]"
    # The environment that there was without being named gets a table too, lest it be gone.
    lines = [] if written else [f"\n[{file.prefix}environments.{settings.env}]"]
    lines += [f"\n{title}"]
    lines += [f"{key} = {_value(value)}" for key, value in written.get(like, {}).items() if key not in _OWN]
    text = file.path.read_text(encoding="utf-8-sig")
    if len(written) == 1 and "default" not in file.values:
        text = _with_default(
            text, file.prefix, next(iter(written))
        )  # what was the only one stays the default
    grown = text.rstrip("\n") + "\n" + "\n".join(lines) + "\n"
    try:
        tomllib.loads(grown)
        _replace(file.path, grown)
    except (OSError, tomllib.TOMLDecodeError) as error:
        return f"{title} could not be added to {file.path}: {error}; add it yourself"
    return f"added {title} to {file.path.name}"


def _with_default(text: str, prefix: str, default: str) -> str:
    line = f'default = "{default}"\n'
    if not prefix:
        return line + text
    if not re.search(r"^\[tool\.assetflow\]", text, re.MULTILINE):
        return f"{text.rstrip()}\n\n[tool.assetflow]\n{line}"
    return re.sub(
        r"^\[tool\.assetflow\][^\n]*\n", lambda found: found[0] + line, text, count=1, flags=re.MULTILINE
    )


def _replace(path: Path, text: str) -> None:
    """Write the file whole or not at all: it is the user's."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_text(text, encoding="utf-8")
        shutil.copymode(path, temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _value(value: Any) -> str:
    """Return a value as TOML: text, numbers and booleans are the same in JSON."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
