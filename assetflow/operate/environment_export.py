"""Owns the outlet for other programs: a DuckDB file with all that an environment publishes, as of one commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assetflow.errors import DamagedError, DataError, UsageError
from assetflow.execution.loading import TABLE_FORMATS, damaged
from assetflow.frames.forms import ANY
from assetflow.frames.hand_out import hand_out
from assetflow.frames.parted import PartedTable
from assetflow.frames.table_codec import schema_from_text
from assetflow.ledger.pointers import Pointer
from assetflow.ledger.records import Recorded
from assetflow.model.manifest import Manifest
from assetflow.model.versions import Materialized
from assetflow.operate.duckdb_export import DuckDbFile, new_duckdb_file
from assetflow.operate.workspace import Workspace
from assetflow.storage import artifacts
from assetflow.storage.failure import shown

if TYPE_CHECKING:
    import pyarrow as pa

Form = Literal["view", "table", "left out"]
_TABLES = frozenset({"table", "files"})  # kinds of manifests; the files of a source are read as a table
_PATTERN = frozenset("*?[")  # in a path, DuckDB takes these for a pattern


@dataclass(frozen=True)
class ExportedAsset:
    """What became of one published asset in the file.

    ``version``: None for an asset with partitions, of which there are ``partitions`` (None: it has none). ``since``:
    when it was published; of partitions, the last of them. ``why`` it is left out, where that is not plain.
    """

    key: str
    form: Form
    version: str | None
    since: str
    rows: int | None
    partitions: int | None = None
    why: str = ""


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
    else is left out. Partitions become one: their tables one table, their values a row each, that begins with the
    partition. The table ``assetflow.published`` says which version each asset and partition is.

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
        assets, told = [], []
        for those in _by_asset(pointers):
            asset = exporter.add(those, versions)
            assets.append(asset)
            told += [_row(asset, one, versions[one.version], workspace.env, commit) for one in those]
        file.add_rows("published", told, f"What {workspace.env} published as of commit {commit}")
    return ExportedEnvironment(target, workspace.env, commit, tuple(assets))


def _by_asset(pointers: Iterable[Pointer]) -> Iterable[list[Pointer]]:
    """Return the pointers of each asset; of one with partitions theirs alone, in order of key."""
    found: dict[str, list[Pointer]] = {}
    for pointer in pointers:
        found.setdefault(pointer.asset, []).append(pointer)
    for those in found.values():
        of_partitions = [one for one in those if one.partition]
        yield sorted(of_partitions, key=lambda one: one.partition) or those


def _row(asset: ExportedAsset, pointer: Pointer, recorded: Recorded, env: str, commit: int) -> dict[str, Any]:
    """Return what ``assetflow.published`` says of an asset, or of one of its partitions."""
    return {
        "env": env,
        "commit": commit,
        "key": asset.key,
        "partition": pointer.partition,
        "form": asset.form,
        "version": pointer.version,
        "since": pointer.since,
        "rows": recorded.rows,
    }


class _Exporter:
    """Adds assets to a file."""

    def __init__(self, workspace: Workspace, file: DuckDbFile, *, copy: bool) -> None:
        self._workspace = workspace
        self._file = file
        self._copy = copy

    def add(self, pointers: Sequence[Pointer], versions: Mapping[str, Recorded]) -> ExportedAsset:
        """Add what is published of one asset, or of its partitions, in the form that suits it."""
        records = [versions[pointer.version] for pointer in pointers]
        key, env, since = pointers[0].asset, self._workspace.env, max(one.since for one in pointers)
        count = len(pointers) if pointers[0].partition else None
        version = pointers[0].version if count is None else None
        what = f"version {version}" if count is None else f"partitions: {count}"
        form, why = self._add(records, f"{what}, published in {env} since {since}")
        rows = [recorded.rows for recorded in records]
        known = [number for number in rows if number is not None]
        return ExportedAsset(key, form, version, since, sum(known) if known else None, count, why)

    def _add(self, records: Sequence[Recorded], comment: str) -> tuple[Form, str]:
        if not all(map(_may_be_table, records)):
            return "left out", ""
        key = records[0].asset
        manifests = [] if self._copy else [self._resolved(recorded) for recorded in records]
        if manifests and _suit_one_view(manifests):
            files = [
                file
                for recorded, manifest in zip(records, manifests, strict=True)
                for file in self._files(recorded, manifest)
            ]
            self._add_view(key, manifests[0], files, comment)
            return "view", ""
        try:
            table = self._table(records)
        except DataError as error:
            if not records[0].partition:
                raise
            return "left out", error.message
        if table is None:
            return "left out", ""
        self._file.add_table(key, table, comment)
        return "table", ""

    def _resolved(self, recorded: Recorded) -> Manifest:
        manifest = recorded.manifest
        assert manifest is not None, "what has no manifest is left out"
        with self._blaming(recorded):
            return artifacts.resolve(manifest, self._workspace.store.objects)

    def _files(self, recorded: Recorded, manifest: Manifest) -> list[Path]:
        """Return the parts of a version as files of this machine."""
        objects = self._workspace.store.objects
        files = [path for name in manifest.objects if (path := objects.local_path(name)) is not None]
        if len(files) < len(manifest.parts) or any(_PATTERN & set(str(path)) for path in files):
            raise UsageError(
                f"the parts of {recorded.asset} in {shown(self._workspace.store.url)} are no files that a view can "
                "name",
                hint="say --copy, to write the rows themselves",
            )
        missing = objects.missing(manifest.objects)
        if missing:
            with self._blaming(recorded):
                raise DamagedError(
                    f"{len(missing)} of its {len(files)} parts are missing",
                    objects=tuple(sorted(missing)),
                    hint="`assetflow materialize` makes them again",
                )
        return files

    def _add_view(self, key: str, manifest: Manifest, files: Sequence[Path], comment: str) -> None:
        import pyarrow as pa

        schema = schema_from_text(manifest.schema_ipc or "")
        self._file.add_view(key, files, pa.Table.from_batches([], schema), comment)

    def _table(self, records: Sequence[Recorded]) -> pa.Table | PartedTable | None:
        """Return one table of a version, or of all partitions; None for what is none."""
        loader = self._workspace.loader
        actions = [recorded.action for recorded in records]
        if all(recorded.manifest is not None and recorded.manifest.kind in _TABLES for recorded in records):
            table: pa.Table | PartedTable = loader.together(actions, lazily=True).data
            return table
        values = (hand_out(loader.content(action), ANY) for action in actions)
        return _table_of_values(
            [(action.partition, value) for action, value in zip(actions, values, strict=True)]
        )

    @contextmanager
    def _blaming(self, recorded: Recorded) -> Iterator[None]:
        """Tell of damage as that of this version, and note it."""
        try:
            yield
        except DamagedError as error:
            self._workspace.damage.note(error.objects)
            raise damaged(recorded.name, recorded.version, error) from error


def _may_be_table(recorded: Recorded) -> bool:
    """Whether an artifact may become a table; a source by the kind of what is read of its files."""
    action, manifest = recorded.action, recorded.manifest
    if manifest is None:
        return False
    if isinstance(action, Materialized):
        return manifest.kind in ("table", "value", "text")
    return manifest.kind == "files" and action.format in TABLE_FORMATS


def _suit_one_view(manifests: Sequence[Manifest]) -> bool:
    """Whether these are stored as Parquet files, all with the same columns; of an empty table there may be none."""
    return any(one.parts for one in manifests) and all(
        one.kind == "table"
        and one.format == "parquet"
        and bool(one.parts or one.rows == 0)
        and one.schema_ipc == manifests[0].schema_ipc
        for one in manifests
    )


def _table_of_values(values: Sequence[tuple[str, Any]]) -> pa.Table | None:
    """Return values by partition ("" for none) as rows; None where they are none."""
    import pyarrow as pa

    have_names = all(
        isinstance(value, dict) and value and "partition" not in value and all(map(_is_name, value))
        for _, value in values
    )
    rows = [value if have_names else {"value": value} for _, value in values]
    told = [{"partition": key, **row} if key else row for (key, _), row in zip(values, rows, strict=True)]
    try:
        return pa.Table.from_pylist(told)
    except (pa.ArrowException, TypeError, OverflowError):
        return None


def _is_name(name: object) -> bool:
    return isinstance(name, str) and bool(name)
