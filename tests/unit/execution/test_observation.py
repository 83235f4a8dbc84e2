from __future__ import annotations

import os
from pathlib import Path

import pytest
from watched import BY_BYTES, BY_CONTENT, Watched, version_of, write

from assetflow.errors import SourceError
from assetflow.execution.observation import Observer
from assetflow.execution.source_files import FoundFile
from assetflow.hashing.digest import hash_bytes
from assetflow.model.spec import SourceSpec


@pytest.mark.parametrize("source", [BY_BYTES, BY_CONTENT], ids=["bytes", "content"])
@pytest.mark.parametrize("when", range(1, 6))
def test_a_file_written_to_at_any_moment_has_the_version_of_the_bytes_that_are_told(
    tmp_path: Path, when: int, source: SourceSpec
) -> None:
    right = {hash_bytes(f"n\n{number}\n".encode()): version_of(tmp_path, number, source) for number in (2, 1)}
    observer = Watched(tmp_path, when, lambda: write(tmp_path, 2))
    seen = observer.observe("numbers", source)
    assert seen.data_version == right[seen.files[0].hash]
    observer.when = 0
    for number in (1, 2):
        write(tmp_path, number)
        assert observer.observe("numbers", source).data_version == version_of(tmp_path, number, source)


def test_a_file_that_grows_while_it_is_read_is_told_with_its_new_size(tmp_path: Path) -> None:
    file = write(tmp_path, 1)
    observer = Watched(tmp_path, 1, lambda: file.write_text("n\n1\n2\n"))
    seen = observer.observe("numbers", BY_BYTES)
    assert [one.size for one in seen.files] == [file.stat().st_size]
    assert seen.found == Observer(tmp_path, None).find("numbers", BY_BYTES)


@pytest.mark.parametrize("name", ["numbers.csv", "*.csv"])
def test_a_file_that_vanishes_while_it_is_read_is_told_to_have_vanished(tmp_path: Path, name: str) -> None:
    file = write(tmp_path, 1)
    write(tmp_path, 1, "other.csv")
    observer = Watched(tmp_path, 1, file.unlink)
    with pytest.raises(SourceError, match=r"source numbers: .*numbers\.csv vanished while it was read"):
        observer.observe("numbers", SourceSpec(name, "csv"))


def test_a_file_that_never_stays_as_it_is_is_an_error(tmp_path: Path) -> None:
    file = write(tmp_path, 1)

    class Restless(Observer):
        def find(self, key: str, source: SourceSpec) -> tuple[FoundFile, ...]:
            found = super().find(key, source)
            file.write_bytes(file.read_bytes() + b"1\n")
            return found

    with pytest.raises(SourceError, match=r"source numbers: numbers\.csv changed each of 3 times"):
        Restless(tmp_path, None).observe("numbers", BY_BYTES)


@pytest.mark.parametrize("folder", ["with [brackets]", "star*", "what?"])
def test_only_the_url_is_a_pattern_and_not_the_folder_it_is_relative_to(tmp_path: Path, folder: str) -> None:
    write(tmp_path, 1, f"{folder}/data/a.csv")
    write(tmp_path, 1, f"{folder}/data/b.csv")
    found = Observer(tmp_path / folder, None).find("numbers", SourceSpec("data/*.csv", "csv"))
    assert [file.path for file in found] == ["a.csv", "b.csv"]
    assert all(Path(file.address).is_file() for file in found)


def test_an_absolute_pattern_is_a_pattern_all_over(tmp_path: Path) -> None:
    write(tmp_path, 1, "one/a.csv")
    write(tmp_path, 1, "two/a.csv")
    found = Observer(tmp_path / "elsewhere", None).find("numbers", SourceSpec(f"{tmp_path}/*/a.csv", "csv"))
    assert [file.path for file in found] == ["one/a.csv", "two/a.csv"]


def test_a_file_name_that_is_not_utf8_is_refused_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, 1, os.fsdecode(b"data/caf\xe9.csv"))
    with pytest.raises(SourceError, match=r"caf\\udce9\.csv is not UTF-8") as raised:
        Observer(tmp_path, None).observe("numbers", SourceSpec("data/*.csv", "csv"))
    str(raised.value).encode()
    assert "rename" in str(raised.value)


def test_what_is_no_file_is_no_part_of_a_folder(tmp_path: Path) -> None:
    write(tmp_path, 1, "data/a.csv")
    (tmp_path / "data/broken.csv").symlink_to(tmp_path / "nowhere.csv")
    os.mkfifo(tmp_path / "data/pipe.csv")
    found = Observer(tmp_path, None).find("numbers", SourceSpec("data", "csv"))
    assert [file.path for file in found] == ["a.csv"]


def test_what_was_learned_stands_for_later_observers_of_old_files(tmp_path: Path) -> None:
    file = write(tmp_path, 1)
    cache = tmp_path / "cache" / "observations.json"
    first = Observer(tmp_path, cache)
    seen = first.observe("numbers", BY_CONTENT)
    first.save()
    second = Observer(tmp_path, cache)
    assert second.observe("numbers", BY_CONTENT) == seen
    file.write_text("n\n7\n")
    assert second.observe("numbers", BY_CONTENT) != seen
