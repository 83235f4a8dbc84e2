from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pytest
from watched import Watched, write

from assetflow.errors import DamagedError, DataError, SourceError
from assetflow.execution import loading as module
from assetflow.execution.keeping import observe_and_keep
from assetflow.execution.loading import Loader
from assetflow.execution.observation import Observer
from assetflow.execution.shelf import Shelf
from assetflow.frames.intake import take
from assetflow.frames.parted import PartedTable
from assetflow.model.manifest import Manifest
from assetflow.model.recipe import Recipe
from assetflow.model.spec import SourceSpec
from assetflow.model.versions import Materialized, SourceObserved
from assetflow.storage import artifacts
from assetflow.storage.objects import Objects
from assetflow.storage.store import open_store

KEPT = SourceSpec("numbers.csv", "csv")
NOT_KEPT = SourceSpec("numbers.csv", "csv", keep=False)


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return open_store(tmp_path / "store").objects


def observed(root: Path, objects: Objects, source: SourceSpec) -> SourceObserved:
    write(root, 1)
    return observe_and_keep("numbers", source, Observer(root, None), objects, "run")


def loader(objects: Objects, observer: Observer) -> Loader:
    return Loader(objects, observer, Shelf(), lambda _names: None)


def test_a_source_that_is_not_kept_holds_until_its_file_is_written_to(
    tmp_path: Path, objects: Objects
) -> None:
    action = observed(tmp_path, objects, NOT_KEPT)
    loading = loader(objects, Observer(tmp_path, None))
    assert loading.content(action).data["n"].to_pylist() == [1]
    assert loading.still_holds(action)
    write(tmp_path, 2)
    assert not loading.still_holds(action)
    (tmp_path / "numbers.csv").unlink()
    assert not loading.still_holds(action)


def test_a_kept_source_holds_whatever_becomes_of_its_file(tmp_path: Path, objects: Objects) -> None:
    action = observed(tmp_path, objects, KEPT)
    (tmp_path / "numbers.csv").unlink()
    assert loader(objects, Observer(tmp_path, None)).still_holds(action)


@pytest.mark.parametrize("when", range(1, 4))
def test_a_file_written_to_while_it_is_loaded_is_never_taken_for_the_version_asked_for(
    tmp_path: Path, objects: Objects, when: int
) -> None:
    action = observed(tmp_path, objects, NOT_KEPT)
    loading = loader(objects, Watched(tmp_path, when, lambda: write(tmp_path, 2)))
    with pytest.raises(SourceError, match=f"source numbers changed since version {action.version[:12]}"):
        loading.content(action)
    write(tmp_path, 1)
    assert loading.content(action).data["n"].to_pylist() == [1]


def test_a_file_written_to_and_written_back_while_it_is_loaded_is_an_error(
    tmp_path: Path, objects: Objects
) -> None:
    action = observed(tmp_path, objects, NOT_KEPT)

    def write_other() -> None:
        write(tmp_path, 2)
        observer.when, observer.happens = 1, write_back

    def write_back() -> None:
        os.utime(write(tmp_path, 1), (1_000_000_000, 1_000_000_000))

    hashed = 2  # listed before and after
    observer = Watched(tmp_path, hashed, write_other)
    with pytest.raises(SourceError, match="changed since version"):
        loader(objects, observer).content(action)


def test_missing_bytes_are_noted_and_told_with_the_asset(tmp_path: Path, objects: Objects) -> None:
    action = observed(tmp_path, objects, KEPT)
    assert isinstance(action.manifest, Manifest)
    path = objects.local_path(action.manifest.parts[0].object)
    assert path is not None
    path.unlink()
    noted: list[str] = []
    loading = Loader(objects, Observer(tmp_path, None), Shelf(), noted.extend)
    with pytest.raises(DamagedError, match=f"numbers version {action.version[:12]}: part 1 of 1"):
        loading.content(action)
    assert noted == list(action.manifest.objects)


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path, objects: Objects) -> None:
    action = observed(tmp_path, objects, KEPT)
    with pytest.raises(DataError, match=r"numbers has no column 'm'\n  its columns: n"):
        loader(objects, Observer(tmp_path, None)).content(action, ("m",))


def made(manifest: Manifest) -> Materialized:
    return Materialized(
        run="run",
        asset="numbers",
        kind="python",
        version="1" * 32,
        data_version="2" * 32,
        fingerprint="3" * 32,
        code_version="4" * 32,
        recipe=Recipe(code_version="4" * 32),
        manifest=manifest,
        started_at="2026-11-23T00:00:00+00:00",
        seconds=0.0,
        rows=manifest.rows,
        bytes=manifest.bytes,
        executor="inline",
    )


def test_a_large_table_may_be_left_in_its_parts_and_tells_of_damage_as_a_whole_one_does(
    tmp_path: Path, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_READ_WHOLE", 0)
    manifest = artifacts.write(take(pa.table({"n": range(5000)})), objects).manifest
    action = made(manifest)
    noted: list[str] = []
    loading = Loader(objects, Observer(tmp_path, None), Shelf(), noted.extend)

    table = loading.content(action, ("n",), lazily=True).data
    assert isinstance(table, PartedTable)
    assert table.read().num_rows == 5000
    assert isinstance(loading.content(action, ("n",)).data, pa.Table)
    assert isinstance(loading.content(action, ("n",), lazily=True).data, pa.Table), "it is on the shelf"

    objects.local_path(manifest.objects[0]).write_bytes(b"spoilt")
    with pytest.raises(DamagedError, match=r"^numbers version "):
        list(table.tables())
    assert noted == list(manifest.objects)


def test_a_small_table_is_read_whole_and_kept_on_the_shelf(tmp_path: Path, objects: Objects) -> None:
    action = made(artifacts.write(take(pa.table({"n": range(5000)})), objects).manifest)

    assert isinstance(loader(objects, Observer(tmp_path, None)).content(action, lazily=True).data, pa.Table)
