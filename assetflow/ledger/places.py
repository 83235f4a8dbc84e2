"""Owns where ledgers lie in a project's folder: one file per store id, and which id a store's URL had last.

The remembered id only saves reading commit 1 of a store that may be far away; whoever opens the file checks
it against the log. Knows nothing of DuckDB.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

LOCK_NAME = "ledger.lock"


class Places:
    """The ledgers in ``folder``; to be used under its lock only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._memory = folder / "ledgers.json"

    def path_of(self, store_id: str) -> Path:
        """Return the file of the store with this id (hashed: ids come from files that others wrote)."""
        return self._folder / f"ledger-{hashlib.sha256(store_id.encode()).hexdigest()[:16]}.duckdb"

    def remembered(self, url: str) -> str | None:
        """Return the id that the store at ``url`` had last time."""
        return self._read().get(url)

    def remember(self, url: str, store_id: str) -> None:
        """Note the id of the store at ``url``; the ledger of one that it replaced goes."""
        known = self._read()
        before = known.get(url)
        known[url] = store_id
        temporary = self._memory.with_name(f"{self._memory.name}.new")
        temporary.write_text(json.dumps(known, indent=2, sort_keys=True), encoding="utf-8")
        temporary.replace(self._memory)
        if before is not None and before not in known.values():
            self.path_of(before).unlink(missing_ok=True)
            self.lost_path(before).unlink(missing_ok=True)

    def note_lost(self, store_id: str, number: int, digest: str) -> None:
        """Remember that the log once had this commit, and has it no longer."""
        with self.lost_path(store_id).open("a", encoding="utf-8") as notes:
            notes.write(f"{number} {digest}\n")

    def lost(self, store_id: str) -> dict[int, str]:
        """Return the commits that the log once had and was found without, number and hash."""
        try:
            lines = self.lost_path(store_id).read_text(encoding="utf-8").splitlines()
        except OSError:
            return {}
        noted = (line.split() for line in lines)
        return {int(words[0]): words[1] for words in noted if len(words) == 2 and words[0].isdigit()}

    def lost_path(self, store_id: str) -> Path:
        """Return the file in which lost commits of this store are noted."""
        return self.path_of(store_id).with_suffix(".lost")

    def _read(self) -> dict[str, str]:
        try:
            known = json.loads(self._memory.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}
