"""Owns the files of a source where they lie: which there are now, what tells a change of one, and opening it.

Knows nothing of hashes, formats or records.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from assetflow.errors import NoFilesError, SourceError
from assetflow.frames.content import FileSource

_GLOB = frozenset("*?[")
_STAMPS = ("ETag", "etag", "generation", "version_id", "versionId", "md5", "LastModified", "created", "mtime")


@dataclass(frozen=True)
class FoundFile:
    """One file of a source.

    ``path``: relative to the source's root. ``address``: to open it. ``stamp``: to know it again. ``changed_at``:
    the newest time that the file system has of it; infinite where no stamp tells a change.
    """

    path: str
    address: str
    size: int
    stamp: tuple[Any, ...]
    changed_at: float

    @property
    def content(self) -> FileSource:
        """Where its bytes are, as readers take it."""
        return Path(self.address) if is_local(self.address) else partial(open_address, self.address)


def find_files(key: str, url: str, root: Path) -> tuple[FoundFile, ...]:
    """List the files of the source ``key``, sorted by path; a relative ``url`` is relative to ``root``.

    Raises:
        SourceError: there are none, they cannot be listed, or a name is not UTF-8.
    """
    try:
        found = look_for_files(url, root)
    except OSError as error:
        raise SourceError(f"source {key}: {url} cannot be listed: {error}") from error
    if not found:
        raise NoFilesError(
            f"source {key} matches nothing: {url}",
            hint=f"relative paths are relative to {root}; check the path and the pattern",
        )
    _require_text(key, found)
    return found


def look_for_files(url: str, root: Path, options: Mapping[str, Any] | None = None) -> tuple[FoundFile, ...]:
    """Return the files at ``url``, sorted by path; none where there are none. ``options``: of the file system."""
    remote = not is_local(url)
    listed = _find_remote(url, options or {}) if remote else _find_local(root, url.split("://", 1)[-1])
    return tuple(sorted(listed, key=lambda file: file.path))


def is_local(url: str) -> bool:
    """Whether ``url`` is a path on this machine."""
    return "://" not in url or url.startswith(("file://", "local://"))


def open_address(address: str) -> BinaryIO:
    """Open a file of a source for reading."""
    if is_local(address):
        return Path(address).open("rb")
    import fsspec

    opened: BinaryIO = fsspec.open(address, "rb").open()
    return opened


@contextmanager
def opened(key: str, file: FoundFile) -> Iterator[BinaryIO]:
    """Open ``file`` for the block; what goes wrong there with reading it is a SourceError."""
    try:
        with open_address(file.address) as stream:
            yield stream
    except FileNotFoundError as error:
        raise _vanished(key, file) from error
    except OSError as error:
        raise SourceError(f"source {key}: {file.address} cannot be read: {error}") from error


def require_all(key: str, before: Sequence[FoundFile], after: Sequence[FoundFile]) -> None:
    """Raise SourceError where a file of ``before`` is not among ``after``: it vanished while it was read."""
    left = {file.path for file in after}
    for file in before:
        if file.path not in left:
            raise _vanished(key, file)


def _vanished(key: str, file: FoundFile) -> SourceError:
    return SourceError(
        f"source {key}: {file.address} vanished while it was read",
        hint="run again when its writer has finished; best is to write elsewhere and move into place",
    )


def _require_text(key: str, found: Sequence[FoundFile]) -> None:
    """Refuse names that no record could hold: POSIX allows any bytes in them."""
    for file in found:
        readable = file.path.encode("utf-8", "backslashreplace").decode()
        if readable != file.path:
            raise SourceError(
                f"source {key}: the name of the file {readable} is not UTF-8",
                hint="rename the file, or name the source's files by a pattern that leaves it out",
            )


def _find_local(root: Path, url: str) -> Iterator[FoundFile]:
    path = root / url
    if path.is_file():
        yield from _local_file(path, path.name)
    elif path.is_dir():
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in names:
                if not name.startswith("."):
                    file = Path(folder, name)
                    yield from _local_file(file, file.relative_to(path).as_posix())
    elif _GLOB & set(url):
        parts = Path(url).parts
        base = Path(*parts[: _first_pattern(parts)])
        # only the URL is a pattern: the folder that it is relative to may hold `[` in its own name
        for match in glob.iglob(url, root_dir=root, recursive=True):  # noqa: PTH207 - Path.glob takes no absolute pattern
            yield from _local_file(root / match, Path(match).relative_to(base).as_posix())


def _first_pattern(parts: Sequence[str]) -> int:
    return next(index for index, part in enumerate(parts) if _GLOB & set(part))


def _local_file(file: Path, relative: str) -> Iterator[FoundFile]:
    """Yield the file, or nothing for what is not one (a folder, a pipe, a broken link, what is gone by now)."""
    if not file.is_file():
        return
    try:
        stat = file.stat()
    except FileNotFoundError:
        return
    stamp = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
    # a modification time can be set back, the time of change cannot
    yield FoundFile(relative, str(file), stat.st_size, stamp, max(stat.st_mtime, stat.st_ctime))


def _find_remote(url: str, options: Mapping[str, Any]) -> Iterator[FoundFile]:
    from fsspec.core import url_to_fs

    fs, path = url_to_fs(url, use_listings_cache=False, skip_instance_cache=False, **options)
    if _GLOB & set(path):
        parts = path.split("/")
        infos, base = fs.glob(path, detail=True), "/".join(parts[: _first_pattern(parts)])
    elif fs.isdir(path):
        infos, base = fs.find(path, detail=True), path
    elif fs.exists(path):
        infos, base = {path: fs.info(path)}, path.rsplit("/", 1)[0]
    else:
        return
    for name, info in infos.items():
        if info.get("type") == "file":
            yield _remote_file(fs, name, info, base)


def _remote_file(fs: Any, name: str, info: dict[str, Any], base: str) -> FoundFile:
    stamp = (info["size"], *(str(info[field]) for field in _STAMPS if info.get(field) is not None))
    relative = name[len(base) :].lstrip("/")
    # without any stamp but the size nothing tells a change: never believed again
    changed_at = 0.0 if len(stamp) > 1 else float("inf")
    return FoundFile(relative, fs.unstrip_protocol(name), info["size"], stamp, changed_at)
