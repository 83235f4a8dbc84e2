"""Owns the words for why two fingerprints of one asset differ: each names the part that is not what it was."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Protocol

from pydantic_core import to_jsonable_python

from assetflow.ledger.records import Recorded
from assetflow.model.recipe import InputVersion, Recipe
from assetflow.model.spec import AssetSpec, SourceSpec
from assetflow.model.versions import SourceObserved
from assetflow.planning.fingerprints import Seen, seen_of
from assetflow.planning.tokens import token_words

MOST_NAMED = 4


class Versions(Protocol):
    """What knows recorded versions (``planning.World`` does)."""

    def version(self, asset: str, version: str) -> Recorded | None:
        """Return the newest record of one version."""


def differences(old: Recipe, new: Recipe, seen: Mapping[str, Seen | None], world: Versions) -> list[str]:
    """Name every ingredient in which ``new`` differs from ``old``; ``seen`` holds what ``new`` saw of its inputs."""
    return [
        *_code(old, new),
        *_config(old, new),
        *_inputs(old, new, seen, world),
        *_deps(old, new),
        *outside_differences(old, new),
        *_declared(old, new),
    ]


def observed_differences(old: SourceObserved, spec: AssetSpec) -> list[str]:
    """Say in what the data that others make differ from those that ``old`` observed."""
    if old.kind != spec.kind:
        return [f"it was {'a source' if old.kind == 'source' else 'an external asset'}"]
    if spec.source is not None:
        return source_differences(old, spec.source)
    assert old.remote is not None
    assert spec.external is not None
    before = f"{old.remote.asset} of {old.remote.store}"
    now = f"{spec.external.asset} of {spec.external.store}"
    if before != now:
        return [f"read from {now}, was {before}"]
    return [f"{old.remote.asset} was published anew"]


def source_differences(old: SourceObserved, new: SourceSpec) -> list[str]:
    """Say in what a source is read otherwise than it was when ``old`` was observed; else that its files changed."""
    words = _reading_words(old, new, same_schema=_same_schema(old.schema_ipc, new.schema))
    return words or ["its files changed"]


def recorded_source_differences(old: SourceObserved, new: SourceObserved) -> list[str]:
    """Say in what data that others make were read otherwise than before, and which files were others."""
    if old.remote is not None and new.remote is not None:
        same = (old.remote.asset, old.remote.url) == (new.remote.asset, new.remote.url)
        return [f"{new.remote.asset} was published anew" if same else f"read from {new.remote.url}"]
    words = _reading_words(old, new, same_schema=old.schema_ipc == new.schema_ipc)
    if old.url != new.url:
        words.insert(0, f"read from {new.url}, was {old.url}")
    before, after = ({file.path: file.hash for file in one.files} for one in (old, new))
    changed = [path for path in after if path in before and before[path] != after[path]]
    told = (("changed", changed), ("added", [p for p in after if p not in before]))
    for word, paths in (*told, ("removed", [p for p in before if p not in after])):
        if paths:
            words.append(f"file{'' if len(paths) == 1 else 's'} {_listed(paths)} {word}")
    return words


def _reading_words(old: SourceObserved, new: SourceObserved | SourceSpec, *, same_schema: bool) -> list[str]:
    words = []
    if old.format != new.format:
        words.append(f"read as {new.format}, was {old.format}")
    if old.identity != new.identity:
        words.append(f"identity {old.identity} -> {new.identity}")
    # a record has been through JSON, in which a tuple is a list
    if to_jsonable_python(old.options) != to_jsonable_python(dict(new.options)):
        words.append("read with other options")
    if not same_schema:
        words.append("read with another schema")
    return words


def declared_differences(old: Recipe, new: Recipe) -> list[str]:
    """Name what differs in code and declaration, and in nothing that comes from outside of them."""
    words, common = _paired(old, new)
    for one, other in common:
        if one.asset != other.asset:
            words.append(f"{other.parameter} reads {other.asset}, was {one.asset}")
        if one.named is None and other.named is None:
            words += _columns_words(one, other, None)
        words += _asking_words(one, other)
    return [*_code(old, new), *dict.fromkeys(words), *_declared(old, new)]


def config_differences(old: Recipe, new: Recipe) -> dict[str, str]:
    """Return words for each field of the config that differs, by its name."""
    if old.config_hash == new.config_hash:
        return {}
    before, after = old.config or {}, new.config or {}
    fields = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: f"{name} {_value(before.get(name))} -> {_value(after.get(name))}" for name in fields}


def outside_differences(old: Recipe, new: Recipe) -> list[str]:
    """Name what differs in the world around: resources, and the refresh token."""
    words = _resources(old, new)
    if old.token != new.token:
        words.append(token_words(new.token))
    return words


def reads_otherwise(old: InputVersion, new: InputVersion) -> bool:
    """Whether what enters of an input's data differs, as far as it is read."""
    if old.columns is not None and new.columns is not None:
        return (old.rows, old.columns) != (new.rows, new.columns)
    return old.data_version != new.data_version


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
        return _OWN.get(PurePosixPath(name).suffix, "its function")
    if name == file:
        return f"file {name}"
    where = f" in {file}" if file else ""
    return f"helper {name.split(':', 1)[-1]}{where}"


_OWN = {".sql": "its query", ".command": "its command"}


def _config(old: Recipe, new: Recipe) -> list[str]:
    if old.config_hash == new.config_hash:
        return []
    words = list(config_differences(old, new).values())
    return [f"config {_listed(words)}" if words else "config changed"]


