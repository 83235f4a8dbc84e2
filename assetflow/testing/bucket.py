"""Owns a bucket in memory, for tests: conditional PUT, and listings that are remembered, as with s3fs.

Knows nothing of assetflow. The one module of ``testing`` that imports fsspec as a whole.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fsspec import AbstractFileSystem


class Bucket(AbstractFileSystem):  # type: ignore[misc]  # fsspec comes without types
    """A file system for ``open_store("bucket/store", fs=Bucket())``."""

    protocol = "bucket"
    cachable = False
    creates_exclusively = True

    def __init__(self) -> None:
        super().__init__()
        self._files: dict[str, tuple[bytes, datetime]] = {}
        self._writing = threading.Lock()

    def another_client(self) -> Bucket:
        """Return the same bucket as another process sees it: with listings of its own."""
        other = Bucket()
        other._files, other._writing = self._files, self._writing
        return other

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        """Write a whole file; in mode "create" only if there is none."""
        with self._writing:
            if mode == "create" and path in self._files:
                raise FileExistsError(path)
            self._files[path] = (bytes(value), datetime.now(UTC))

    def put_file(self, lpath: str, rpath: str, **_: Any) -> None:
        """Upload a local file."""
        self.pipe_file(rpath, Path(lpath).read_bytes())

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        """Return a file's bytes."""
        return self._file(path)[0][start:end]

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Return what a HEAD request would."""
        return {"name": path, "size": len(self._file(path)[0]), "type": "file"}

    def modified(self, path: str) -> datetime:
        """Return when a file was written."""
        return self._file(path)[1]

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        """Return what was in a folder when it was first listed."""
        if path not in self.dircache:
            below = [name[len(path) + 1 :] for name in list(self._files) if name.startswith(f"{path}/")]
            files = [self.info(f"{path}/{name}") for name in below if "/" not in name]
            folders = {name.partition("/")[0] for name in below if "/" in name}
            self.dircache[path] = files + [
                {"name": f"{path}/{name}", "size": 0, "type": "directory"} for name in folders
            ]
        entries = self.dircache[path]
        if not entries:
            raise FileNotFoundError(path)
        return list(entries) if detail else [entry["name"] for entry in entries]

    def invalidate_cache(self, path: str | None = None) -> None:
        """Forget listings."""
        if path is None:
            self.dircache.clear()
        else:
            self.dircache.pop(path, None)

    def rm_file(self, path: str) -> None:
        """Remove a file."""
        if self._files.pop(path, None) is None:
            raise FileNotFoundError(path)

    def _file(self, path: str) -> tuple[bytes, datetime]:
        try:
            return self._files[path]
        except KeyError:
            raise FileNotFoundError(path) from None
