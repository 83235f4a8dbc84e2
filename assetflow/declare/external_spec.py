"""Owns how an ``external`` becomes its spec, and what is wrong with it by itself."""

from __future__ import annotations

import os
import re
from dataclasses import fields
from pathlib import Path

from assetflow.declare import options as read
from assetflow.declare.asset_spec import ReadDeclaration, read_key
from assetflow.declare.attached import read_checks
from assetflow.declare.external import External, ExternalOptions
from assetflow.declare.problems import Problems
from assetflow.keys import did_you_mean
from assetflow.model.spec import AssetSpec, ExternalSpec

OPTIONS = tuple(option.name for option in fields(ExternalOptions) if option.name != "unknown")
_PASSWORD = re.compile(r"//[^/@]*:[^/@]*@")


def read_external(external: External, *, root: Path | None) -> ReadDeclaration:
    """Read what ``external`` says; places are told relative to ``root``."""
    options = external.options
    problems = Problems(f"external {external.key!r}", external.place.text(root))
    key = read_key(external.key, problems, "write af.external('name', store=...)")
    remote = key if options.asset is None else read_key(options.asset, problems, "write asset='name'")
    for unknown in options.unknown:
        hint = did_you_mean(unknown, OPTIONS) or f"its options: {', '.join(OPTIONS)}"
        problems.add(f"{unknown}= is no option of af.external", hint)
    spec = AssetSpec(
        key=key,
        kind="external",
        where=problems.where,
        path=external.place.path(root),
        module=external.place.module,
        external=ExternalSpec(
            _read_store(options.store, problems), remote, read.read_text("env", options.env, problems)
        ),
        checks=read_checks(options.checks, key, problems),
        group=read.read_label("group", options.group, problems),
        tags=read.read_labels("tags", options.tags, problems),
        owner=read.read_text("owner", options.owner, problems),
        description=read.read_text("description", options.description, problems),
        fresh_within=read.read_fresh_within(options.fresh_within, problems),
    )
    return ReadDeclaration((spec,), tuple(problems.found))


def _read_store(value: object, problems: Problems) -> str:
    store = os.fspath(value) if isinstance(value, str | os.PathLike) else ""
    if not isinstance(store, str) or not store:
        problems.add(f"its store is {value!r}", "write a path, a URL, or the name of [external.NAME]")
        return ""
    if _PASSWORD.search(store):
        hint = "say it in the settings, [external.NAME] with store = and storage_options, and name that here"
        problems.add("its store= holds a password, which would be recorded", hint)
    return store
