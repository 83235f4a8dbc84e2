"""Owns the words for why two fingerprints of one asset differ: each names the part that is not what it was."""

from __future__ import annotations

from collections.abc import Mapping

from assetflow.model.recipe import InputVersion, Recipe
from assetflow.planning.fingerprints import Seen, seen_of
from assetflow.planning.world import World

MOST_NAMED = 4


def differences(old: Recipe, new: Recipe, seen: Mapping[str, Seen | None], world: World) -> list[str]:
    """Name every ingredient in which ``new`` differs from ``old``; ``seen`` holds what ``new`` saw of its inputs."""
    return [
        *_code(old, new),
        *_config(old, new),
        *_inputs(old, new, seen, world),
        *_deps(old, new),
        *_resources(old, new),
        *_declared(old, new),
    ]


def own_differences(old: Recipe, new: Recipe) -> list[str]:
    """Name the differences that do not depend on the inputs' data."""
    return [
        *_code(old, new),
        *_config(old, new),
        *_input_declarations(old, new),
        *_resources(old, new),
        *_declared(old, new),
    ]


def changed_code(old: Recipe, new: Recipe) -> list[str]:
    """Return the names (``module:qualname``) of the code that was changed, added or removed."""
    before = {part.name: part.digest for part in old.code}
    after = {part.name: part.digest for part in new.code}
    return [name for name in {**after, **before} if before.get(name) != after.get(name)]


def _code(old: Recipe, new: Recipe) -> list[str]:
    if old.code_version == new.code_version:
        return []
    names = changed_code(old, new)
    files = {part.name: part.file for part in (*old.code, *new.code)}
    own = new.code[0].name if new.code else ""
    words = [_code_words(name, files.get(name, ""), own) for name in names]
    return [f"code changed ({_listed(words)})" if words else "code changed"]


def _code_words(name: str, file: str, own: str) -> str:
    if name == own:
        return "its function"
    where = f" in {file}" if file else ""
    return f"helper {name.split(':', 1)[-1]}{where}"


def _config(old: Recipe, new: Recipe) -> list[str]:
    if old.config_hash == new.config_hash:
        return []
    before, after = old.config or {}, new.config or {}
    fields = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    words = [f"{name} {_value(before.get(name))} -> {_value(after.get(name))}" for name in fields]
    return [f"config {_listed(words)}" if words else "config changed"]


def _inputs(old: Recipe, new: Recipe, seen: Mapping[str, Seen | None], world: World) -> list[str]:
    before = {item.parameter: item for item in old.inputs}
    changed = [
        _data_words(before[item.parameter], item, seen.get(item.asset), world)
        for item in new.inputs
        if item.parameter in before and _differs(before[item.parameter], item)
    ]
    return [*changed, *_input_declarations(old, new)]


def _differs(old: InputVersion, new: InputVersion) -> bool:
    if old.columns is not None and new.columns is not None:
        return (old.columns, old.rows) != (new.columns, new.rows)
    return old.data_version != new.data_version


def _data_words(old: InputVersion, new: InputVersion, seen: Seen | None, world: World) -> str:
    if old.data_version is None:
        return f"{new.asset} has a version now"
    if new.data_version is None or seen is None:
        return f"{new.asset} has no version any more"
    names = _changed_columns(old, new, seen, world)
    if not names:
        return f"{new.asset} changed"
    return f"{new.asset} changed in column{'s' if len(names) > 1 else ''} {_listed(names)}"


def _changed_columns(old: InputVersion, new: InputVersion, seen: Seen, world: World) -> list[str]:
    if old.columns is not None and new.columns is not None:
        before, after = dict(old.columns), dict(new.columns)
    else:
        recorded = world.version(new.asset, old.version or "")
        columns = seen_of(recorded.action).columns if recorded is not None else None
        if columns is None or seen.columns is None:
            return []
        before, after = dict(columns), dict(seen.columns)
    return [name for name in {**after, **before} if before.get(name) != after.get(name)]


def _input_declarations(old: Recipe, new: Recipe) -> list[str]:
    before = {item.parameter: item for item in old.inputs}
    after = {item.parameter: item for item in new.inputs}
    words = [f"input {item.asset} added" for name, item in after.items() if name not in before]
    words += [f"input {item.asset} removed" for name, item in before.items() if name not in after]
    for name, item in after.items():
        if name in before and (before[name].form, before[name].missing) != (item.form, item.missing):
            words.append(f"input {item.asset} is asked for as {item.form.split(':')[0]}")
    return words


def _deps(old: Recipe, new: Recipe) -> list[str]:
    before, after = dict(old.deps), dict(new.deps)
    return [f"{key} changed (dep)" for key in {**after, **before} if before.get(key) != after.get(key)]


def _resources(old: Recipe, new: Recipe) -> list[str]:
    before, after = dict(old.resources), dict(new.resources)
    return [f"resource {name} changed" for name in {**after, **before} if before.get(name) != after.get(name)]


def _declared(old: Recipe, new: Recipe) -> list[str]:
    words = []
    if old.sort_by != new.sort_by:
        words.append(f"sort_by {list(old.sort_by)} -> {list(new.sort_by)}")
    if old.round != new.round:
        words.append(f"round {dict(old.round)} -> {dict(new.round)}")
    if old.form != new.form:
        words.append(f"returns {new.form.split(':')[0]}, was {old.form.split(':')[0]}")
    return words


def _listed(words: list[str]) -> str:
    shown = ", ".join(words[:MOST_NAMED])
    return shown if len(words) <= MOST_NAMED else f"{shown} and {len(words) - MOST_NAMED} more"


def _value(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
