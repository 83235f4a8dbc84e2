"""Owns what every tool's module gives: its files for a workload, and the commands that run and check them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from benchmarks.command import Command
from benchmarks.measuring import measure
from benchmarks.workloads.chain import Chain
from benchmarks.workloads.small_graph import SmallGraph
from benchmarks.workloads.workload import WrongResultError

ROOT = Path(__file__).resolve().parents[2]
RAN = (ROOT / "benchmarks" / "programs" / "ran.py").read_text()
HEAD = "import pyarrow as pa\nimport pyarrow.compute as pc\n\nfrom ran import ran\n"


@dataclass(frozen=True)
class Setup:
    """A tool's version of a workload.

    ``files`` by path in the project's folder; ``run`` does the work, or as much of it as must be done; ``outputs``
    prints as JSON what came out. Both are started in the folder. ``kept`` names the folders that hold what the
    tool keeps. ``again`` does all the work again, whatever is on record; ``plan`` says what would be done,
    and does nothing. ``before`` is run once, before all else and not measured. ``skips`` says whether running it a
    second time is worth measuring, ``edits`` whether that is so after an edit.
    """

    files: Mapping[str, str]
    run: tuple[str, ...]
    outputs: tuple[str, ...]
    kept: tuple[str, ...]
    again: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    skips: bool = True
    edits: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)


class Tool(Protocol):
    """How one tool does the work. A method returns None where the tool cannot, or was not asked to.

    ``starts`` are commands that do next to nothing, by the names they have in W3.
    """

    name: str
    packages: tuple[str, ...]
    starts: Mapping[str, tuple[str, ...]]
    environment: Mapping[str, str]

    def small_graph(self, graph: SmallGraph) -> Setup | None:
        """Return W1."""

    def chain(self, chain: Chain) -> Setup | None:
        """Return W2."""


def prepare(setup: Setup, folder: Path) -> None:
    """Write what is not there yet or has another text, and run once what must be run before."""
    begun = folder.exists()
    write_files(setup.files, folder)
    if setup.before and not begun:
        done = measure(Command(setup.before, folder, setup.environment))
        if done.exit_code != 0:
            raise WrongResultError(f"it cannot be prepared: {(done.err or done.out)[-300:]}")


def write_files(files: Mapping[str, str], folder: Path) -> None:
    """Write the files whose text is another one, each with a time that no cache of bytecode takes for the old."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.write_text(text)
        elif file.read_text() != text:
            later = max(time.time(), file.stat().st_mtime + 2)
            file.write_text(text)
            os.utime(file, (later, later))


def program(name: str, *arguments: str, python: str = sys.executable) -> tuple[str, ...]:
    """Return the command that starts one of ``benchmarks/programs``."""
    return (python, str(ROOT / "benchmarks" / "programs" / f"{name}.py"), *arguments)


def function(name: str, parameters: str, body: Sequence[str], returns: str = "") -> str:
    """Return the text of a function."""
    head = f"def {name}({parameters}){f' -> {returns}' if returns else ''}:"
    return "\n".join([head, *(f"    {line}" for line in body), ""])


def stored_bytes(folders: Iterable[Path]) -> int:
    """Return the size of all files in ``folders``, at any depth."""
    return sum(file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file())
