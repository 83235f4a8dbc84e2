"""Owns doing recorded work again, away from the store: a scratch folder, and a fresh process for each code state.

The code is unpacked there, the inputs are lent to it, and what is made stays there until the end. Nothing is written to
the store or its log. Knows nothing of what is compared with what.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from assetflow.errors import DamagedError, SettingsError, SourceError
from assetflow.model.versions import SourceObserved
from assetflow.operate.kept_code import unpack
from assetflow.operate.references import forgotten_error
from assetflow.operate.replay_messages import REPLAY, Answer, Setup, Step, from_line, to_line
from assetflow.operate.workspace import Workspace
from assetflow.settings.modules import import_folders, modules_of
from assetflow.storage import artifacts
from assetflow.storage.store import open_store

if TYPE_CHECKING:
    from assetflow.frames.content import Content
    from assetflow.model.runs import RunStarted
    from assetflow.model.versions import Materialized, RemoteVersion, Version

_PROGRAM = "import sys; sys.path[:] = {paths!r}; from assetflow.operate.replay_process import serve; serve()"
_OWN_FOLDER = str(Path(__file__).resolve().parents[2])
_GRACE_SECONDS = 5.0
_MOST_SAID = 300


@dataclass(frozen=True)
class CodeState:
    """The project's code at some time: the object that lists its files, and the modules that declare its assets."""

    tree: str
    modules: tuple[str, ...]

    @classmethod
    def recorded(cls, workspace: Workspace, tree: str, start: RunStarted | None) -> Self:
        """Return the recorded code that ``tree`` names; before modules were recorded, it had those of now."""
        if start is not None and start.modules:
            return cls(tree, start.modules)
        try:
            return cls(tree, modules_of(workspace.settings))
        except SettingsError:
            return cls(tree, ())


class Replay:
    """Recorded code, run again. Use as a context manager; safe for threads: each process does one step at a time.

    An exception ends the processes at once, whoever waits for them; else they end by themselves.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._shared: dict[CodeState, _Process] = {}
        self._running: set[_Process] = set()
        self._started = 0
        self._lock = threading.Lock()
        self._folder = Path(tempfile.mkdtemp(prefix="assetflow-replay-"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            for process in self._running:
                process.end(_GRACE_SECONDS if kind is None else 0.0)
        shutil.rmtree(self._folder, ignore_errors=True)

    def do(self, code: CodeState, step: Step) -> Answer:
        """Have recorded code do one step, in the process that has done the others of this code state.

        What goes wrong with it is an answer.
        """
        try:
            with self._lock:
                step = self._lent(step)
                if code not in self._shared:
                    self._shared[code] = self._process(code)
        except _GoneError as gone:
            return Answer(impossible=str(gone))
        return self._shared[code].ask(step)

    def do_alone(self, code: CodeState, step: Step) -> Answer:
        """Have recorded code do one step, in a process that does nothing else."""
        try:
            with self._lock:
                step = self._lent(step)
                process = self._process(code)
        except _GoneError as gone:
            return Answer(impossible=str(gone))
        answer = process.ask(step)
        process.end(_GRACE_SECONDS)
        with self._lock:
            self._running.discard(process)
        return answer

    def content(self, version: Materialized) -> Content:
        """Return what was made in a step."""
        assert version.manifest is not None  # effects are never made again
        objects = open_store(str(self._store), durable=False).objects
        return artifacts.read(artifacts.resolve(version.manifest, objects), objects)

    @property
    def _store(self) -> Path:
        return self._folder / "store"

    def _process(self, code: CodeState) -> _Process:
        self._started += 1
        folder = self._folder / f"code-{self._started}"
        folder.mkdir()
        try:
            unpack(self.workspace.store.objects, code.tree, folder)
        except DamagedError as error:
            raise _GoneError(f"its code is not stored any more ({error.message})") from error
        root = self.workspace.root
        setup = Setup(
            tree=str(folder),
            modules=code.modules,
            store=str(self._store),
            root=str(root) if root is not None else None,
        )
        process = _Process(setup, _paths(folder, root), self._folder / f"{folder.name}.err")
        self._running.add(process)
        return process

    def _lent(self, step: Step) -> Step:
        """Return the step as the process can do it: with versions that are readable in the scratch store."""
        lent: dict[str, Any] = {"inputs": tuple(map(self._lend, step.inputs))}
        for name, version in (("judged", step.judged), ("previous", step.previous)):
            lent[name] = self._lend(version) if version is not None else None
        return step.model_copy(update=lent)

    def _lend(self, version: Version) -> Version:
        """Make what is stored of a version readable in the scratch store; of another project's, in its place."""
        if version.run == REPLAY:
            return version
        if isinstance(version, SourceObserved) and version.remote is not None:
            return self._lend_remote(version, version.remote)
        if not self.workspace.loader.still_holds(version):
            raise _GoneError(
                f"source not kept: {version.asset} has changed since, and no copy of it is in the store"
            )
        if version.manifest is not None:
            try:
                artifacts.lend(version.manifest, self.workspace.store.objects, self._store)
            except DamagedError as error:
                raise _GoneError(self._why_gone(version, error)) from error
        return version

    def _why_gone(self, version: Version, error: DamagedError) -> str:
        with self.workspace.ledger.session() as session:
            forgotten = session.forgotten([version.version]).get(version.version)
        if forgotten is not None:
            return forgotten_error(forgotten, self.workspace.env).message
        return f"{version.asset} {version.version[:12]} is not stored any more ({error.message})"

    def _lend_remote(self, version: SourceObserved, remote: RemoteVersion) -> Version:
        try:
            theirs = self.workspace.remotes.lend(version.asset, remote, self._store)
        except SourceError as error:
            raise _GoneError(error.message) from error
        return theirs.model_copy(update={"asset": version.asset, "version": version.version})


class _GoneError(Exception):
    """What a step needs and is not to be had any more."""


def _paths(tree: Path, root: Path | None) -> list[str]:
    """Return where the process looks for modules: where this one does, but the tree stands for the project."""
    ours = {folder.resolve() for folder in import_folders(root)} if root is not None else set()
    others = [path for path in sys.path if path and Path(path).resolve() not in ours]
    return list(dict.fromkeys([str(tree), *map(os.path.abspath, others), _OWN_FOLDER]))


class _Process:
    """One process, which is asked one thing at a time."""

    def __init__(self, setup: Setup, paths: list[str], errors: Path) -> None:
        self._errors = errors
        self._lock = threading.Lock()
        with errors.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-B", "-c", _PROGRAM.format(paths=paths)],
                cwd=setup.tree,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                encoding="ascii",
            )
        self._say(to_line(setup))

    def ask(self, step: Step) -> Answer:
        with self._lock:
            self._say(to_line(step))
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
        if line.endswith("\n"):
            return from_line(line, Answer)
        code = self._process.wait()
        said = self._errors.read_text(errors="replace").strip()
        last = f": {said.splitlines()[-1][:_MOST_SAID]}" if said else ""
        return Answer(impossible=f"the process that ran it ended with code {code}{last}", log=said)

    def end(self, seconds: float) -> None:
        """Let it end by itself for so long; whoever waits for an answer then gets none."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if seconds:
            with suppress(OSError):
                self._process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended: whoever reads its answer sees why
            self._process.stdin.write(line)
            self._process.stdin.flush()
