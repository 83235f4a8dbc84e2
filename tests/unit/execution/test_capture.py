from __future__ import annotations

import logging
import threading

import pytest

from assetflow.execution.capture import HALF, TaskLog, captured, routed


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
