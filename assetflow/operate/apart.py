"""Owns which assets of a run are made in processes of their own, and giving them those processes.

Where there are none, nothing of it is imported.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from assetflow.errors import UsageError
from assetflow.model.spec import PROCESS
from assetflow.operate.planning import Planned
from assetflow.operate.workspace import Workspace
from assetflow.planning.plan import WORK

if TYPE_CHECKING:
    from assetflow.execution.calls import Calls
    from assetflow.execution.capture import TaskLog
    from assetflow.execution.errand import Returned
    from assetflow.execution.task import Task
    from assetflow.execution.workers import Workers


def apart_of(workspace: Workspace, planned: Planned) -> frozenset[str]:
    """Return the keys of the assets that are made in a process, where they are made at all.

    Raises:
        UsageError: one would have to be now, and no other process can reach the store.
    """
    settings = workspace.settings
    apart = frozenset(one.key for one in planned.order if settings.executor_of(one.spec) == PROCESS)
    work = sorted(item.key for item in planned.plan if item.state in WORK and item.key in apart)
    for key in work:
        _require_reachable(workspace, key)
    return apart


@contextmanager
def workers_of(workspace: Workspace, planned: Planned, calls: Calls) -> Iterator[LazyWorkers]:
    """Give what does tasks in processes; they end with the block."""
    workers = LazyWorkers(workspace, planned, calls)
    try:
        yield workers
    finally:
        workers.close()


class LazyWorkers:
    """The workers of a run, of which nothing is made before there is a task for one. Safe for threads."""

    def __init__(self, workspace: Workspace, planned: Planned, calls: Calls) -> None:
        self._workspace = workspace
        self._planned = planned
        self._calls = calls
        self._lock = threading.Lock()
        self._workers: Workers | None = None

    def do(self, task: Task, log: TaskLog) -> Returned:
        """Do a task, as ``Workers.do`` does."""
        with self._lock:
            if self._workers is None:
                self._workers = self._made()
        return self._workers.do(task, log)

    def close(self) -> None:
        """End all workers."""
        with self._lock:
            if self._workers is not None:
                self._workers.close()

    def _made(self) -> Workers:
        from assetflow.execution.worker import Worker
        from assetflow.execution.workers import Workers
        from assetflow.operate.worker_process import Setup, program

        past, calls, code = self._planned.past, self._calls, program()
        answers: dict[str, Callable[..., Any]] = {
            "artifact": past.known_artifact,
            "part": past.known_part,
            "verdict": past.verdict,
            "wants": calls.wants,
            "keep": calls.keep,
            "take": calls.take,
        }
        setup = Setup(self._workspace.settings, self._found())
        forgotten = self._workspace.store.objects.forgotten
        return Workers(lambda: Worker(code, setup), answers, forgotten, by_name=setup.found is None)

    def _found(self) -> bytes | None:
        """Return the declarations of a project that has no modules of its own, such as a notebook's."""
        from assetflow.execution.cloudpickle_door import pickled

        if self._workspace.settings.file is not None:
            return None
        return pickled(list(self._workspace.find()), "what this project declares")


def _require_reachable(workspace: Workspace, key: str) -> None:
    """Raise UsageError where a process could not make an asset."""
    if workspace.store.url.startswith("memory://"):
        raise UsageError(
            f"{key} is to be made in a process of its own, and the store is in the memory of this one",
            hint="give the project a store on disk; or take timeout= and executor= away",
        )
