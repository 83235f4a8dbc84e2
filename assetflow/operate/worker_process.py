"""Owns the worker process: it declares the project as the run did, and does one errand after the other.

It does them as a run does (``execution.work``), reads and writes the store itself, and asks the run for what is on
record. What is printed goes out as it comes: whoever started this process reads it.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import fcntl
import logging
import os
import pickle
import select
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from io import TextIOWrapper
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

from assetflow.errors import AssetflowError, UsageError
from assetflow.execution.calls import Calls, Given
from assetflow.execution.capture import LOG_LINE, TaskLog
from assetflow.execution.errand import Errand, Question, Raised, Ready, Returned, portable
from assetflow.execution.memory import begin_anew, peak_memory, shown
from assetflow.execution.task import Bench, Task
from assetflow.execution.work import failure_message, once
from assetflow.execution.workers import code_of
from assetflow.model.spec import Retry
from assetflow.model.text import said
from assetflow.model.verdicts import CheckEvaluated
from assetflow.operate.bench import bench_of
from assetflow.operate.workspace import Workspace
from assetflow.planning.resolve import Resolved, Resolver
from assetflow.settings.discovery import discover
from assetflow.settings.settings import Settings
from assetflow.storage.store import open_store


@dataclass(frozen=True)
class Setup:
    """What is said first: the project's settings; ``found``: its declarations, pickled, where it has no modules."""

    settings: Settings
    found: bytes | None = None


def program() -> str:
    """Return the Python code that serves, and looks for modules where this process does."""
    paths = [os.path.abspath(path) for path in sys.path]  # noqa: PTH100 - as Python itself takes them
    return (
        f"import sys; sys.path[:] = {paths!r}; "
        "from assetflow.operate.worker_process import serve; serve(int(sys.argv[1]), int(sys.argv[2]))"
    )


def serve(control: int, life: int) -> None:
    """Do what comes by ``control`` until it ends; die at once, with all that was started, when ``life`` breaks."""
    del sys.argv[1:]
    for descriptor in (control, life):
        os.set_inheritable(descriptor, False)
    _end_with(life)
    told = _Told()
    signal.signal(signal.SIGTERM, told.to_end)
    _print_at_once()
    way = Connection(control)
    errands = Errands(way.recv(), _asking(way))
    way.send(errands.begin())
    _log_to_stderr()
    with contextlib.suppress(EOFError):
        while True:
            answer = errands.do(way.recv())
            _flush()
            if told.ends:
                _die_of(signal.SIGTERM)
            _send(way, answer)


class Errands:
    """Does errands with the project that ``setup`` names. ``ask`` asks the run, by the name of what answers there."""

    def __init__(self, setup: Setup, ask: Callable[..., Any]) -> None:
        settings = setup.settings
        store = open_store(
            settings.store,
            project=settings.name,
            durable=settings.durable,
            storage_options=settings.revealed_storage_options(),
        )
        self._found = setup.found
        self._workspace = Workspace(settings, store, settings.root, self._find)
        self._ask = ask
        self._parts = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="assetflow-part")

    def begin(self) -> Ready:
        """Import the project's modules."""
        try:
            self._workspace.declared  # noqa: B018 - made when first asked for
        except AssetflowError as error:
            return Ready(error.message)
        except BaseException as error:  # noqa: BLE001 - the user's modules may raise anything
            return Ready(failure_message(error))
        return Ready()

    def do(self, errand: Errand) -> Returned | Raised:
        """Do one errand. What goes wrong in it is an answer."""
        begin_anew()
        retry = Retry()
        try:
            asset = self._resolved(errand)
            retry = asset.spec.retries or retry
            self._workspace.store.objects.forget(errand.forgotten)
            result = once(Task(asset=asset, retry=retry, **errand.task), self._bench, _Printed())
            self._workspace.store.objects.flush()
        except MemoryError as error:
            traceback.clear_frames(
                error.__traceback__
            )  # what the user's code still holds: telling takes memory, too
            error.args = (
                f"{said(error) or 'out of memory'}; the process held {shown(peak_memory())} at most",
            )
            return Raised.by(error, retry)
        except BaseException as error:  # noqa: BLE001 - the user's code may raise anything
            return Raised.by(error, retry)
        finally:
            self._workspace.shelf.clear()
        return Returned(replace(result, error=portable(result.error)), peak_memory())

    def _resolved(self, errand: Errand) -> Resolved:
        """Return the asset as this process declares it, if it is the one that was hashed."""
        spec = self._workspace.specs.get(errand.key)
        if spec is None:
            raise _changed(errand.key, "it is not declared any more")
        without_config = replace(spec, config_model=None)
        asset = self._resolver.resolve_all([without_config])[errand.key]
        code = code_of(asset)
        for name, digest in errand.code.items():
            if name not in code or code[name].digest != digest:
                raise _changed(errand.key, name)
        config = None if errand.config is None else pickle.loads(errand.config)  # noqa: S301 - the run's own
        return errand.place.put(asset._replace(spec=spec, config=config))

    def _find(self) -> Sequence[Any]:
        if self._found is None:
            return discover(self._workspace.settings)
        found: Sequence[Any] = pickle.loads(self._found)  # noqa: S301 - the run's own
        return found

    @cached_property
    def _resolver(self) -> Resolver:
        workspace = self._workspace
        return Resolver(workspace.code, workspace.declared.resources, {}, workspace.env)

    @cached_property
    def _bench(self) -> Bench:
        ask = self._ask
        return replace(
            bench_of(self._workspace, _OnRecord(ask)),
            known=lambda data_version, form: ask("artifact", data_version, form),
            known_part=lambda version, form: ask("part", version, form),
            pool=self._parts,
            calls=_Asked(ask),
        )