def _inputs(old: Recipe, new: Recipe, seen: Mapping[str, Seen | None], world: Versions) -> list[str]:
    words, common = _paired(old, new)
    for one, other in common:
        words += _data_words(one, other, seen.get(other.name), world)
        words += _columns_words(one, other, seen.get(other.name))
        words += _asking_words(one, other)
    return list(dict.fromkeys(words))


def _paired(old: Recipe, new: Recipe) -> tuple[list[str], list[tuple[InputVersion, InputVersion]]]:
    """Say which inputs came and went, and pair those that both recipes have, by parameter and partition."""
    before, after = (
        {(item.parameter, item.partition): item for item in recipe.inputs} for recipe in (old, new)
    )
    words = [f"input {_told(item)} added" for place, item in after.items() if place not in before]
    words += [f"input {_told(item)} removed" for place, item in before.items() if place not in after]
    return words, [(before[place], item) for place, item in after.items() if place in before]


def _told(item: InputVersion) -> str:
    """Return what an input read as people see it: ``sales``, ``sales 2026-11-23``."""
    return f"{item.asset} {item.partition}".rstrip()


def _data_words(old: InputVersion, new: InputVersion, seen: Seen | None, world: Versions) -> list[str]:
    """Say what changed in the data, as far as they are read now and were read before."""
    if old.data_version == new.data_version:
        return []
    if old.asset != new.asset:
        return [f"{new.parameter} reads {new.asset}, was {old.asset}"]
    if old.data_version is None:
        return [f"{_told(new)} has a version now"]
    if new.data_version is None:
        return [f"{_told(new)} has no version any more"]
    before, after = _hashes_before(old, world), _hashes_now(new, seen)
    if before is None or after is None:
        return [f"{_told(new)} changed"]
    declared = old.columns is not None or new.columns is not None
    common = [name for name in after if name in before]
    names = common if declared else list({**after, **before})
    changed = [name for name in names if before.get(name) != after.get(name)]
    if changed:
        return [f"{_told(new)} changed in {_columns(changed)}"]
    return [] if declared and old.rows == new.rows else [f"{_told(new)} changed"]


def _hashes_before(old: InputVersion, world: Versions) -> dict[str, str] | None:
    recorded = world.version(old.asset, old.version or "") if old.columns is None else None
    columns = seen_of(recorded).columns if recorded is not None else old.columns
    return _known_hashes(columns, old.data_version)


def _hashes_now(new: InputVersion, seen: Seen | None) -> dict[str, str] | None:
    columns = seen.columns if new.columns is None and seen is not None else new.columns
    return _known_hashes(columns, new.data_version)


def _known_hashes(
    columns: tuple[tuple[str, str], ...] | None, data_version: str | None
) -> dict[str, str] | None:
    """Return hashes by column; None where there are none, or the data version stands for them."""
    if columns is None or any(digest == data_version for _, digest in columns):
        return None
    return dict(columns)


def _columns_words(old: InputVersion, new: InputVersion, seen: Seen | None) -> list[str]:
    """Say which columns are read that were not, and the other way round; of those, which are there no more."""
    if old.data_version is None or new.data_version is None:
        return []  # what was declared before is not on record
    if new.columns is None:
        return [] if old.columns is None else [f"now reads all columns of {new.asset}"]
    after = [name for name, _ in new.columns]
    if old.columns is None:
        return [f"now reads only {_columns(after)} of {new.asset}"]
    before = [name for name, _ in old.columns]
    added = [name for name in after if name not in before]
    removed = [name for name in before if name not in after]
    words = [f"now reads {_columns(added)} of {new.asset}"] if added else []
    there = removed if seen is None or seen.columns is None else [name for name, _ in seen.columns]
    gone = [name for name in removed if name not in there]
    left = [name for name in removed if name in there]
    words += [f"{new.asset} has no {_columns(gone)} any more"] if gone else []
    words += [f"no longer reads {_columns(left)} of {new.asset}"] if left else []
    if not words and before != after:
        words.append(f"now reads the columns of {new.asset} in another order")
    return words


def _asking_words(old: InputVersion, new: InputVersion) -> list[str]:
    words = []
    if old.form != new.form:
        words.append(f"input {new.asset} is asked for as {_form_words(old.form, new.form)}")
    if old.missing != new.missing:
        words.append(f"input {new.asset}: missing {old.missing} -> {new.missing}")
    if old.mapping != new.mapping:
        words.append(f"input {new.asset}: partitions {old.mapping or 'none'} -> {new.mapping or 'none'}")
    return words


def _form_words(old: str, new: str) -> str:
    """Return two forms in words: ``polars, was pandas``; where only the type's code differs, that."""
    before, after = old.partition(":")[0], new.partition(":")[0]
    return f"{after}, was {before}" if before != after else f"{after}, of another type"


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
        words.append(f"returns {_form_words(old.form, new.form)}")
    if old.output != new.output:
        words.append(f"{_output_words(new.output)} of its function, was {_output_words(old.output)}")
    return words


def _output_words(output: str) -> str:
    return f"output {int(output) + 1}" if output else "the only output"


def _same_schema(recorded: str | None, declared: Any) -> bool:
    if recorded is None or declared is None:
        return recorded is None and declared is None
    from assetflow.frames.table_codec import schema_to_text

    return recorded == schema_to_text(declared)


def _columns(names: list[str]) -> str:
    return f"column{'' if len(names) == 1 else 's'} {_listed(names) or '(none)'}"


def _listed(words: list[str]) -> str:
    shown = ", ".join(words[:MOST_NAMED])
    return shown if len(words) <= MOST_NAMED else f"{shown} and {len(words) - MOST_NAMED} more"


def _value(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
