"""Owns the outlet for other programs: a DuckDB file with all that an environment publishes, as of one commit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assetflow.errors import DamagedError, UsageError
from assetflow.execution.loading import TABLE_FORMATS, damaged
from assetflow.frames.content import Content
from assetflow.frames.forms import ANY
from assetflow.frames.hand_out import hand_out
from assetflow.frames.parted import PartedTable
from assetflow.frames.table_codec import schema_from_text
from assetflow.ledger.pointers import Pointer
from assetflow.ledger.records import Recorded
from assetflow.model.manifest import Manifest
from assetflow.model.versions import Materialized, SourceObserved
from assetflow.operate.duckdb_export import DuckDbFile, new_duckdb_file
from assetflow.operate.workspace import Workspace
from assetflow.storage import artifacts
from assetflow.storage.failure import shown

if TYPE_CHECKING:
    import pyarrow as pa

Form = Literal["view", "table", "left out"]
_PATTERN = frozenset("*?[")  # in a path, DuckDB takes these for a pattern


@dataclass(frozen=True)
class ExportedAsset:
    """What became of one published asset in the file."""

    key: str
    form: Form
    version: str
    since: str
    rows: int | None


@dataclass(frozen=True)
class ExportedEnvironment:
    """What was written, and as of which commit."""

    path: Path
    env: str
    commit: int
    assets: tuple[ExportedAsset, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "path": str(self.path),
            "env": self.env,
            "commit": self.commit,
            "assets": [asdict(asset) for asset in self.assets],
        }


def export_environment(
    workspace: Workspace, target: Path, *, overwrite: bool = False, copy: bool = False
) -> ExportedEnvironment:
    """Write a DuckDB file with what the environment publishes now, each asset by its key.

    Tables of Parquet parts become views over the parts; other tables, and values that are one row, become tables; all
    else is left out. The table ``assetflow.published`` says which version each is.

    Args:
        workspace: the project, opened in the environment.
        target: the file.
        overwrite: whether it may replace a file that exists.
        copy: write all rows into the file, which then needs the store no more.

    Raises:
        UsageError: the file exists or cannot be written; or other programs cannot read the store.
        DamagedError: parts are missing.
    """
    with workspace.ledger.session() as session:
        pointers = list(session.pointers(workspace.env).values())
        versions = session.versions({pointer.version for pointer in pointers})
        commit = session.head.number
    if not pointers:
        raise UsageError(
            f"nothing is published in {workspace.env}", hint=f"`assetflow materialize --env {workspace.env}`"
        )
    with new_duckdb_file(target, overwrite=overwrite) as file:
        exporter = _Exporter(workspace, file, copy=copy)
        assets = tuple(exporter.add(pointer, versions[pointer.version]) for pointer in pointers)
        told = [{"env": workspace.env, "commit": commit, **asdict(asset)} for asset in assets]
        file.add_rows("published", told, f"What {workspace.env} published as of commit {commit}")
    return ExportedEnvironment(target, workspace.env, commit, assets)


class _Exporter:
    """Adds assets to a file."""

    def __init__(self, workspace: Workspace, file: DuckDbFile, *, copy: bool) -> None:
        self._workspace = workspace
        self._file = file
        self._copy = copy

    def add(self, pointer: Pointer, recorded: Recorded) -> ExportedAsset:
        """Add what is published of one asset, in the form that suits it."""
        comment = f"version {pointer.version}, published in {self._workspace.env} since {pointer.since}"
        try:
            form = self._add(recorded.action, comment)
        except DamagedError as error:
            self._workspace.damage.note(error.objects)
            raise damaged(recorded.asset, recorded.version, error) from error
        return ExportedAsset(pointer.asset, form, pointer.version, pointer.since, recorded.rows)

    def _add(self, action: Materialized | SourceObserved, comment: str) -> Form:
        manifest = action.manifest
        if manifest is None or manifest.kind not in _kinds(action):
            return "left out"
        if manifest.kind == "table" and manifest.format == "parquet" and not self._copy:
            resolved = artifacts.resolve(manifest, self._workspace.store.objects)
            if resolved.parts:
                return self._add_view(action.asset, resolved, comment)
        table = _table_of(self._workspace.loader.content(action, lazily=True))
        if table is None:
            return "left out"
        self._file.add_table(action.asset, table, comment)
        return "table"

    def _add_view(self, key: str, manifest: Manifest, comment: str) -> Form:
        import pyarrow as pa

        objects = self._workspace.store.objects
        files = [path for name in manifest.objects if (path := objects.local_path(name)) is not None]
        if len(files) < len(manifest.parts) or any(_PATTERN & set(str(path)) for path in files):
            raise UsageError(
                f"the parts of {key} in {shown(self._workspace.store.url)} are no files that a view can name",
                hint="say --copy, to write the rows themselves",
            )
        missing = objects.missing(manifest.objects)
        if missing:
            raise DamagedError(
                f"{len(missing)} of its {len(files)} parts are missing",
                objects=tuple(sorted(missing)),
                hint="`assetflow materialize` makes them again",
            )
        schema = schema_from_text(manifest.schema_ipc or "")
        self._file.add_view(key, files, pa.Table.from_batches([], schema), comment)
        return "view"


def _kinds(action: Materialized | SourceObserved) -> tuple[str, ...]:
    """Return the kinds of artifacts that may become a table; a source's is the kind of what is read of its files."""
    if isinstance(action, Materialized):
        return ("table", "value", "text")
    return ("files",) if action.format in TABLE_FORMATS else ()


def _table_of(content: Content) -> pa.Table | PartedTable | None:
    """Return a content as a table; of a value, the one row that it is; None for what is none."""
    import pyarrow as pa

    if content.kind == "table":
        table: pa.Table | PartedTable = content.data
        return table
    value = hand_out(content, ANY)
    row = value if isinstance(value, dict) and value and all(map(_is_name, value)) else {"value": value}
    try:
        return pa.Table.from_pylist([row])
    except (pa.ArrowException, TypeError, OverflowError):
        return None


def _is_name(name: object) -> bool:
    return isinstance(name, str) and bool(name)
