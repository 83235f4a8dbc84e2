"""Owns which environments read from which others where they have nothing of their own (``defer``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assetflow.errors import SettingsError
from assetflow.keys import did_you_mean
from assetflow.settings.settings import ProjectSettings


def defers_of(project: ProjectSettings, written: Mapping[str, Any], where: str) -> dict[str, tuple[str, ...]]:
    """Return the environments that each environment defers to, nearest first.

    ``written``: the settings as they stand in the file ``where``, names not replaced: stores are compared by them.

    Raises:
        SettingsError: there is no such environment, it has another store, or they go round in a circle.
    """
    return {name: chain for name in project.environments if (chain := _chain(project, written, name, where))}


def _chain(project: ProjectSettings, written: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    chain: list[str] = []
    here = name
    while (other := project.environments[here].defer) is not None:
        place = f"{where}: environments.{here}.defer"
        if other not in project.environments:
            raise SettingsError(
                f"{place}: there is no environment {other!r}",
                hint=did_you_mean(other, project.environments) or f"add [environments.{other}]",
            )
        if other == name or other in chain:
            raise SettingsError(
                f"{place}: {' -> '.join([name, *chain, other])} goes round in a circle",
                hint="an environment defers to one that does not defer to it",
            )
        if _store(written, other) != _store(written, here):
            raise SettingsError(
                f"{place}: {here} and {other} have different stores",
                hint="environments that defer to each other share one store; `assetflow promote` copies between stores",
            )
        chain.append(other)
        here = other
    return tuple(chain)


def _store(written: Mapping[str, Any], name: str) -> object:
    return written["environments"][name].get("store") or written.get("store")
