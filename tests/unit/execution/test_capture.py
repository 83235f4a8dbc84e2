from __future__ import annotations

import io
import logging
import sys
import threading

import pytest

from assetflow.execution.capture import HALF, TaskLog, captured, head, routed


def test_each_thread_prints_into_its_own_log(capsys: pytest.CaptureFixture[str]) -> None:
    logs = [TaskLog(), TaskLog()]

    def work(index: int) -> None:
        with captured(logs[index]):
            print(f"task {index}")
            logging.getLogger("user").warning("warned %d", index)

    with routed():
        threads = [threading.Thread(target=work, args=(index,)) for index in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print("outside")
    for index, log in enumerate(logs):
        assert f"task {index}" in log.text()
        assert f"warned {index}" in log.text()
        assert f"task {1 - index}" not in log.text()
    assert capsys.readouterr().out == "outside\n"


def test_a_long_log_keeps_its_beginning_and_its_end() -> None:
    log = TaskLog()
    log.write("begin")
    for _ in range(8):
        log.write("x" * HALF)
    log.write("end")
    text = log.text()
    assert text.startswith("begin")
    assert text.endswith("end")
    assert "characters left out" in text
    assert len(text) < 4 * HALF


def test_a_heading_stands_on_a_line_of_its_own() -> None:
    log = TaskLog()
    log.write_heading("first")
    log.write("half a line")
    log.write("")
    with captured(log):
        head("second")
    head("of no task")
    assert log.text() == "--- first ---\nhalf a line\n--- second ---\n"


def test_bytes_written_to_the_buffer_are_text_of_the_task(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    log = TaskLog()
    with routed():
        with captured(log):
            assert sys.stdout.buffer.write(b"caf\xc3\xa9 \xff\n") == 8
            sys.stdout.buffer.flush()
        print("text")
        sys.stdout.buffer.write(b"\xfe\xff\n")
    assert log.text() == "café \ufffd\n"
    assert capsysbinary.readouterr().out == b"text\n\xfe\xff\n"


def test_a_stream_without_a_buffer_takes_bytes_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", shown := io.StringIO())
    with routed():
        sys.stdout.buffer.write(b"bytes\n")
    assert shown.getvalue() == "bytes\n"


def test_runs_that_overlap_log_each_line_once_and_leave_the_streams_as_they_were() -> None:
    before = (sys.stdout, sys.stderr, list(logging.getLogger().handlers))
    log = TaskLog()
    first, second = routed(), routed()
    first.__enter__()
    second.__enter__()
    with captured(log):
        logging.getLogger("user").warning("once")
    first.__exit__(None, None, None)
    with captured(log):
        print("still routed")
    second.__exit__(None, None, None)
    assert log.text().count("once") == 1
    assert "still routed" in log.text()
    assert (sys.stdout, sys.stderr, list(logging.getLogger().handlers)) == before


def test_a_stream_that_somebody_else_put_in_place_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    theirs = io.StringIO()
    with routed():
        sys.stdout = theirs
    assert sys.stdout is theirs
