"""Owns ``source``: how a user names data that others make.

Knows nothing of reading them.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from assetflow.declare.place import Place, place_of_frame

if TYPE_CHECKING:
    from datetime import timedelta

    import pyarrow as pa


@dataclass(frozen=True)
class SourceOptions:
    """The options of one ``source``, as written."""

    url: Any
    format: Any = None
    identity: Any = "bytes"
    keep: Any = True
    schema: Any = None
    checks: Any = ()
    options: Any = field(default_factory=dict)
    group: Any = None
    tags: Any = ()
    owner: Any = None
    description: Any = None
    fresh_within: Any = None


@dataclass(frozen=True, repr=False, eq=False)
class Source:
    """A declared source; usable wherever an input is named."""

    key: str
    options: SourceOptions
    place: Place

    def __repr__(self) -> str:
        return f"Source({self.key!r})"


def source(
    key: str,
    url: str | os.PathLike[str],
    *,
    format: str | None = None,  # noqa: A002 - the design's word
    identity: Literal["bytes", "content"] = "bytes",
    keep: bool = True,
    schema: pa.Schema | None = None,
    checks: Sequence[Any] = (),
    options: Mapping[str, Any] | None = None,
    group: str | None = None,
    tags: Sequence[str] = (),
    owner: str | None = None,
    description: str | None = None,
    fresh_within: str | float | timedelta | None = None,
) -> Source:
    """Declare data that others make: a file, a glob or a folder at any fsspec URL.

    Args:
        key: the source's name; a parameter of that name reads it.
        url: where it lies; a path is relative to the project's folder.
        format: ``"csv"``, ``"jsonl"``, ``"parquet"``, ``"arrow"``, ``"text"`` or ``"file"`` (as it is, no
            reading); left out, the name's suffix says it.
        identity: what makes it new: ``"bytes"`` (any byte of any file) or ``"content"`` (the table that is
            read).
        keep: whether a copy of each version is kept in the store.
        schema: the Arrow schema to read with.
        checks: built-in checks and pandera schemas for its table.
        options: for the reader of this format (csv: ``delimiter``, ``header``, ...).
        group: where it is shown.
        tags: words to select it by.
        owner: whom to ask.
        description: what it is.
        fresh_within: how old the newest data observed may be, such as ``"1d"``; if they are older, `assetflow status`
            calls it late.
    """
    asked = SourceOptions(
        url,
        format,
        identity,
        keep,
        schema,
        checks,
        {} if options is None else options,
        group,
        tags,
        owner,
        description,
        fresh_within,
    )
    frame = inspect.currentframe()
    return Source(key, asked, place_of_frame(frame.f_back if frame is not None else None))
