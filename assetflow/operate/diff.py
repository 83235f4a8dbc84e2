"""Owns comparing two versions of an asset, wherever they are published, and whatever kind of data they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from assetflow.errors import AssetflowError, UsageError
from assetflow.execution.loading import TABLE_FORMATS
from assetflow.hashing.tables import hash_table
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.model.versions import Materialized, SourceObserved, Version
from assetflow.operate.references import Opened, commit_of, find_version, opened_for, split_reference
from assetflow.operate.table_diff import Named, TableDiff, diff_tables
from assetflow.operate.value_diff import (
    ArrayDiff,
    BytesDiff,
    FilesDiff,
    TextDiff,
    ValueDiff,
    diff_arrays,
    diff_files,
    diff_texts,
    diff_values,
)
from assetflow.operate.workspace import Workspace
from assetflow.queries.two_tables import Side

Changes = TableDiff | ValueDiff | TextDiff | ArrayDiff | FilesDiff | BytesDiff


@dataclass(frozen=True)
class ComparedVersion:
    """One of the two versions. ``reference``: how it was asked for; ``kind``: what its data are."""

    reference: str
    key: str
    env: str
    version: str
    data_version: str
    kind: str
    rows: int | None
    bytes: int
    time: str


@dataclass(frozen=True)
class Diff:
    """What differs between two versions. ``changes``: None where they are equal, or are not of one kind."""

    old: ComparedVersion
    new: ComparedVersion
    changes: Changes | None

    @property
    def is_different(self) -> bool:
        """Whether the two are not the same data: other rows, names or types, or another order."""
        return self.old.data_version != self.new.data_version

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "different": self.is_different,
            "old": asdict(self.old),
            "new": asdict(self.new),
            "changes": None if self.changes is None else {"kind": self.new.kind, **self.changes.to_dict()},
        }

    def __repr__(self) -> str:
        told = "different" if self.is_different else "the same"
        if isinstance(self.changes, TableDiff):
            counts = {
                "added": self.changes.added,
                "removed": self.changes.removed,
                "changed": self.changes.changed,
            }
            told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count is not None)
        old, new = (
            f"{self.old.reference} {self.old.version[:12]}",
            f"{self.new.reference} {self.new.version[:12]}",
        )
        return f"<Diff {old} -> {new}: {told}>"


@dataclass(frozen=True)
class _Found:
    """A version to be compared, and where it lies."""

    where: Workspace
    recorded: Recorded
    shown: ComparedVersion


def diff(
    workspace: Workspace,
    first: str,
    second: str | None,
    opened: Opened,
    *,
    at: int | str | datetime | None = None,
    key: Sequence[str] = (),
    whole_rows: bool = False,
    most: int = 10,
) -> Diff:
    """Compare two versions: ``first`` is the old one, ``second`` the new one.

    Without ``second`` the new one is what the environment publishes now; where ``first`` names no version either, the
    old one is what was published before. Nothing is read of what is known to be equal.

    Args:
        workspace: the project.
        first: ``key[@reference]``.
        second: ``key[@reference]``; None: the same asset, as it is published now.
        opened: gives the project in another environment.
        at: which version ``first`` means, where it does not say so itself.
        key: columns that tell the rows of a table apart; none: those of a `unique` check that passed, if there is one.
        whole_rows: compare whole rows of tables, without a key.
        most: how many rows of each kind to show.

    Raises:
        UsageError: there is no such version, what is asked cannot be compared, or the rows have no key.
        DamagedError: stored bytes are missing or not what was recorded.
    """
    old = _find(workspace, _old_reference(workspace, first, second, at), opened)
    new = _find(workspace, second if second is not None else old.recorded.name, opened)
    if key and whole_rows:
        raise UsageError("rows are matched by a key, or compared whole: not both")
    return Diff(old.shown, new.shown, _changes(old, new, tuple(key), most, whole_rows=whole_rows))


def diff_command(workspace: Workspace, old: str, new: str) -> str | None:
    """Return how to compare two versions of the workspace's store by command; None where they cannot be.

    Without a key that is on record to tell rows apart on both sides, whole rows are compared.
    """
    with workspace.ledger.session() as session:
        records = session.versions([old, new])
        if not {old, new} <= records.keys() or session.forgotten([old, new]):
            return None
        sides = [records[old], records[new]]
        first, second = (set(_unique_columns(session, side)) for side in sides)
    try:
        is_table = {_kind(workspace, side.action) for side in sides} == {"table"}
    except AssetflowError:
        return None
    rows = " --rows" if is_table and not first & second else ""
    versions = " ".join(f"{side.asset}@{side.version[:12]}" for side in sides)
    return f"assetflow diff {versions}{rows} --env {workspace.env}"


def _old_reference(
    workspace: Workspace, first: str, second: str | None, at: int | str | datetime | None
) -> str:
    key, reference = split_reference(first)
    if at is None:
        return first if reference is not None or second is not None else f"{key}@HEAD~1"
    if reference is not None:
        raise UsageError(f"say which version of {key} once: {first!r}, or at={at!r}")
    if isinstance(at, str):
        return f"{key}@{at}"
    with workspace.ledger.session() as session:
        return f"{key}@#{commit_of(session, at)}"


def _find(workspace: Workspace, reference: str, opened: Opened) -> _Found:
    where, key, at = opened_for(workspace, reference, opened)
    with where.ledger.session() as session:
        recorded = find_version(session, key, at, where.env)
    shown = ComparedVersion(
        reference=reference,
        key=recorded.asset,
        env=where.env,
        version=recorded.version,
        data_version=recorded.data_version,
        kind=_kind(where, recorded.action),
        rows=recorded.rows,
        bytes=recorded.action.bytes,
        time=recorded.time,
    )
    return _Found(where, recorded, shown)


def _kind(where: Workspace, action: Version) -> str:
    if isinstance(action, SourceObserved):
        if action.remote is not None:
            return _kind(where, where.remotes.recorded(action.asset, action.remote))
        return "table" if action.format in TABLE_FORMATS else "text" if action.format == "text" else "files"
    if action.manifest is None:
        raise UsageError(
            f"{action.asset} is an effect: it has no data to compare",
            hint=f"look at what it recorded: `assetflow history {action.asset} --env {where.env}`",
        )
    return action.manifest.kind


def _changes(
    old: _Found, new: _Found, key: tuple[str, ...], most: int, *, whole_rows: bool
) -> Changes | None:
    kinds = {old.shown.kind, new.shown.kind}
    if key and kinds != {"table"}:
        other = next(found.shown for found in (old, new) if found.shown.kind != "table")
        raise UsageError(
            f"{other.reference} is no table, but {other.kind}: it has no key", hint="leave --key out"
        )
    if old.shown.data_version == new.shown.data_version or len(kinds) > 1:
        return None
    match new.shown.kind:
        case "table":
            names = (Named(found.shown.reference, _side(found)) for found in (old, new))
            guesses = [] if key or whole_rows else list(_guesses(old, new))
            return diff_tables(*names, given=key, guesses=guesses, whole_rows=whole_rows, most=most)
        case "value":
            return diff_values(_data(old), _data(new))
        case "text":
            return diff_texts(_data(old), _data(new), (old.shown.reference, new.shown.reference))
        case "numpy":
            return diff_arrays(_data(old), _data(new))
        case "files":
            return diff_files(
                *(found.where.loader.unread(found.recorded.action).data for found in (old, new))
            )
    return BytesDiff(old.shown.bytes, new.shown.bytes)


def _side(found: _Found) -> Side:
    """Return a table with nothing read of it that is stored in parts."""
    action = found.recorded.action
    table = found.where.loader.unread(action).data
    hashes = (
        action.columns
        if not isinstance(action, Materialized)
        else action.manifest and action.manifest.columns
    )
    return Side(table, dict(hashes or hash_table(table).columns))


def _data(found: _Found) -> Any:
    return found.where.loader.content(found.recorded.action).data


def _guesses(old: _Found, new: _Found) -> Iterator[tuple[str, ...]]:
    """Yield the columns that a passed `unique` check of either version names, the fewest first."""
    found: dict[tuple[str, ...], None] = {}
    for side in (new, old):
        with side.where.ledger.session() as session:
            found |= dict.fromkeys(_unique_columns(session, side.recorded))
    yield from sorted(found, key=len)


def _unique_columns(session: Session, recorded: Recorded) -> Iterator[tuple[str, ...]]:
    """Yield the columns of `unique(a, b)` checks: their names are all that the log says of them."""
    for evaluated in session.verdicts([(recorded.asset, recorded.data_version)]):
        for verdict in evaluated.verdicts:
            kind, _, columns = verdict.name.removesuffix(")").partition("(")
            if kind == "unique" and columns and verdict.passed and not verdict.failing_rows:
                yield tuple(columns.split(", "))
