"""Owns files and folders: a private copy of what a function returned, and one for each consumer.

Refuses links that lead out of a folder, and paths that would. Knows nothing of stores.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from assetflow.errors import DataError
from assetflow.frames.content import FilesContent, open_file


def copy_in(path: Path) -> tuple[FilesContent, str]:
    """Copy a file or folder away from its maker; return the copy and its format, ``file`` or ``folder``.

    The copy goes with the last reference to it. Folders without files are not kept.
    """
    if path.is_file():
        return _copied([(path.name, path)]), "file"
    if not path.is_dir():
        raise DataError(
            f"the path {path} does not exist",
            hint="return what is still there after the return (not of a closed TemporaryDirectory)",
        )
    return _copied(sorted(_files_of(path))), "folder"


def copy_out(content: FilesContent, *, single: bool, scratch: Path | None) -> Path:
    """Write a private copy into a fresh folder under ``scratch`` (None: the system's).

    Return the file's or folder's path.
    """
    folder = Path(tempfile.mkdtemp(prefix="assetflow-", dir=scratch))
    for name, source in content.paths:
        target = folder / _safe(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with open_file(source) as stream, target.open("wb") as copy:
            shutil.copyfileobj(stream, copy)
    return folder / content.paths[0][0] if single else folder


class _Folder:
    """A temporary folder that is removed when nobody refers to it any more."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="assetflow-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass(frozen=True)
class _Copy:
    folder: _Folder
    name: str

    def __call__(self) -> BinaryIO:
        return (self.folder.path / self.name).open("rb")


def _copied(files: list[tuple[str, Path]]) -> FilesContent:
    folder = _Folder()
    copies: list[tuple[str, Callable[[], BinaryIO]]] = []
    for number, (name, path) in enumerate(files):
        copy = _Copy(folder, str(number))
        shutil.copyfile(path, folder.path / copy.name)
        copies.append((name, copy))
    return FilesContent(tuple(copies))


def _files_of(root: Path) -> Iterator[tuple[str, Path]]:
    inside = root.resolve()
    for folder, folders, names in os.walk(root):
        for name in [*folders, *names]:
            path = Path(folder, name)
            if path.is_symlink():
                _refuse_leaving(path, inside)
        for name in names:
            path = Path(folder, name)
            if not path.is_file():
                raise DataError(f"{path} is no regular file", hint="leave it out of the folder")
            yield _text(path.relative_to(root)), path


def _refuse_leaving(link: Path, inside: Path) -> None:
    target = link.resolve()
    if target.is_dir():
        raise DataError(f"{link} is a link to a folder", hint="copy the files into the folder instead")
    if not target.is_relative_to(inside):
        raise DataError(
            f"{link} is a link to {target}, outside the folder", hint="copy the file into the folder"
        )


def _text(path: Path) -> str:
    text = path.as_posix()
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DataError(f"the file name {text!r} is not text in UTF-8", hint="rename the file") from error
    return text


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if not name or "\0" in name or path.is_absolute() or ".." in path.parts:
        raise DataError(
            f"the stored path {name!r} would leave its folder", hint="the store was not written by assetflow"
        )
    return path
