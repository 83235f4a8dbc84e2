from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest

from assetflow.errors import (
    DamagedError,
    DataError,
    DeclarationError,
    SourceError,
    UnsupportedTypeError,
    UsageError,
)
from assetflow.execution.attempts import attempt, delay
from assetflow.execution.capture import TaskLog, captured
from assetflow.model.spec import Retry

FAST = Retry(times=3, first=0.0, jitter=False, on=(TimeoutError,))


def failing(times: int, error: Callable[[str], BaseException]):  # type: ignore[no-untyped-def]
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


def test_each_attempt_but_the_first_begins_under_a_heading_in_the_log() -> None:
    log = TaskLog()
    call = failing(2, lambda word: TimeoutError(f"{word} answer\nfrom the server"))

    def printing() -> str:
        log.write("asked")
        return call()

    with captured(log):
        tried(printing)
    lines = log.text().split("\n")
    assert lines[::2] == ["asked", "asked", "asked"]
    assert re.fullmatch(
        r"--- attempt 2 of 4, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d, "
        r"after TimeoutError: no answer ---",
        lines[1],
    )
    assert lines[3].startswith("--- attempt 3 of 4, ")


def test_the_log_of_what_succeeds_at_once_has_no_heading() -> None:
    log = TaskLog()
    with captured(log):
        tried(failing(0, TimeoutError))
    assert log.text() == ""


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


class Mute(ValueError):
    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__


def test_an_exception_without_words_is_a_failed_attempt() -> None:
    (one,) = tried(failing(9, lambda _: Mute())).attempts
    assert (one.error, one.message) == ("Mute", "<Mute whose str() failed>")
    assert one.traceback is not None
    assert "in call" in one.traceback


def test_text_that_is_no_unicode_is_recorded_as_words() -> None:
    (one,) = tried(failing(9, lambda _: ValueError("a\udc80"))).attempts
    assert one.message == "a\\udc80"
    one.model_dump_json()


def test_long_messages_and_traces_are_shortened() -> None:
    (one,) = tried(failing(9, lambda _: ValueError("x" * 1_000_000))).attempts
    assert one.traceback is not None
    assert len(one.model_dump_json()) < 20_000


@pytest.mark.parametrize(
    "error",
    [
        DataError("returned None"),
        UnsupportedTypeError("a", "union"),
        DamagedError("gone"),
        UsageError("no"),
        DeclarationError([]),
    ],
)
def test_what_no_other_try_can_mend_is_not_tried_again(error: Exception) -> None:
    retry = Retry(times=3, first=0.0, jitter=False, on=(Exception,))
    assert len(tried(failing(9, lambda _: error), retry).attempts) == 1


def test_a_source_that_cannot_be_read_is_tried_again() -> None:
    retry = Retry(times=3, first=0.0, jitter=False, on=(Exception,))
    assert len(tried(failing(9, SourceError), retry).attempts) == 4
