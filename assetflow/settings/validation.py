"""Owns how settings are validated, and how what is wrong is told: key, value as written, what it must be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from assetflow.errors import SettingsError
from assetflow.keys import did_you_mean
from assetflow.settings.settings import (
    AssetSettings,
    EnvironmentSettings,
    ExternalSettings,
    NotifySettings,
    PolicySettings,
    ProjectSettings,
    RetrySettings,
)

M = TypeVar("M", bound=BaseModel)

EXPECTED = {
    "name": "text",
    "modules": 'a list of module names, such as ["shop"]',
    "default": "the name of an environment",
    "store": "a path or a URL",
    "storage_options": "a table",
    "executor": '"threads", "process" or "inline"',
    "timeout": 'seconds, or text such as "10m"',
    "pools": "a table with a whole number from 1 for each pool: [pools]",
    "max_parallel": "a whole number from 1",
    "protected": "true or false",
    "publish": '"asset" or "run"',
    "durable": "true or false",
    "defer": "the name of an environment",
    "retention": 'seconds, or text such as "30d"',
    "keep_last": "a whole number from 1",
    "assets": "a table for each asset: [assets.sales]",
    "environments": "a table for each environment: [environments.dev]",
    "notify": "a table, [notify], with webhook, apprise, on",
    "webhook": "an http or https URL",
    "apprise": 'a list of URLs that apprise knows, such as ["mailto://..."]',
    "on": 'a list of "failed", "rejected", "late", "recovered"',
    "fresh_within": 'seconds, or text such as "1d"',
    "external": "a table for each other project's store, [external.finance], with store, storage_options, env",
    "env": "the name of an environment of that project",
    "policy": "a table for each rule, [policy.owned], with require, tags, groups or names",
    "select": 'a selection, such as "kind:python and not tag:scratch"',
    "require": 'a list of "owner", "description", "check", "tag", "group"',
    "tags": 'a list of patterns, such as ["pii:*"]',
    "groups": 'a list of patterns, such as ["retail"]',
    "names": 'a regular expression for keys, such as "[a-z_]+"',
    "message": "text",
    "retries": "a whole number, or a table with times, backoff, first, most, jitter",
    "pool": "the name of a pool in [pools]",
    "config": "a table with fields of the asset's config",
    "times": "a whole number",
    "backoff": '"constant" or "exponential"',
    "first": 'seconds, or text such as "1s"',
    "most": 'seconds, or text such as "1m"',
    "jitter": "true or false",
}


def validated(
    model: type[M], values: Mapping[str, Any], written: Mapping[str, Any], where: str, prefix: str = ""
) -> M:
    """Return ``values`` as ``model``.

    Args:
        model: what they must be.
        values: with every ``${NAME}`` replaced.
        written: as written; shown instead of ``values``, which may hold secrets.
        where: the file, for messages.
        prefix: what leads to these keys in the file.

    Raises:
        SettingsError: with everything that is wrong.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        # pydantic tells the parts of a union and of a validator apart; people need each key once
        places = dict.fromkeys(
            (_place(found["loc"], written), found["type"] == "extra_forbidden") for found in error.errors()
        )
    lines = [_told(place, unknown, written, prefix) for place, unknown in places]
    raise SettingsError("\n".join(f"{where}: {line}" for line in lines))


def key_text(place: Sequence[str]) -> str:
    """Return a dotted key, quoted where TOML needs it."""
    return ".".join(
        part if part.replace("_", "").replace("-", "").isalnum() else f'"{part}"' for part in place
    )


def _place(location: Sequence[int | str], written: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the part of ``location`` that is a key in the file."""
    place: list[str] = []
    here: Any = written
    for part in location:
        if not isinstance(here, Mapping) or part not in here:
            break
        place.append(str(part))
        here = here[part]
    return tuple(place)


def _told(place: tuple[str, ...], unknown: bool, written: Mapping[str, Any], prefix: str) -> str:
    key = prefix + key_text(place)
    if unknown:
        known = _known_keys(place)
        near = did_you_mean(place[-1], known) or f"known: {', '.join(known)}"
        return f"{key} is unknown ({near})"
    value: Any = written
    for part in place:
        value = value[part]
    if _is_secret(place):
        return f"{key} must be {_expected(place)}; what it is now is not shown, for it may hold a secret"
    shown = "a table" if isinstance(value, dict) else repr(value)
    return f"{key} is {shown}, but must be {_expected(place)}"


def _is_secret(place: tuple[str, ...]) -> bool:
    return "storage_options" in place or place[-1] in ("webhook", "apprise")


def _expected(place: tuple[str, ...]) -> str:
    if len(place) > 1 and place[-2] in ("assets", "environments"):
        return "a table"
    if len(place) == 2 and place[0] == "policy":
        return EXPECTED["policy"]  # whatever the rule is called
    return next((EXPECTED[part] for part in reversed(place) if part in EXPECTED), "something else")


def _known_keys(place: tuple[str, ...]) -> list[str]:
    """Return the keys that could stand where the last of ``place`` stands."""
    holder = place[:-1]
    if holder and holder[-1] == "retries":
        return list(RetrySettings.model_fields)
    if holder and holder[-1] == "notify":
        return list(NotifySettings.model_fields)
    if len(holder) > 1 and holder[-2] == "assets":
        return list(AssetSettings.model_fields)
    if len(holder) > 1 and holder[-2] == "external":
        return list(ExternalSettings.model_fields)
    if len(holder) > 1 and holder[0] == "policy":
        return list(PolicySettings.model_fields)
    return list((EnvironmentSettings if holder else ProjectSettings).model_fields)
