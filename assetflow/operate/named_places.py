"""Owns which assets and partitions a person named to be moved: by a selection, by name in it, by ``--partition``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assetflow.errors import UnknownNameError, UsageError
from assetflow.keys import did_you_mean, name_of, split_name, typed
from assetflow.ledger.session import Session
from assetflow.operate.planning import selected
from assetflow.operate.workspace import Workspace
from assetflow.partitions.parsing import parse
from assetflow.partitions.quoting import unquoted

_NAMED = re.compile(r"""([A-Za-z0-9_/-]+)\|("(?:[^"\\]|\\.)*"|[^\s(),]+)""")


def named_places(
    workspace: Workspace, selection: str | None, exclude: str | None, partitions: str | None
) -> frozenset[str] | None:
    """Return the names (``keys.name_of``) of what is selected; None where nothing is said: everything.

    The name of an asset stands for all its partitions, unless ``partitions`` chooses some. ``key|partition`` may stand
    in the selection; where nothing else does, the user's modules are not imported.

    Raises:
        SelectionError: the selection or the partitions do not parse, or select nothing.
        UnknownNameError: there is no such partition.
        UsageError: there are partitions without a selection, or nothing that is selected has any.
    """
    if selection is None and exclude is None:
        if partitions is not None:
            raise UsageError(f"of which assets, {partitions}?", hint="name them by --select")
        return None
    named = [name_of(key, unquoted(partition)) for key, partition in _NAMED.findall(selection or "")]
    rest = _NAMED.sub("", selection or "").strip() or None
    if named and exclude is not None:
        raise UsageError(
            f"{selection!r} names partitions, of which --exclude leaves out none", hint="leave --exclude out"
        )
    if named and partitions is not None:
        raise UsageError(f"{selection!r} names partitions, and so does --partition", hint="leave one out")
    keys = frozenset() if named and rest is None else selected(workspace, rest, exclude)
    if partitions is None:
        return keys.union(named)
    return frozenset(_chosen(workspace, keys, partitions))


def require_published(session: Session, names: frozenset[str], env: str) -> None:
    """Raise UnknownNameError for the first partition of ``names`` that ``env`` never published, if all are such."""
    parts = [split_name(name) for name in sorted(names)]
    if not parts or any(not part or session.published_versions(env, key, part) for key, part in parts):
        return
    key, partition = parts[0]
    session.require_recorded(key)
    known = session.published_partitions(env, key)
    raise UnknownNameError(
        f"{env} never published {partition!r} of {key}",
        hint=did_you_mean(partition, known) or f"`assetflow history {typed(key)} --env {env}` lists what was",
    )


def _chosen(workspace: Workspace, keys: frozenset[str], text: str) -> Iterator[str]:
    layout = workspace.layout()
    if not any(layout.is_partitioned(key) for key in keys):
        raise UsageError(
            f"nothing that is selected has partitions, so {text!r} names none",
            hint="leave --partition out, or select an asset with partitions",
        )
    for key in keys:
        if layout.is_partitioned(key):
            of_asset = layout.keys(key)
            yield from (name_of(key, of_asset.key(ordinal)) for ordinal in parse(text, of_asset))
        else:
            yield key
