"""A worker process by itself, with programs that say what these tests want said."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from shops import ROOT

from assetflow.errors import UsageError, WorkerError
from assetflow.execution.capture import TaskLog
from assetflow.execution.errand import Errand, Question
from assetflow.execution.task import TaskResult
from assetflow.execution.worker import Worker, death
from assetflow.execution.workers import Workers
from assetflow.model.states import RunState

ERRAND = Errand("a", {}, None, {})
BEGIN = f"""
import os, signal, subprocess, sys, time
sys.path.insert(0, {str(ROOT)!r})
from multiprocessing.connection import Connection
from assetflow.execution.errand import *
from assetflow.execution.task import TaskResult
from assetflow.model.states import RunState
way = Connection(int(sys.argv[1]))
way.recv()
DONE = Returned(TaskResult(RunState.BUILT, ()))
"""
READY = BEGIN + "way.send(Ready())\nway.recv()\n"


@pytest.fixture
def started() -> Iterator[Callable[[str], Worker]]:
    """Start workers, and end them."""
    workers: list[Worker] = []

    def start(program: str) -> Worker:
        workers.append(Worker(program, "setup"))
        return workers[-1]

    yield start
    for worker in workers:
        if worker.is_fit:
            worker.stop()
            worker.end()


def do(
    worker: Worker, timeout: float | None = None, answer: Callable[[Question], Any] = str
) -> tuple[Any, str]:
    """Have an errand done; return what came of it, or the error, and the log."""
    log = TaskLog()
    try:
        return worker.do(ERRAND, log=log, answer=answer, timeout=timeout), log.text()
    except (TimeoutError, WorkerError) as error:
        return error, log.text()


def runs(process: int) -> bool:
    """Say whether a process runs: one that has ended stays listed until somebody asks how."""
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_its_questions_are_answered_while_it_does_an_errand(started: Callable[[str], Worker]) -> None:
    worker = started(
        READY + "way.send(Question('who', (1, 2)))\nprint(way.recv(), flush=True)\nway.send(DONE)"
    )
    came, log = do(worker, answer=lambda question: (question.name, question.arguments))
    assert came.result == TaskResult(RunState.BUILT, ())
    assert log == "('who', (1, 2))\n"


def test_only_what_is_printed_during_an_errand_is_its_log(started: Callable[[str], Worker]) -> None:
    program = BEGIN + (
        "os.write(1, b'importing'); way.send(Ready()); way.recv(); os.write(1, b'one'); os.write(2, b' two')\n"
        "way.send(DONE); time.sleep(0.1); os.write(1, b'between'); way.recv()\n"
        "os.write(1, 'drei \\u20ac'.encode()[:-1]); time.sleep(0.05); os.write(1, '\\u20ac'.encode()[-1:])\n"
        "way.send(DONE)"
    )
    worker = started(program)
    assert do(worker)[1] == "one two"
    time.sleep(0.5)
    assert do(worker)[1] == "drei €"


def test_a_worker_that_cannot_begin_says_why_with_all_it_printed(started: Callable[[str], Worker]) -> None:
    worker = started(BEGIN + "print('see', flush=True); way.send(Ready('no module x'))")
    log = TaskLog()
    with pytest.raises(UsageError, match="a worker process cannot import the project: no module x"):
        worker.do(ERRAND, log=log, answer=str, timeout=None)
    assert log.text() == "see\n"


def test_what_does_not_end_when_told_is_killed_with_its_children(started: Callable[[str], Worker]) -> None:
    program = READY + (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(subprocess.Popen(['sleep', '1000']).pid, flush=True)\ntime.sleep(1000)"
    )
    came, log = do(started(program), timeout=0.3)
    assert isinstance(came, TimeoutError)
    assert str(came) == "timed out after 0.3 s"
    deadline = time.monotonic() + 10
    while runs(int(log)):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_one_that_never_stops_printing_is_stopped_in_time(started: Callable[[str], Worker]) -> None:
    came, log = do(started(READY + "while True: os.write(1, b'x' * 60000)"), timeout=0.3)
    assert isinstance(came, TimeoutError)
    assert len(log) < 2_000_000


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("os.kill(os.getpid(), signal.SIGABRT)", "the worker process was killed by SIGABRT"),
        ("os.kill(os.getpid(), signal.SIGTERM)", "the worker process was killed by SIGTERM"),
        ("os._exit(7)", "the worker process ended with exit code 7"),
    ],
)
def test_how_it_ended_is_told(started: Callable[[str], Worker], end: str, told: str) -> None:
    worker = started(READY + end)
    came, _ = do(worker)
    assert isinstance(came, WorkerError)
    assert came.message == told
    assert not worker.is_fit


def test_a_kill_is_told_with_the_memory_that_is_known_of() -> None:
    assert death(-signal.SIGKILL, 5_000_000_000).message.endswith("runs out; it held 5,000 MB at most")
    assert re.search("runs out$", death(-signal.SIGKILL, None).message)


def test_one_that_somebody_ended_while_it_waited_is_replaced() -> None:
    begun: list[Worker] = []

    def start() -> Worker:
        begun.append(Worker(READY + "while True:\n    way.send(DONE)\n    way.recv()", "setup"))
        return begun[-1]

    workers = Workers(start, {}, {})
    try:
        with workers._borrowed() as first:
            do(first)
        with workers._borrowed() as again:
            assert again is first
        first.stop()
        with workers._borrowed() as other:
            assert other is not first
            assert do(other)[0].result.state is RunState.BUILT
    finally:
        workers.close()
    assert len(begun) == 2
    assert not any(worker.lives for worker in begun)
