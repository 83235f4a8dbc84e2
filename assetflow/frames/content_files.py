"""Owns writing a content as a file or a folder that other programs read; by its suffix, where the kind leaves a choice.

Knows nothing of assets or versions, nor of who reads it.
"""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any, BinaryIO

from assetflow.frames.content import Content, open_file
from assetflow.frames.forms import ANY
from assetflow.frames.hand_out import hand_out
from assetflow.frames.table_files import TABLE_SUFFIXES, write_table

_SUFFIXES = {"table": TABLE_SUFFIXES, "value": (".json",), "numpy": (".npy",)}


def suffixes_for(content: Content) -> tuple[str, ...] | None:
    """Return the suffixes that tell truly what a file of this content holds; None where it may have any name."""
    return (f".{content.format}",) if content.kind == "figure" else _SUFFIXES.get(content.kind)


def write_content(content: Content, suffix: str, file: BinaryIO) -> None:
    """Write a content that is no folder; a table in the format of ``suffix``.

    JSON has no NaN and no infinity: they become null.

    Raises:
        DataError: the data cannot be said in this format.
    """
    if content.kind == "table":
        write_table(content.data, suffix, file)
    elif content.kind == "files":
        with open_file(content.data.paths[0][1]) as source:
            shutil.copyfileobj(source, file)
    elif content.kind == "value":
        value = _plain(hand_out(content, ANY, scratch=None))
        file.write(json.dumps(value, indent=2, default=str, allow_nan=False).encode() + b"\n")
    elif content.kind == "numpy":
        _write_array(content.data, file)
    else:
        file.write(content.data.encode() if isinstance(content.data, str) else content.data)


def write_folder(content: Content, target: Path) -> None:
    """Write the files of a folder below ``target``."""
    for path, place in content.data.paths:
        written = target / path
        written.parent.mkdir(parents=True, exist_ok=True)
        with open_file(place) as source, written.open("wb") as file:
            shutil.copyfileobj(source, file)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write_array(array: Any, file: BinaryIO) -> None:
    import numpy as np

    np.save(file, array, allow_pickle=False)
