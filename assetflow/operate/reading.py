"""Owns reading data: one version, or many as of one commit."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from assetflow.errors import UnknownNameError, UsageError
from assetflow.execution.loading import Loader
from assetflow.frames.forms import as_form
from assetflow.frames.hand_out import hand_out
from assetflow.keys import did_you_mean, name_of
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.operate.materialization import Materialization, materialization_of
from assetflow.operate.references import commit_of, find_version, forgotten_error, require_data
from assetflow.operate.workspace import Workspace


def load(
    workspace: Workspace,
    key: str,
    as_type: Any = None,
    *,
    version: str | None = None,
    at: int | str | datetime | None = None,
    partition: str | None = None,
    columns: Sequence[str] | None = None,
) -> Any:
    """Return the data of ``key`` in the form ``as_type`` (None: a table as pyarrow.Table, else as it is stored).

    Raises:
        UnknownNameError: there is no such version.
        DamagedError: stored bytes are missing or not what was recorded.
        DataError: the data cannot be handed out as ``as_type``.
    """
    if version is not None and at is not None:
        raise UsageError("give `version` or `at`, not both")
    with workspace.ledger.session() as session:
        reference = version
        if at is not None:
            reference = f"#{commit_of(session, at) or _not_a_time(at, f'; version={at!r} names a version')}"
        if version is None and partition is None:
            whole = _all_partitions(session, key, reference, workspace.env)
            if whole:
                return _together(workspace.loader, whole, as_type, columns)
        recorded = find_version(session, _name(key, partition), reference, workspace.env)
    return hand_over(workspace.loader, recorded, as_type, columns)


def _name(key: str, partition: Any) -> str:
    """Return the name of an asset or partition; raise UsageError where it is not a key that names the partition."""
    if partition is not None and not isinstance(partition, str):
        raise UsageError(
            f"partition={partition!r} is no key of a partition of {key}",
            hint="write it as text: '2026-11-01'; of a grid, its dimensions in order of name: '2026-11-01/eu'",
        )
    return name_of(key, partition or "")


def _all_partitions(session: Session, key: str, reference: str | None, env: str) -> list[Recorded]:
    """Return the published version of each partition of an asset, in order of key; none where it has no partitions."""
    commit = None if reference is None else int(reference.removeprefix("#"))
    found = session.pointers_of(env, key, commit)
    if not found:
        return []
    versions = session.versions({pointer.version for pointer in found})
    require_data(session, versions.values(), env)
    return [versions[pointer.version] for pointer in found]


def _together(
    loader: Loader, records: Sequence[Recorded], as_type: Any, columns: Sequence[str] | None
) -> Any:
    """Return all partitions as one table; or, asked for as a dict, each by its key."""
    if as_type is dict:
        return {one.partition: hand_over(loader, one, None, columns) for one in records}
    form = as_form(as_type)
    wanted = None if columns is None else tuple(columns)
    return hand_out(loader.together([one.action for one in records], wanted, lazily=form.streams), form)


def hand_over(loader: Loader, recorded: Recorded, as_type: Any, columns: Sequence[str] | None) -> Any:
    """Return the content of a record in the form asked for; files are a copy that lives as long as the process."""
    content = loader.content(recorded.action, None if columns is None else tuple(columns))
    form = as_form(as_type)
    scratch = _folder_until_exit() if content.kind == "files" else None
    return hand_out(content, form, scratch=scratch)


class Snapshot:
    """One environment as one commit left it: whatever is published meanwhile, it does not move.

    Use as a context manager, or just call it. ``commit``: the number of that commit.
    """

    def __init__(self, workspace: Workspace, at: int | str | datetime | None = None) -> None:
        self._workspace = workspace
        with workspace.ledger.session() as session:
            self.commit = session.head.number if at is None else commit_of(session, at) or _not_a_time(at)
            pointers = session.pointers(workspace.env, self.commit).values()
            versions = session.versions({pointer.version for pointer in pointers})
            self._records = {
                name_of(pointer.asset, pointer.partition): versions[pointer.version] for pointer in pointers
            }
            self._forgotten = session.forgotten(versions)

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the assets that were published."""
        return tuple(sorted({one.asset for one in self._records.values()}))

    def load(
        self,
        key: str,
        as_type: Any = None,
        *,
        partition: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> Any:
        """Return the data of ``key`` as they were; of an asset with partitions one ``partition``, or all together."""
        parts = [one for one in self._records.values() if one.asset == key and one.partition]
        if parts and partition is None:
            in_order = [self._kept(one) for one in sorted(parts, key=lambda one: one.partition)]
            return _together(self._workspace.loader, in_order, as_type, columns)
        recorded = self._kept(self._recorded(_name(key, partition)))
        return hand_over(self._workspace.loader, recorded, as_type, columns)

    def current(self, key: str) -> Materialization:
        """Return the record of the version of ``key`` that was published."""
        return materialization_of(self._recorded(key))

    def _kept(self, recorded: Recorded) -> Recorded:
        """Return a record; raise ForgottenError where its data are no longer kept."""
        if recorded.version in self._forgotten:
            raise forgotten_error(self._forgotten[recorded.version], self._workspace.env)
        return recorded

    def _recorded(self, key: str) -> Recorded:
        if key not in self._records:
            with self._workspace.ledger.session() as session:
                session.require_recorded(key)
            raise UnknownNameError(
                f"{key} has no published version in {self._workspace.env} at commit {self.commit}",
                hint=did_you_mean(key, self._records),
            )
        return self._records[key]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


def _folder_until_exit() -> Path:
    """Return a temporary folder that stays as long as the process: nobody knows when a path is no longer used."""
    folder = tempfile.mkdtemp(prefix="assetflow-")
    atexit.register(_remove, folder, os.getpid())
    return Path(folder)


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # a fork that ends leaves what its parent still uses
        shutil.rmtree(folder, ignore_errors=True)


def _not_a_time(at: int | str | datetime, otherwise: str = "") -> int:
    raise UsageError(
        f"at={at!r} is no commit number and no time",
        hint=f'say 42, "#42", "2026-11-01" or a datetime{otherwise}',
    )
