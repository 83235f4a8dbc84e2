"""A stand-in for an object store: one conditional PUT per file, and listings that are remembered, as s3fs does."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from fsspec import AbstractFileSystem


class Bucket(AbstractFileSystem):
    protocol = "bucket"
    cachable = False
    creates_exclusively = True

    def __init__(self, files=None, lock=None):
        super().__init__()
        self.files = {} if files is None else files
        self.lock = lock or threading.Lock()

    def another_client(self):
        """The same bucket, as another process sees it: with listings of its own."""
        return Bucket(self.files, self.lock)

    def pipe_file(self, path, value, mode="overwrite", **_):
        assert isinstance(value, bytes)
        with self.lock:
            if mode == "create" and path in self.files:
                raise FileExistsError(path)
            self.files[path] = (value, datetime.now(UTC))

    def put_file(self, lpath, rpath, **_):
        with open(lpath, "rb") as stream:
            self.pipe_file(rpath, stream.read())

    def cat_file(self, path, start=None, end=None, **_):
        return self._file(path)[0][start:end]

    def info(self, path, **_):
        return {"name": path, "size": len(self._file(path)[0]), "type": "file"}

    def modified(self, path):
        return self._file(path)[1]

    def ls(self, path, detail=True, **_):
        if path not in self.dircache:
            names = [name for name in list(self.files) if name.startswith(f"{path}/")]
            self.dircache[path] = [
                {"name": name, "size": 0, "type": "file"} for name in names if "/" not in name[len(path) + 1 :]
            ]
        if not self.dircache[path]:
            raise FileNotFoundError(path)
        return self.dircache[path] if detail else [entry["name"] for entry in self.dircache[path]]

    def invalidate_cache(self, path=None):
        if path is None:
            self.dircache.clear()
        else:
            self.dircache.pop(path, None)

    def rm_file(self, path):
        if self.files.pop(path, None) is None:
            raise FileNotFoundError(path)

    def _file(self, path):
        try:
            return self.files[path]
        except KeyError:
            raise FileNotFoundError(path) from None
