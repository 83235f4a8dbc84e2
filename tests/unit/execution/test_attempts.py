from __future__ import annotations

import threading

from assetflow.execution.attempts import attempt, delay
from assetflow.model.spec import Retry

FAST = Retry(times=3, first=0.0, jitter=False, on=(TimeoutError,))


def failing(times: int, error: type[BaseException]):  # type: ignore[no-untyped-def]
    calls: list[int] = []

    def call() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise error("no")
        return "done"

    return call


def tried(call, retry: Retry = FAST):  # type: ignore[no-untyped-def]
    return attempt(call, retry, stop=threading.Event(), told=lambda *_: None)


def test_every_attempt_is_kept() -> None:
    result = tried(failing(2, TimeoutError))
    assert result.value == "done"
    assert [one.error for one in result.attempts] == ["TimeoutError", "TimeoutError", None]


def test_what_is_not_worth_another_try_is_not_tried() -> None:
    result = tried(failing(9, ValueError))
    assert len(result.attempts) == 1
    assert isinstance(result.error, ValueError)


def test_it_ends_after_so_many_tries() -> None:
    assert len(tried(failing(9, TimeoutError)).attempts) == 4


def test_a_users_exit_is_a_failed_attempt() -> None:
    assert isinstance(tried(failing(9, SystemExit)).error, SystemExit)


def test_stopping_ends_the_waiting() -> None:
    stop = threading.Event()
    stop.set()
    result = attempt(failing(9, TimeoutError), Retry(times=5, first=60.0), stop=stop, told=lambda *_: None)
    assert len(result.attempts) == 1


def test_delays_double_up_to_the_most() -> None:
    retry = Retry(times=9, first=1.0, most=5.0, jitter=False)
    assert [delay(retry, failures) for failures in (1, 2, 3, 4)] == [1.0, 2.0, 4.0, 5.0]
    assert 0 <= delay(Retry(times=1, first=1.0), 1) <= 1


def test_the_traceback_is_the_users_own() -> None:
    trace = tried(failing(9, ValueError)).attempts[0].traceback
    assert trace is not None
    assert "execution/attempts.py" not in trace.replace("test_attempts.py", "")
    assert "ValueError: no" in trace
