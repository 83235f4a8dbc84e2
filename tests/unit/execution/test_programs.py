"""Programs that a run starts: what they print, how they end, what is left of them."""

from __future__ import annotations

import os
import sys
import threading
import time
import tracemalloc
from pathlib import Path

import pytest

from assetflow.errors import CommandError
from assetflow.execution.capture import HALF, TaskLog, captured, routed
from assetflow.execution.programs import Programs


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def run(*arguments: str, cwd: Path = Path("/")) -> str:
    log = TaskLog()
    with routed(), captured(log), Programs() as programs:
        programs.run(arguments, env=os.environ, cwd=cwd)
    return log.text()


def test_what_it_prints_goes_to_the_log_of_its_task():
    assert sorted(run("sh", "-c", "echo one; echo two >&2").split()) == ["one", "two"]


def test_a_last_line_without_end_and_broken_text_are_kept():
    assert run("printf", r"a\377b") == "a\N{REPLACEMENT CHARACTER}b"


def test_its_exit_code_and_last_words_are_told():
    with pytest.raises(CommandError) as raised:
        run("sh", "-c", "for i in $(seq 30); do echo line $i >&2; done; exit 7")

    assert raised.value.status == 7
    assert raised.value.message.startswith("sh ended with exit code 7: line 30\n  line 21\n")


def test_a_signal_is_told_by_its_name():
    with pytest.raises(CommandError, match="was ended by signal SIGSEGV"):
        run("sh", "-c", "kill -SEGV $$")


def test_a_missing_program_a_missing_folder_and_a_script_that_may_not_run_are_told_apart(tmp_path):
    script = tmp_path / "run.sh"
    script.write_text("echo")
    with pytest.raises(CommandError, match="there is no program 'no-such-program' on its PATH"):
        run("no-such-program")
    with pytest.raises(CommandError, match="there is no folder /no/such"):
        run("sh", cwd=Path("/no/such"))
    with pytest.raises(CommandError, match="Permission denied"):
        run(str(script))


def test_what_it_leaves_behind_is_gone_and_is_not_waited_for(tmp_path):
    run("sh", "-c", "sleep 600 & echo $! > child", cwd=tmp_path)

    pid = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 30
    while is_running(pid):
        assert time.monotonic() < deadline


def test_the_end_of_the_run_ends_it():
    errors = []

    def work(programs: Programs) -> None:
        try:
            programs.run(["sh", "-c", "echo begun; sleep 600"], env=os.environ, cwd=Path("/"))
        except CommandError as error:
            errors.append(error)

    begun = threading.Event()

    class Heard:
        def write(self, text: str) -> int:
            begun.set()
            return len(text)

        def flush(self) -> None: ...

    before, sys.stdout = sys.stdout, Heard()
    try:
        with Programs() as programs:
            thread = threading.Thread(target=work, args=[programs])
            thread.start()
            assert begun.wait(30)
        thread.join(30)
    finally:
        sys.stdout = before
    assert [error.status for error in errors] == [-15]
    with pytest.raises(CommandError, match="the run is over"):
        programs.run(["true"], env=os.environ, cwd=Path("/"))


def test_a_long_log_does_not_fill_the_memory():
    tracemalloc.start()
    text = run("sh", "-c", "head -c 50000000 /dev/zero | tr '\\0' 'x'; yes | head -c 20000000")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(text) < 3 * HALF
    assert peak < 20 * HALF
