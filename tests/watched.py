"""A source whose file is written to at awkward moments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assetflow.execution.observation import Observer
from assetflow.execution.source_files import FoundFile
from assetflow.model.spec import SourceSpec

BY_BYTES = SourceSpec("numbers.csv", "csv")
BY_CONTENT = SourceSpec("numbers.csv", "csv", "content")


class Watched(Observer):
    """An observer during whose work something happens: after it has listed the files for the ``when``th time."""

    def __init__(self, root: Path, when: int, happens: Callable[[], object]) -> None:
        super().__init__(root, None)
        self.when = when
        self.happens = happens

    def find(self, key: str, source: SourceSpec) -> tuple[FoundFile, ...]:
        found = super().find(key, source)
        self.when -= 1
        if self.when == 0:
            self.happens()
        return found


def write(root: Path, number: int, name: str = "numbers.csv") -> Path:
    """Write a file of one number and return its path; all digits make files of the same size."""
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"n\n{number}\n")
    return file


def version_of(root: Path, number: int, source: SourceSpec) -> str:
    """Write the file and return its version, by an observer that knows of nothing before."""
    write(root, number)
    return Observer(root, None).observe("numbers", source).data_version
