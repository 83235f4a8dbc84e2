"""Owns getting the content of a recorded version: from the hand-over, the store, or a source's own files.

Errors name the asset, the version and the part; damage is noted, so that the next run mends it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from assetflow.errors import DamagedError, DataError, SourceError
from assetflow.execution.observation import Observer
from assetflow.execution.shelf import Shelf
from assetflow.execution.source_files import FoundFile
from assetflow.frames.content import Content, FilesContent
from assetflow.frames.parted import PartedTable
from assetflow.model.spec import SourceSpec
from assetflow.model.versions import Materialized, RemoteVersion, SourceObserved
from assetflow.storage import artifacts
from assetflow.storage.objects import Objects

TABLE_FORMATS = frozenset({"csv", "jsonl", "parquet", "arrow"})
MOST_READ_WHOLE = 64 << 20  # bytes in memory; a table of no more is read whole and kept on the shelf, always


ReadElsewhere = Callable[[str, RemoteVersion, tuple[str, ...] | None], Content]


class Loader:
    """Loads recorded versions.

    Args:
        objects: where stored bytes are.
        observer: looks at the files of a source that is not kept.
        shelf: the hand-over in memory.
        damaged: called with the names of objects found damaged or missing.
        elsewhere: returns the content of a version in another project's store.
    """

    def __init__(
        self,
        objects: Objects,
        observer: Observer,
        shelf: Shelf,
        damaged: Callable[[tuple[str, ...]], None],
        elsewhere: ReadElsewhere | None = None,
    ) -> None:
        self._objects = objects
        self._observer = observer
        self._shelf = shelf
        self._damaged = damaged
        self._elsewhere = elsewhere

    def content(
        self,
        action: Materialized | SourceObserved,
        columns: tuple[str, ...] | None = None,
        *,
        lazily: bool = False,
    ) -> Content:
        """Return the content of a version, of a table just ``columns`` where given.

        ``lazily``: a large table that is not at hand in memory may be a ``PartedTable``, to be read part by part.

        Raises:
            DamagedError: stored bytes are missing or not what was recorded.
            DataError: a column that is asked for does not exist, or an effect is loaded.
        """
        held = self._shelf.get(action.data_version, columns)
        if held is not None:
            return held
        try:
            content = self._read(action, columns)
            if isinstance(content.data, PartedTable):
                if lazily and content.data.nbytes > MOST_READ_WHOLE:
                    return self._noticing(action, content)
                content = replace(content, data=content.data.read())
        except DamagedError as error:
            raise self._noticed(action, error) from error
        self._shelf.put(action.data_version, content, columns)
        return content

    def unread(self, action: Materialized | SourceObserved) -> Content:
        """Return the content of a version; a table that is stored in parts as such, with none of them read.

        Raises as ``content`` does; of a damaged part when it is read.
        """
        try:
            content = self._read(action, None)
        except DamagedError as error:
            raise self._noticed(action, error) from error
        return self._noticing(action, content) if isinstance(content.data, PartedTable) else content

    def still_holds(self, action: Materialized | SourceObserved) -> bool:
        """Whether what was loaded of a version surely was that version: asked when its consumer's output is hashed.

        What is stored always holds. The files of a source that is not kept are observed again: they may have been
        written to while the consumer read them.
        """
        if not isinstance(action, SourceObserved) or action.manifest is not None or action.remote is not None:
            return True
        try:
            self._found_files(action)
        except SourceError:
            return False
        return True

    def _read(self, action: Materialized | SourceObserved, columns: tuple[str, ...] | None) -> Content:
        if isinstance(action, SourceObserved):
            return self._read_source(action, columns)
        if action.manifest is None:
            raise DataError(
                f"{action.asset} is an effect: it has no data to load",
                hint="look at what it recorded: `assetflow show " + action.asset + "`",
            )
        manifest = artifacts.resolve(action.manifest, self._objects)
        _require(action.asset, columns, [name for name, _ in manifest.columns or ()])
        return artifacts.read(manifest, self._objects, columns=columns, lazily=True)

    def _noticing(self, action: Materialized | SourceObserved, content: Content) -> Content:
        """Return a table in parts that tells of damage as reading it whole does."""
        return replace(content, data=content.data.blaming(partial(self._noticed, action)))

    def _noticed(self, action: Materialized | SourceObserved, error: DamagedError) -> DamagedError:
        self._damaged(error.objects)
        return damaged(action.asset, action.version, error)

    def _read_source(self, action: SourceObserved, columns: tuple[str, ...] | None) -> Content:
        if action.remote is not None:
            assert self._elsewhere is not None, (
                "a loader of another store was asked for what is in a third one"
            )
            return self._elsewhere(action.asset, action.remote, columns)
        if action.manifest is not None:
            return _content_of(action, self._kept_files(action), columns)
        found = self._found_files(action)
        content = _content_of(
            action, FilesContent(tuple((file.path, file.content) for file in found)), columns
        )
        if self._found_files(action) != found:
            raise _changed(action)  # written to, and perhaps written back, while it was read
        return content

    def _kept_files(self, action: SourceObserved) -> FilesContent:
        assert action.manifest is not None
        content = artifacts.read(artifacts.resolve(action.manifest, self._objects), self._objects)
        assert isinstance(content.data, FilesContent)
        return content.data

    def _found_files(self, action: SourceObserved) -> tuple[FoundFile, ...]:
        observation = self._observer.observe(action.asset, recorded_source(action))
        if observation.data_version != action.data_version:
            raise _changed(action)
        return observation.found


def damaged(asset: str, version: str, error: DamagedError) -> DamagedError:
    """Return the error as one that names the asset and the version."""
    return DamagedError(
        f"{asset} version {version[:12]}: {error.message}",
        objects=error.objects,
        hint=f"it is noted: where an environment publishes it, the next `assetflow materialize {asset}` there makes it "
        "again; any other version must be restored from a copy of the store",
    )


def recorded_source(action: SourceObserved) -> SourceSpec:
    """Return how the source was declared when it was observed."""
    schema = None
    if action.schema_ipc is not None:
        from assetflow.frames.table_codec import schema_from_text

        schema = schema_from_text(action.schema_ipc)
    return SourceSpec(action.url, action.format, action.identity, schema=schema, options=action.options)


def _content_of(action: SourceObserved, files: FilesContent, columns: tuple[str, ...] | None) -> Content:
    source = recorded_source(action)
    if source.format in TABLE_FORMATS:
        from assetflow.frames.readers import read_table

        table = read_table(source.format, files.paths, source.schema, source.options)
        _require(action.asset, columns, table.column_names)
        return Content("table", table.select(list(columns)) if columns is not None else table, "parquet")
    if source.format == "text":
        from assetflow.frames.readers import read_text

        return Content("text", read_text(files.paths), "text")
    return Content("files", files, "file" if len(files.paths) == 1 else "folder")


def _changed(action: SourceObserved) -> SourceError:
    return SourceError(
        f"source {action.asset} changed since version {action.version[:12]}, and its files are not kept",
        hint="materialize again; `keep=True` keeps a copy of what was read",
    )


def _require(asset: str, columns: tuple[str, ...] | None, present: list[str]) -> None:
    missing = [name for name in columns or () if name not in present]
    if missing:
        raise DataError(
            f"{asset} has no column {', '.join(map(repr, missing))}",
            hint=f"its columns: {', '.join(present)}",
        )
