"""Owns the file of results: one entry for each workload, so that measuring one again leaves the others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.samples import Samples


class Results:
    """The entries by workload, in a JSON file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.entries: dict[str, dict[str, Any]] = json.loads(file.read_text()) if file.exists() else {}

    def put(self, name: str, samples: Samples, circumstances: Mapping[str, Any]) -> None:
        """Replace the entry of one workload, and write the file."""
        self.entries[name] = {**circumstances, **samples.to_json()}
        lines = [f"{json.dumps(key)}: {json.dumps(entry)}" for key, entry in sorted(self.entries.items())]
        self._file.write_text("{\n" + ",\n".join(lines) + "\n}\n")
