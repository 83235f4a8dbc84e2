"""Signals end a command as Ctrl-C does."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time

import pytest

from assetflow.cli.interruption import ended_by_signals, told_of_interrupts


def signal_self(number: int) -> None:
    """Get a signal, and give Python the moment that it takes to hear it."""
    os.kill(os.getpid(), number)
    time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_is_an_interrupt(number):
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), ended_by_signals():
        signal_self(number)
    assert signal.getsignal(number) is before


def test_an_ignored_signal_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ended_by_signals():
            signal_self(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_an_interrupt_is_told_before_it_is_raised():
    told = []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    try:
        with pytest.raises(KeyboardInterrupt), told_of_interrupts(lambda: told.append("told")):
            signal_self(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert told == ["told"]


def test_a_thread_that_hangs_does_not_keep_the_process():
    program = (
        "import threading, time; from assetflow.cli.interruption import leave\n"
        "threading.Thread(target=time.sleep, args=(60,)).start(); print('said'); leave(130)"
    )
    begun = time.monotonic()
    done = ended(program)
    assert (done.returncode, done.stdout) == (130, "said\n")
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize("shut", ["", "pool.shutdown(wait=False)"])
def test_a_pool_without_work_is_no_thread_that_hangs(shut):
    program = (
        "import atexit; from concurrent.futures import ThreadPoolExecutor\n"
        "from assetflow.cli.interruption import leave\n"
        "pool = ThreadPoolExecutor(4); list(pool.map(str, range(100)))\n"
        f"{shut}\n"
        "atexit.register(print, 'registered'); leave(3)"
    )
    done = ended(program)
    assert (done.returncode, done.stdout, done.stderr) == (3, "registered\n", "")


def test_what_a_module_wrote_and_registered_is_there_after_the_end(tmp_path):
    program = (
        "import atexit, gzip, sys; from assetflow.cli.interruption import leave\n"
        f"plain = open({str(tmp_path / 'plain')!r}, 'w'); plain.write('text')\n"
        f"packed = gzip.open({str(tmp_path / 'packed')!r}, 'wt'); packed.write('text')\n"
        "atexit.register(print, 'registered'); print('said'); leave(3)"
    )
    done = ended(program)
    assert (done.returncode, done.stdout, done.stderr) == (3, "said\nregistered\n", "")
    assert (tmp_path / "plain").read_text() == "text"
    assert gzip.decompress((tmp_path / "packed").read_bytes()) == b"text"


def ended(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program of its own to its end."""
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
