from __future__ import annotations

from pathlib import Path

import pytest
from watched import BY_BYTES, BY_CONTENT, Watched, version_of, write

from assetflow.errors import SourceError
from assetflow.execution.keeping import observe_and_keep
from assetflow.execution.loading import Loader
from assetflow.execution.observation import Observer
from assetflow.execution.shelf import Shelf
from assetflow.model.spec import SourceSpec
from assetflow.storage.objects import Objects
from assetflow.storage.store import open_store


@pytest.fixture
def objects() -> Objects:
    return open_store("memory://").objects


@pytest.mark.parametrize("source", [BY_BYTES, BY_CONTENT], ids=["bytes", "content"])
@pytest.mark.parametrize("when", range(1, 7))
@pytest.mark.parametrize("gap", [1, 2, 3])
def test_the_version_of_a_kept_source_is_that_of_its_copy_whenever_the_file_was_written_to(
    tmp_path: Path, objects: Objects, when: int, gap: int, source: SourceSpec
) -> None:
    right = {number: version_of(tmp_path, number, source) for number in (3, 2, 1)}
    numbers = [3, 2]

    def overwrite() -> None:
        write(tmp_path, numbers.pop())
        observer.when = gap if numbers else 0

    observer = Watched(tmp_path, when, overwrite)
    action = observe_and_keep("numbers", source, observer, objects, "run")
    table = Loader(objects, observer, Shelf(), lambda _names: None).content(action).data
    assert action.data_version == right[table["n"][0].as_py()]
    assert action.rows == (1 if source is BY_CONTENT else None)


def test_a_file_that_vanishes_while_it_is_copied_is_told_to_have_vanished(
    tmp_path: Path, objects: Objects
) -> None:
    file = write(tmp_path, 1)
    when_copied = 3  # listed before and after hashing, and before copying
    with pytest.raises(SourceError, match=r"source numbers: .*numbers\.csv vanished while it was read"):
        observe_and_keep("numbers", BY_BYTES, Watched(tmp_path, when_copied, file.unlink), objects, "run")


def test_a_source_that_is_not_kept_stores_nothing(tmp_path: Path, objects: Objects) -> None:
    write(tmp_path, 1)
    source = SourceSpec("numbers.csv", "csv", keep=False)
    action = observe_and_keep("numbers", source, Observer(tmp_path, None), objects, "run")
    assert action.manifest is None
    assert action.data_version == version_of(tmp_path, 1, BY_BYTES)
