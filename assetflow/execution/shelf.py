"""Owns the hand-over in memory: what was just produced or read, for whoever needs it next, bounded by bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict

from assetflow.frames.content import Content

DEFAULT_BYTES = 1 << 30


class Shelf:
    """Least recently used tables by (data version, columns); safe to use from many threads."""

    def __init__(self, most_bytes: int = DEFAULT_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[str, tuple[str, ...] | None], Content] = OrderedDict()
        self._bytes = 0

    def put(self, data_version: str, content: Content, columns: tuple[str, ...] | None = None) -> None:
        """Keep ``content`` if it is a table and fits; older ones make room."""
        if content.kind != "table" or content.data.nbytes > self._most:
            return
        with self._lock:
            key = (data_version, columns)
            if key in self._held or (data_version, None) in self._held:
                return
            if columns is None:
                self._drop_parts(data_version)
            self._held[key] = content
            self._bytes += content.data.nbytes
            while self._bytes > self._most:
                _, dropped = self._held.popitem(last=False)
                self._bytes -= dropped.data.nbytes

    def get(self, data_version: str, columns: tuple[str, ...] | None = None) -> Content | None:
        """Return the content, whole or with just ``columns``, or None."""
        with self._lock:
            for held_columns in (None, columns):
                held = self._held.get((data_version, held_columns))
                if held is not None:
                    self._held.move_to_end((data_version, held_columns))
                    return held if held_columns == columns else _projected(held, columns or ())
        return None

    def _drop_parts(self, data_version: str) -> None:
        """Forget the projections of a table that is about to be held whole."""
        for key in [key for key in self._held if key[0] == data_version]:
            self._bytes -= self._held.pop(key).data.nbytes


def _projected(content: Content, columns: tuple[str, ...]) -> Content | None:
    names = set(content.data.column_names)
    if not names.issuperset(columns):
        return None  # the loader reports the missing column
    return Content(content.kind, content.data.select(list(columns)), content.format)
