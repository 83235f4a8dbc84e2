"""Owns how settings come about: the file, the environment, ``${NAME}``, ``ASSETFLOW_`` variables.

What wins, the strongest first: variables such as ``ASSETFLOW_STORE``; the environment's table; the project's
keys; defaults.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assetflow.errors import SettingsError, UnknownNameError
from assetflow.keys import did_you_mean
from assetflow.settings.deferring import defers_of
from assetflow.settings.dotenv import read_dotenv
from assetflow.settings.interpolation import interpolate, names_something, without_names
from assetflow.settings.layers import Leaf, Tree, laid_over, layer, leaves_of, values_of
from assetflow.settings.settings import (
    KEEP_LAST,
    EnvironmentSettings,
    Keeping,
    ProjectSettings,
    Settings,
    SettingValue,
)
from assetflow.settings.settings_file import SettingsFile, find_settings
from assetflow.settings.validation import key_text, validated

DEFAULTS = {
    "store": ".assetflow/store",
    "executor": "threads",
    "max_parallel": None,
    "protected": False,
    "publish": "asset",
    "durable": True,
    "retention": "30d",
    "keep_last": KEEP_LAST,
}
VARIABLES = {
    "store": "ASSETFLOW_STORE",
    "executor": "ASSETFLOW_EXECUTOR",
    "max_parallel": "ASSETFLOW_MAX_PARALLEL",
    "durable": "ASSETFLOW_DURABLE",
}
_DEFAULT = "default"
_MASK = "**********"
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z0-9_-]+")
_NOT_LAYERED = {"environments", "default"}


def load_settings(start: Path, *, env: str | None = None, environ: Mapping[str, str]) -> Settings:
    """Return the settings of the project that ``start`` lies in.

    Args:
        start: a folder; the settings are in it or above it.
        env: the environment; when None, ``ASSETFLOW_ENV``, then ``default``, then the only one, then dev.
        environ: the process's environment variables; ``.env`` beside the settings fills in what they lack.

    Raises:
        UnknownNameError: there is no such environment.
        SettingsError: the settings do not say what they must; the message has the file, the key and what is
            expected.
    """
    file = find_settings(start)
    root = file.path.parent
    names = {**read_dotenv(root / ".env"), **environ}
    chosen, known = _choose(file, env, names)
    project = validated(
        ProjectSettings, _interpolated(file, chosen, names), file.values, str(file.path), file.prefix
    )
    tree = _layered(file, project, chosen, names)
    values = values_of(tree)
    return Settings(
        **{
            **values,
            "root": root,
            "file": file.path,
            "env": chosen,
            "environments": known,
            "store": _resolved(values["store"], root),
            "defers": defers_of(project, file.values, str(file.path)),
            "keeping": {name: _keeping(project, name) for name in known},
            "values": tuple(_shown(place, leaf) for place, leaf in leaves_of(tree)),
        }
    )


def _choose(file: SettingsFile, env: str | None, names: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the environment's name, and all names that it could be."""
    declared, default = file.values.get("environments", {}), file.values.get("default")
    known = tuple(declared) if isinstance(declared, dict) else ()
    for name in known:
        if not _ENVIRONMENT_NAME.fullmatch(name):
            raise SettingsError(
                f"{file.path}: {name!r} cannot be an environment's name", hint="use letters, digits, '_', '-'"
            )
    fallback = default if isinstance(default, str) else known[0] if len(known) == 1 else "dev"
    known = known or (fallback,)
    asked, origin = (env, "") if env else (names.get("ASSETFLOW_ENV"), "ASSETFLOW_ENV: ")
    listed = f"its environments: {', '.join(known)}"
    if asked and asked not in known:
        message = f"{origin}there is no environment {asked!r} in {file.path}"
        raise UnknownNameError(message, hint=did_you_mean(asked, known) or listed)
    if not asked and fallback not in known:
        message = f"{file.path}: there is no environment {fallback!r}"
        raise SettingsError(message, hint=f"name one by default =, or by --env; {listed}")
    return asked or fallback, known


def _interpolated(file: SettingsFile, chosen: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the file's values with names replaced; in other environments, values with names are left out."""
    lacking: list[str] = []

    def missing(place: tuple[str, ...], name: str) -> None:
        lacking.append(f"{file.path}: {file.prefix}{key_text(place)} needs ${{{name}}}, which is not set")

    environments = file.values.get("environments", {})
    if isinstance(environments, dict):
        environments = {
            name: table if name == chosen else without_names(table) for name, table in environments.items()
        }
    relevant = {**file.values, **({"environments": environments} if environments else {})}
    values: dict[str, Any] = interpolate(relevant, names, missing)
    if lacking:
        raise SettingsError(
            "\n".join(lacking), hint=f"set it in the process's environment, or in {file.path.parent / '.env'}"
        )
    return values


def _layered(file: SettingsFile, project: ProjectSettings, chosen: str, names: Mapping[str, str]) -> Tree:
    where = file.path.name
    tree = layer(DEFAULTS, {}, _DEFAULT)
    named = {} if file.project_name is None else {"name": file.project_name}
    tree = laid_over(tree, layer(named, named, "pyproject.toml [project]"))
    tree = laid_over(tree, layer(_dumped(project), file.values, where))
    own = project.environments.get(chosen)
    if own is not None:
        written = file.values["environments"][chosen]
        tree = laid_over(tree, layer(_dumped(own), written, f"{where} [{file.prefix}environments.{chosen}]"))
    for field, variable in VARIABLES.items():
        if names.get(variable):
            given = {field: names[variable]}
            told = validated(EnvironmentSettings, given, given, f"variable {variable}")
            tree = laid_over(tree, layer(_dumped(told), given, variable))
    return _with_publish(tree)


def _with_publish(tree: Tree) -> Tree:
    """Return the settings in which a protected environment publishes by run, unless somebody says otherwise."""
    if values_of(tree)["protected"] and tree["publish"].origin == _DEFAULT:
        return {**tree, "publish": Leaf("run", "run", "default of a protected environment")}
    return tree


def _keeping(project: ProjectSettings, env: str) -> Keeping:
    own = project.environments.get(env, EnvironmentSettings())
    fields = set(Keeping.model_fields)
    given = own.model_dump(include=fields, exclude_unset=True)
    return Keeping(**{**project.model_dump(include=fields), **given})


def _dumped(settings: EnvironmentSettings) -> dict[str, Any]:
    dumped = settings.model_dump(exclude_unset=True, exclude_none=True)
    return {key: value for key, value in dumped.items() if key not in _NOT_LAYERED}


def _resolved(store: str, root: Path) -> str:
    if "://" in store:
        return store
    return str(root / Path(store).expanduser())


def _shown(place: tuple[str, ...], leaf: Leaf) -> SettingValue:
    written = leaf.shown if leaf.shown is not None else leaf.value
    is_secret = "storage_options" in place or place[-2:] in (("notify", "webhook"), ("notify", "apprise"))
    secret = is_secret and not names_something(written)
    return SettingValue(key_text(place), _MASK if secret else written, leaf.origin)
