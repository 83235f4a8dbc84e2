"""Owns the hand-over in memory: what was just produced or read, for whoever needs it next, bounded by bytes.

Knows nothing of runs: who holds what, and for how long, is told.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from assetflow.frames.content import Content

DEFAULT_BYTES = 1 << 30


class Shelf:
    """Tables by data version, whole or some columns of them; those used longest ago make room. Safe for threads.

    What is held takes its room whatever the bound: it lies in memory anyway, because somebody still works on it.
    """

    def __init__(self, most_bytes: int = DEFAULT_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, dict[tuple[str, ...] | None, Content]] = OrderedDict()
        self._kept_bytes = 0
        self._held: dict[str, tuple[Content, int]] = {}
        self._held_bytes = 0
        self._unwanted: set[str] = set()

    @property
    def bytes(self) -> int:
        """The size of all that lies here."""
        return self._kept_bytes + self._held_bytes

    @property
    def is_full(self) -> bool:
        """Whether what is held alone takes more than the room there is: nothing more should be started."""
        return self._held_bytes > self._most

    def put(self, data_version: str, content: Content, columns: tuple[str, ...] | None = None) -> None:
        """Keep ``content`` if it is a table and fits; older ones make room."""
        if content.kind != "table" or content.data.nbytes > self._most:
            return
        with self._lock:
            self._put(data_version, content, columns)

    def get(self, data_version: str, columns: tuple[str, ...] | None = None) -> Content | None:
        """Return the content, whole or with just ``columns``, or None."""
        with self._lock:
            if data_version in self._held:
                whole: Content | None = self._held[data_version][0]
            elif data_version in self._kept:
                self._kept.move_to_end(data_version)
                variants = self._kept[data_version]
                if columns in variants:
                    return variants[columns]
                whole = variants.get(None)
            else:
                return None
        return whole if whole is None or columns is None else _projected(whole, columns)

    def hold(self, data_version: str, content: Content) -> None:
        """Keep a table, whole, until it has been released as often as it was held."""
        with self._lock:
            held, count = self._held.get(data_version, (content, 0))
            self._held[data_version] = (held, count + 1)
            if count == 0:
                self._remove(data_version)
                self._held_bytes += content.data.nbytes

    def hold_again(self, data_version: str) -> bool:
        """Hold what is held already once more; return whether it was."""
        with self._lock:
            if data_version not in self._held:
                return False
            content, count = self._held[data_version]
            self._held[data_version] = (content, count + 1)
            return True

    def release(self, data_version: str) -> None:
        """Undo one ``hold``; after the last it is kept like any other, unless it was dropped meanwhile."""
        with self._lock:
            content, count = self._held[data_version]
            if count > 1:
                self._held[data_version] = (content, count - 1)
                return
            del self._held[data_version]
            self._held_bytes -= content.data.nbytes
            if data_version not in self._unwanted and content.data.nbytes <= self._most:
                self._put(data_version, content, None)
            self._unwanted.discard(data_version)

    def drop(self, data_version: str) -> None:
        """Let go of a table that nobody is known to need; of one that is held, after its last release."""
        with self._lock:
            if data_version in self._held:
                self._unwanted.add(data_version)
            self._remove(data_version)

    def clear(self) -> None:
        """Let go of all that is not held."""
        with self._lock:
            for data_version in list(self._kept):
                self._remove(data_version)

    def _put(self, data_version: str, content: Content, columns: tuple[str, ...] | None) -> None:
        variants = self._kept.get(data_version, {})
        if data_version in self._held or columns in variants or None in variants:
            return
        if columns is None:
            self._remove(data_version)
        self._kept.setdefault(data_version, {})[columns] = content
        self._kept.move_to_end(data_version)
        self._kept_bytes += content.data.nbytes
        while self._kept and self.bytes > self._most:
            self._remove(next(iter(self._kept)))

    def _remove(self, data_version: str) -> None:
        for content in self._kept.pop(data_version, {}).values():
            self._kept_bytes -= content.data.nbytes


def _projected(content: Content, columns: tuple[str, ...]) -> Content | None:
    names = set(content.data.column_names)
    if not names.issuperset(columns):
        return None  # the loader reports the missing column
    return Content(content.kind, content.data.select(list(columns)), content.format)
