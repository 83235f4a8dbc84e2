from __future__ import annotations

import gc
import os

import pytest

from assetflow.errors import DataError
from assetflow.frames.content import Content, FilesContent, identify
from assetflow.frames.folders import copy_in, copy_out
from assetflow.frames.intake import take


def test_the_copy_does_not_see_what_happens_to_the_original_and_goes_with_its_last_user(tmp_path):
    path = tmp_path / "f"
    path.write_text("before")
    content, kind = copy_in(path)
    path.write_text("after")
    place = content.paths[0][1].folder.path

    with content.paths[0][1]() as stream:
        assert stream.read() == b"before"
    assert (kind, place.exists()) == ("file", True)
    del content
    gc.collect()
    assert not place.exists()


def test_a_file_is_not_a_folder_that_holds_it_and_its_name_counts(tmp_path):
    (tmp_path / "one").mkdir()
    for place in (tmp_path / "one" / "f", tmp_path / "f", tmp_path / "g"):
        place.write_text("same")

    versions = {
        identify(take(path)).data_version for path in (tmp_path / "one", tmp_path / "f", tmp_path / "g")
    }
    assert len(versions) == 3
    assert identify(take(tmp_path / "one" / "f")) == identify(take(tmp_path / "f"))


def test_files_are_in_order_of_their_paths_and_empty_folders_are_not_kept(tmp_path):
    for name in ("b", "a/z", "a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "empty").mkdir()

    content, kind = copy_in(tmp_path)
    assert [name for name, _ in content.paths] == ["a.txt", "a/z", "b"]
    assert kind == "folder"


def test_a_link_inside_the_folder_is_the_file_it_leads_to(tmp_path):
    (tmp_path / "real").write_text("x")
    (tmp_path / "link").symlink_to("real")

    content = take(tmp_path).data
    assert [name for name, _ in content.paths] == ["link", "real"]


def test_what_leads_out_of_the_folder_is_refused(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret").write_text("x")
    link = inside / "link"

    for target, told in ((tmp_path / "secret", "outside the folder"), (tmp_path, "a link to a folder")):
        link.symlink_to(target)
        with pytest.raises(DataError, match=told):
            copy_in(inside)
        link.unlink()
    os.mkfifo(link)
    with pytest.raises(DataError, match="no regular file"):
        copy_in(inside)


def test_a_path_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        copy_in(tmp_path / "gone")


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../out", "", "a\0b"])
def test_a_stored_path_never_leaves_the_scratch_folder(tmp_path, name):
    content = FilesContent(((name, tmp_path / "f"),))
    (tmp_path / "f").write_text("x")
    (tmp_path / "scratch").mkdir()

    with pytest.raises(DataError, match="would leave its folder"):
        copy_out(content, single=False, scratch=tmp_path / "scratch")


def test_an_empty_folder_is_a_folder(tmp_path):
    content = take(tmp_path)

    assert content == Content("files", FilesContent(()), "folder")
    assert list(copy_out(content.data, single=False, scratch=tmp_path).iterdir()) == []


def test_a_name_that_is_no_text_is_refused(tmp_path):
    (tmp_path / os.fsdecode(b"\xff")).write_text("x")

    with pytest.raises(DataError, match="not text in UTF-8"):
        copy_in(tmp_path)
