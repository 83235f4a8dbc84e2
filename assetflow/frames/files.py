"""Owns a file of a source as a reader meets it: its path for messages, its bytes, decompressed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from assetflow.errors import SourceError
from assetflow.frames.content import FileSource, open_file

COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}


@dataclass(frozen=True)
class InputFile:
    """One file that a reader reads: ``path`` relative to its source, for messages.

    ``source``: where its bytes are.
    """

    path: str
    source: FileSource

    def open(self) -> BinaryIO:
        """Open the file as it is stored."""
        return open_file(self.source)

    def open_decompressed(self) -> BinaryIO:
        """Open the file, decompressed where its suffix says so: .gz, .bz2 or .zst."""
        import pyarrow as pa

        codec = COMPRESSIONS.get(PurePosixPath(self.path).suffix.lower())
        stream = self.open()
        if codec is None:
            return stream
        # Arrow's streams have no lines; Python's buffer gives them.
        return io.BufferedReader(pa.CompressedInputStream(pa.PythonFile(stream, "r"), codec))


@contextmanager
def reading(file: InputFile) -> Iterator[None]:
    """Turn what goes wrong while a file is opened, read or decompressed into a SourceError that names it."""
    try:
        yield
    except OSError as error:
        raise SourceError(
            f"{file.path} cannot be read: {error}", hint="is it whole, and what its name says?"
        ) from error
