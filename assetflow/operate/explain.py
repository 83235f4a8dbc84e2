"""Owns the explanation of an asset's state: its fingerprint now against the published one, with code diffs."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from assetflow.errors import DamagedError, SourceError
from assetflow.execution.observation import Observation
from assetflow.execution.remote import RemoteObservation
from assetflow.hashing.code_tree import text_in
from assetflow.ledger.records import Recorded
from assetflow.model.actions import Materialized, SourceObserved
from assetflow.model.recipe import Recipe
from assetflow.operate.code_state import read_file, read_tree
from assetflow.operate.planning import Config, Planned, plan
from assetflow.operate.workspace import Workspace
from assetflow.planning.fingerprints import Seen, recipe_of, seen_of
from assetflow.planning.plan import PlanItem
from assetflow.planning.reasons import changed_code
from assetflow.planning.resolve import Resolved


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
class Explanation:
    """Why an asset is in the state that it is in."""

    key: str
    state: str
    reasons: tuple[str, ...]
    version: str | None
    fingerprint: str | None
    published_fingerprint: str | None
    ingredients: tuple[Ingredient, ...]
    code_changes: tuple[CodeChange, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


def explain(workspace: Workspace, key: str, *, config: Config | None = None) -> Explanation:
    """Compare what would decide ``key`` now with what decided its published version.

    Everything upstream of it is planned too, so that what waits for others is told as such.
    """
    workspace.require([key])
    planned = plan(workspace, f'+"{key}"', config=config)
    item = planned.plan[key]
    asset = next(resolved for resolved in planned.order if resolved.key == key)
    published = planned.past.published.get(key)
    before = published.action.recipe if published and isinstance(published.action, Materialized) else None
    now = recipe_of(asset, _seen(asset, planned)) if not asset.spec.is_observed else None
    return Explanation(
        key=key,
        state=item.state.value,
        reasons=item.reasons,
        version=published.version if published else None,
        fingerprint=item.fingerprint,
        published_fingerprint=published.fingerprint if published else None,
        ingredients=_source_ingredients(planned, item, published)
        if now is None
        else _ingredients(before, now, planned),
        code_changes=_code_changes(workspace, published, before, now, asset) if before and now else (),
    )


def _seen(asset: Resolved, planned: Planned) -> dict[str, Seen | None]:
    """Return what the asset sees of its inputs; of one that is to be built, what is published now."""
    items = {item.key: item for item in planned.plan}
    found: dict[str, Seen | None] = {}
    for key in asset.spec.upstream:
        item = items.get(key)
        recorded = item.recorded if item and item.recorded else planned.past.published.get(key)
        found[key] = seen_of(recorded.action) if recorded else None
    return found


def _ingredients(before: Recipe | None, now: Recipe, planned: Planned) -> tuple[Ingredient, ...]:
    waits = {item.key: "to be built first" for item in planned.plan if item.state.value in ("build", "maybe")}
    old = _told(before) if before else {}
    new = {**_told(now)}
    for item in now.inputs:
        if item.asset in waits:
            new[f"input {item.parameter}"] = f"{item.asset}: {waits[item.asset]}"
    names = list(dict.fromkeys([*old, *new]))
    return tuple(
        Ingredient(name, old.get(name), new.get(name), old.get(name) != new.get(name)) for name in names
    )


def _told(recipe: Recipe) -> dict[str, str]:
    told = {"code": recipe.code_version[:12]}
    if recipe.config is not None:
        told.update({f"config {name}": repr(value) for name, value in recipe.config.items()})
    for item in recipe.inputs:
        of = f" ({', '.join(name for name, _ in item.columns)})" if item.columns is not None else ""
        version = (
            _columns_hash(item.columns) if item.columns is not None else (item.data_version or "none")[:12]
        )
        told[f"input {item.parameter}"] = f"{item.asset}{of}: {version}, as {item.form.split(':')[0]}"
    for key, data_version in recipe.deps:
        told[f"dep {key}"] = (data_version or "none")[:12]
    for name, identity in recipe.resources:
        told[f"resource {name}"] = identity[:12]
    if recipe.sort_by:
        told["sort_by"] = ", ".join(recipe.sort_by)
    if recipe.round:
        told["round"] = ", ".join(f"{name}: {digits}" for name, digits in recipe.round)
    told["returns"] = recipe.form.split(":")[0]
    return told


def _columns_hash(columns: tuple[tuple[str, str], ...]) -> str:
    return "+".join(digest[:6] for _, digest in columns) or "no columns"


def _source_ingredients(
    planned: Planned, item: PlanItem, published: Recorded | None
) -> tuple[Ingredient, ...]:
    """Compare what others make: the files of a source by path, the version of another project's asset."""
    before: Mapping[str, str] = {}
    if published is not None and published.action.type == "source_observed":
        before = _parts_of(published.action)
    observed = planned.observations[item.key]
    now = {} if isinstance(observed, SourceError) else _parts_of(observed)
    return tuple(
        Ingredient(name, _short(before.get(name)), _short(now.get(name)), before.get(name) != now.get(name))
        for name in sorted({**before, **now})
    )


def _parts_of(seen: SourceObserved | Observation | RemoteObservation) -> dict[str, str]:
    remote = None if isinstance(seen, Observation) else seen.remote
    if remote is not None:
        return {f"{remote.asset} of {remote.url}": seen.data_version}
    assert not isinstance(seen, RemoteObservation)
    return {f"file {file.path}": file.hash for file in seen.files}


def _short(text: str | None) -> str | None:
    return None if text is None else text[:12]


def _code_changes(
    workspace: Workspace, published: Recorded | None, before: Recipe, now: Recipe, asset: Resolved
) -> tuple[CodeChange, ...]:
    names = changed_code(before, now)
    if not names or published is None:
        return ()
    old_files = _old_files(workspace, published)
    files = {part.name: part.file for part in (*before.code, *now.code)}
    texts = {part.name: part.text for part in asset.code.parts}
    changes = []
    for name in names:
        file = files.get(name, "")
        old = text_in(old_files, file, name) or ""
        new = (texts[name]() or "") if name in texts else ""
        changes.append(CodeChange(name, file, _diff(old, new, name) if old or new else ""))
    return tuple(changes)


def _old_files(workspace: Workspace, published: Recorded) -> dict[str, str]:
    action = published.action
    tree = action.tree if isinstance(action, Materialized) else None
    if tree is None:
        return {}
    objects = workspace.store.objects
    try:
        return {path: read_file(objects, name) for path, name in read_tree(objects, tree).items()}
    except DamagedError:
        return {}  # the names of what changed are told all the same


def _diff(old: str, new: str, name: str) -> str:
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), f"{name} (published)", f"{name} (now)", lineterm=""
    )
    return "\n".join(lines)