def _changed(key: str, what: str) -> UsageError:
    return UsageError(
        f"the code of {key} changed on disk after this run read it: {what}",
        hint="nothing of it was run; run again, with the code as it is now",
    )


class _OnRecord:
    """The verdicts that the run knows."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = ask

    def verdict(self, asset: str, data_version: str, fingerprint: str) -> CheckEvaluated | None:
        found: CheckEvaluated | None = self._ask("verdict", asset, data_version, fingerprint)
        return found


class _Asked(Calls):
    """What the run keeps of calls."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        super().__init__()
        self._ask = ask

    def wants(self, name: str) -> bool:
        return bool(self._ask("wants", name))

    def keep(self, call: str, name: str, given: Given) -> None:
        self._ask("keep", call, name, replace(given, error=portable(given.error)))

    def take(self, call: str, name: str) -> Given | None:
        found: Given | None = self._ask("take", call, name)
        return found


class _Printed(TaskLog):
    """A log that goes where all goes that is printed here."""

    def write(self, text: str) -> None:
        """Print ``text``."""
        if sys.__stdout__ is not None:
            sys.__stdout__.write(text)


class _Told:
    """Whether this process was told to end while it did an errand."""

    def __init__(self) -> None:
        self.ends = False

    def to_end(self, number: int, frame: FrameType | None) -> None:
        """Have the user's code leave off, as far as it can, and take nothing more on."""
        del frame
        self.ends = True
        raise SystemExit(128 + number)


def _asking(way: Connection) -> Callable[..., Any]:
    lock = threading.Lock()

    def ask(name: str, *arguments: Any) -> Any:
        with lock:
            way.send(Question(name, arguments))
            return way.recv()

    return ask


def _send(way: Connection, answer: Returned | Raised) -> None:
    try:
        way.send(answer)
    except Exception as error:  # noqa: BLE001 - a value of the user's is in it that cannot be pickled
        way.send(Raised.by(error, Retry()))


def _die_of(number: signal.Signals) -> None:
    """End as the signal would have ended this process, had it not been held back for the user's code to end first."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _print_at_once() -> None:
    """Have all that is printed leave this process line by line, and be told where it crashed."""
    faulthandler.enable()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(line_buffering=True, errors="backslashreplace")


def _log_to_stderr() -> None:
    """Print what is logged, as far as the project has not said itself where it goes."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(LOG_LINE))
    if not logging.getLogger().handlers:
        logging.getLogger().addHandler(handler)


def _flush() -> None:
    """Have all leave this process that was printed, by whatever way."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    ctypes.CDLL(None).fflush(None)


def _end_with(life: int) -> None:
    """Have this process and all that it starts killed when nobody holds the other end of the pipe ``life`` any more.

    On Linux the system does that itself, whatever this process is busy with; a thread would have to wait its turn.
    """
    if hasattr(fcntl, "F_SETSIG"):
        fcntl.fcntl(life, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(life, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
        is_broken, _, _ = select.select([life], [], [], 0)
        if is_broken:  # it broke before the system was asked
            os._exit(1)
        return

    def wait() -> None:
        os.read(life, 1)
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()
