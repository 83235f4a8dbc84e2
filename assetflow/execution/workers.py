"""Owns the worker processes of a run: started when first needed, kept warm from task to task, ended with the run.

There are never more of them than tasks under way at once. Knows nothing of what a task is made from.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from itertools import islice
from types import FunctionType
from typing import Any

from assetflow.errors import WorkerError
from assetflow.execution.capture import TaskLog
from assetflow.execution.cloudpickle_door import pickled
from assetflow.execution.errand import Errand, Place, Question, Raised, Returned
from assetflow.execution.task import Task
from assetflow.execution.worker import Worker
from assetflow.hashing.code import Reached
from assetflow.planning.resolve import Resolved

_STAYS_HERE = ("asset", "retry")  # the worker has its own, of the same code


class Workers:
    """Does tasks in processes. Safe for threads: each brings one task, and waits for it.

    Args:
        start: starts a worker.
        answers: what answers the questions of workers, by name.
        forgotten: the objects that commits forgot, in order; grows.
        by_name: whether workers import all code; else they are sent what is declared.
    """

    def __init__(
        self,
        start: Callable[[], Worker],
        answers: Mapping[str, Callable[..., Any]],
        forgotten: Mapping[str, int],
        *,
        by_name: bool = True,
    ) -> None:
        self._by_name = by_name
        self._start = start
        self._answers = answers
        self._forgotten = forgotten
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._closed = False

    def do(self, task: Task, log: TaskLog) -> Returned:
        """Do a task once, to its end; what it prints goes to ``log``.

        Raises:
            RaisedElsewhere: the task's call raised.
            TimeoutError: it took longer than the task may take.
            WorkerError: its worker ended, or it cannot be sent to one.
        """
        with self._borrowed() as worker:
            forgotten = dict(islice(self._forgotten.items(), worker.forgotten, None))
            errand = _errand(task, forgotten, by_name=self._by_name)
            worker.forgotten += len(errand.forgotten)
            came = worker.do(errand, log=log, answer=self._answer, timeout=task.timeout)
        if isinstance(came, Raised):
            raise came.elsewhere()
        return came

    def close(self) -> None:
        """End all workers, whatever they do."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            busy = list(self._busy)
        for worker in idle:
            worker.let_go()
        for worker in busy:
            worker.tell_to_end()
        for worker in busy:
            worker.stop()
        for worker in idle:
            worker.end()

    @contextmanager
    def _borrowed(self) -> Iterator[Worker]:
        """Lend the worker used last, or a new one; one that failed is not used again: it has ended."""
        worker = self._waiting() or self._start()
        with self._lock:
            self._busy.add(worker)
        try:
            if self._closed:
                raise WorkerError("the run has ended")
            yield worker
        finally:
            with self._lock:
                self._busy.discard(worker)
                keep = worker.is_fit and not self._closed
                if keep:
                    self._idle.append(worker)
            if not keep:
                worker.end()

    def _waiting(self) -> Worker | None:
        while True:
            with self._lock:
                if not self._idle or self._closed:
                    return None
                worker = self._idle.pop()
            if worker.lives:
                return worker
            worker.end()  # somebody else ended it, perhaps for want of memory

    def _answer(self, question: Question) -> Any:
        return self._answers[question.name](*question.arguments)


def code_of(asset: Resolved) -> dict[str, Reached]:
    """Return all code that a task of this asset runs, by name."""
    codes = (asset.code, *(check.code for check in asset.checks))
    return {part.name: part for code in codes for part in code.parts}


def _is_imported(part: Reached) -> bool:
    """Whether a process that is sent the declarations themselves finds this piece by its name, in a module."""
    module, _, path = part.name.partition(":")
    if part.kind not in ("function", "class"):
        return module != "__main__"
    found: Any = sys.modules.get(module) if module != "__main__" else None
    for name in path.split("."):
        found = getattr(found, name, None)
    return isinstance(found, FunctionType | type)


def _errand(task: Task, forgotten: Mapping[str, int], *, by_name: bool) -> Errand:
    code = {name: part.digest for name, part in code_of(task.asset).items() if by_name or _is_imported(part)}
    config = task.asset.config
    data = None if config is None else pickled(config, f"the config of {task.asset.key}")
    sent = {one.name: getattr(task, one.name) for one in fields(task) if one.name not in _STAYS_HERE}
    return Errand(task.asset.key, sent, data, code, forgotten, Place.of(task.asset))
