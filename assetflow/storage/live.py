"""Owns ``live/<run>``: which runs are alive, and whether this machine's clock may write.

Never the truth: a run's commits are. Knows nothing of what a run does.
"""

from __future__ import annotations

import json
import re
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Self

from assetflow.errors import ClockError, StoreError
from assetflow.storage.clock import Clock, time_text
from assetflow.storage.failure import shown, told
from assetflow.storage.folder import Folder
from assetflow.storage.host import Process, runs_here, shares_pids, this_process

BEAT = 30.0  # seconds between rewrites
SILENCE = 180.0  # seconds without one after which a run of another machine is dead
MAX_SKEW = 300.0  # seconds that a writer's clock may differ from the store's

_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True)
class LiveRun:
    """A run that has begun and not ended in order. ``alive`` is False for one that was interrupted."""

    run: str
    host: str
    pid: int
    began: str
    alive: bool


class LiveRuns:
    """The runs that left a sign of life in one store.

    A run of this host is alive exactly while its process exists; any other, while its file was rewritten
    within three minutes, by the store's own times once this process has written one, and until then by its
    clock.
    """

    def __init__(self, folder: Folder, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._ahead = 0.0

    def begin(self, run: str, *, beat: float = BEAT) -> Heartbeat:
        """Show that ``run`` is alive until the result is stopped.

        Raises ClockError when this machine's clock and the store's differ by more than five minutes.
        """
        heartbeat = self._heartbeat(run, beat)
        with told(f"show that run {run} is alive", self._folder.url):
            heartbeat.beat()
            self._ahead = self._folder.modified(_path(run)) - self._clock.now().timestamp()
        if abs(self._ahead) > MAX_SKEW:
            heartbeat.stop()
            raise self._skewed()
        heartbeat.start()
        return heartbeat

    def claim(self, name: str) -> Heartbeat | LiveRun:
        """Show that this process does what has this ``name``, until the result is stopped; no other may meanwhile.

        Where another does it already, and lives, return that one. What a dead one left is taken over.
        """
        while True:
            heartbeat = self._heartbeat(name, BEAT)
            with told(f"claim {name}", self._folder.url):
                if self._folder.create(_path(name), heartbeat.body):
                    heartbeat.start()
                    return heartbeat
                found = self._look(name)
                if found is not None and found.alive:
                    return found
                self._folder.remove(_path(name))

    def runs(self) -> list[LiveRun]:
        """Return every run that began and did not end in order, by id."""
        with told("list live runs", self._folder.url):
            found = [self._look(name) for name in self._folder.list("live") if _RUN.fullmatch(name)]
        return [run for run in found if run is not None]

    def now(self) -> float:
        """Return the time in seconds since the epoch: by the store's clock once this process has begun a run in it."""
        return self._clock.now().timestamp() + self._ahead

    def alive(self, run: str) -> bool:
        """Whether this run goes on."""
        with told(f"look whether run {run} is alive", self._folder.url):
            found = self._look(run)
        return found is not None and found.alive

    def remove_dead(self) -> tuple[str, ...]:
        """Remove the signs of interrupted runs; return their ids."""
        dead = tuple(run.run for run in self.runs() if not run.alive)
        with told("remove what dead runs left", self._folder.url):
            for run in dead:
                self._folder.remove(_path(run))
        return dead

    def _look(self, run: str) -> LiveRun | None:
        try:
            process, began = _read(bytes(self._folder.read(_path(run))))
            if shares_pids(process, this_process()):
                return LiveRun(run, process.host, process.pid, began, runs_here(process))
            silent = self.now() - self._folder.modified(_path(run))
        except FileNotFoundError:
            return None
        return LiveRun(run, process.host, process.pid, began, silent < SILENCE)

    def _heartbeat(self, name: str, beat: float) -> Heartbeat:
        began = time_text(self._clock.now())
        body = json.dumps({"format": 1, "run": name, "began": began, **asdict(this_process())})
        return Heartbeat(self._folder, _path(name), body.encode(), beat)

    def _skewed(self) -> ClockError:
        way = "behind" if self._ahead > 0 else "ahead of"
        return ClockError(
            f"this machine's clock is {abs(self._ahead) / 60:.0f} minutes {way} that of "
            f"{shown(self._folder.url)}; the times that it would record would be wrong",
            hint="set the clock (for instance by NTP) and run again",
        )


class Heartbeat:
    """Rewrites a run's sign of life, ``body``, from a thread of its own until ``stop``. Is a context manager."""

    def __init__(self, folder: Folder, path: str, body: bytes, seconds: float) -> None:
        self._folder = folder
        self._path = path
        self.body = body
        self._seconds = seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="assetflow-heartbeat", daemon=True)

    def beat(self) -> None:
        """Write the sign of life."""
        self._folder.replace(self._path, self.body)

    def start(self) -> None:
        """Go on writing it."""
        self._thread.start()

    def stop(self) -> None:
        """End in order: the sign is removed. Where that fails, a later writer removes it."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        with suppress(StoreError), told("end a run", self._folder.url):
            self._folder.remove(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _go_on(self) -> None:
        while not self._stopped.wait(self._seconds):
            with (
                suppress(StoreError),
                told("show that a run is alive", self._folder.url),
            ):  # the next beat tries again
                self.beat()


def _read(body: bytes) -> tuple[Process, str]:
    """Read a sign of life. One that cannot be read says nothing of its process: then only its age counts."""
    try:
        fields = json.loads(body)
        process = Process(**{name: fields[name] for name in ("host", "boot", "namespace", "pid", "started")})
        return process, str(fields["began"])
    except (ValueError, KeyError, TypeError):
        return Process("", "", "", 0, ""), ""


def _path(run: str) -> str:
    if not _RUN.fullmatch(run):
        raise StoreError(f"{run!r} is not the id of a run: use letters, digits, '_', '-' and '.'")
    return f"live/{run}"
