"""Owns the comparison of two recipes of one asset: the parts that differ, in words, and the code between them.

Knows nothing of where the recipes come from: a plan, a version, a failed attempt.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from assetflow.execution.observation import Observation
from assetflow.execution.remote import RemoteObservation
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.model.recipe import InputVersion, Recipe
from assetflow.model.versions import SourceObserved
from assetflow.operate.kept_code import Texts
from assetflow.planning.fingerprints import seen_of
from assetflow.planning.reasons import changed_code, differences

Observed = SourceObserved | Observation | RemoteObservation
"""What is known of data that others made: on record, or seen just now."""


@dataclass(frozen=True)
class Ingredient:
    """One part of a fingerprint, before and now, in words. ``changed``: whether the two differ."""

    name: str
    before: str | None
    now: str | None
    changed: bool


@dataclass(frozen=True)
class CodeChange:
    """A piece of code that is not what it was; ``diff`` is a unified diff, empty where the old text is not at hand."""

    name: str
    file: str
    diff: str


@dataclass(frozen=True)
class Known:
    """Recorded versions by id, as far as a comparison needs them (``planning.World`` knows them too)."""

    versions: Mapping[str, Recorded]

    def version(self, asset: str, version: str) -> Recorded | None:
        """Return the record of a version."""
        recorded = self.versions.get(version)
        return recorded if recorded is not None and recorded.asset == asset else None


def inputs_of(session: Session, *recipes: Recipe) -> Known:
    """Return what is on record of all that these recipes read."""
    wanted = {item.version for recipe in recipes for item in recipe.inputs if item.version is not None}
    return Known(session.versions(wanted))


def recorded_words(before: Recipe, now: Recipe, known: Known | None = None) -> list[str]:
    """Name every part in which one recipe on record differs from another, as a plan does."""
    known = known or Known({})
    found = {item.asset: known.version(item.asset, item.version or "") for item in now.inputs}
    seen = {asset: seen_of(recorded) if recorded is not None else None for asset, recorded in found.items()}
    return differences(before, now, seen, known)


def ingredients(
    before: Recipe | None, now: Recipe, waits: Mapping[str, str] | None = None
) -> tuple[Ingredient, ...]:
    """Return every part of both recipes; ``waits``: what to say of inputs that are not known yet, by name."""
    old, new = _told(before) if before else {}, _told(now)
    for item in now.inputs:
        if waits and item.name in waits:
            new[_input(item)] = f"{item.asset}: {waits[item.name]}"
    names = list(dict.fromkeys([*old, *new]))
    return tuple(
        Ingredient(name, old.get(name), new.get(name), old.get(name) != new.get(name)) for name in names
    )


def observed_ingredients(before: Observed | None, now: Observed | None) -> tuple[Ingredient, ...]:
    """Compare what others made: the files of a source by path, the version of another project's asset."""
    old, new = _parts_of(before), _parts_of(now)
    return tuple(
        Ingredient(name, _short(old.get(name)), _short(new.get(name)), old.get(name) != new.get(name))
        for name in sorted({**old, **new})
    )


def code_changes(
    before: Recipe, now: Recipe, old: Texts, new: Texts, titles: tuple[str, str]
) -> tuple[CodeChange, ...]:
    """Return each piece of code that differs, with a diff from ``old`` to ``new``, which ``titles`` name."""
    files = {part.name: part.file for part in (*before.code, *now.code)}
    changes = []
    for name in changed_code(before, now):
        file = files.get(name, "")
        texts = old(file, name) or "", new(file, name) or ""
        changes.append(CodeChange(name, file, _diff(*texts, name, titles) if any(texts) else ""))
    return tuple(changes)


def _told(recipe: Recipe) -> dict[str, str]:
    told = {"code": recipe.code_version[:12]}
    if recipe.config is not None:
        told.update({f"config {name}": repr(value) for name, value in recipe.config.items()})
    for item in recipe.inputs:
        of = f" ({', '.join(name for name, _ in item.columns)})" if item.columns is not None else ""
        version = (
            _columns_hash(item.columns) if item.columns is not None else (item.data_version or "none")[:12]
        )
        told[_input(item)] = f"{item.asset}{of}: {version}, as {item.form.split(':')[0]}"
    for key, data_version in recipe.deps:
        told[f"dep {key}"] = (data_version or "none")[:12]
    for name, identity in recipe.resources:
        told[f"resource {name}"] = identity[:12]
    if recipe.sort_by:
        told["sort_by"] = ", ".join(recipe.sort_by)
    if recipe.round:
        told["round"] = ", ".join(f"{name}: {digits}" for name, digits in recipe.round)
    if recipe.token is not None:
        told["refresh"] = recipe.token
    told["returns"] = recipe.form.split(":")[0]
    return told


def _input(item: InputVersion) -> str:
    """Return what an input is called: of one with partitions, each is one."""
    return f"input {item.parameter} {item.partition}".rstrip()


def _columns_hash(columns: tuple[tuple[str, str], ...]) -> str:
    return "+".join(digest[:6] for _, digest in columns) or "no columns"


def _short(text: str | None) -> str | None:
    return None if text is None else text[:12]


def _diff(old: str, new: str, name: str, titles: tuple[str, str]) -> str:
    before, now = (f"{name} ({title})" for title in titles)
    return "\n".join(difflib.unified_diff(old.splitlines(), new.splitlines(), before, now, lineterm=""))


def _parts_of(seen: Observed | None) -> dict[str, str]:
    if seen is None:
        return {}
    if isinstance(seen, SourceObserved | RemoteObservation) and seen.remote is not None:
        return {f"{seen.remote.asset} of {seen.remote.url}": seen.data_version}
    assert not isinstance(seen, RemoteObservation)
    return {f"file {file.path}": file.hash for file in seen.files}
