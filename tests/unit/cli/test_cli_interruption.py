"""Signals end a command as Ctrl-C does."""

from __future__ import annotations

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
    with pytest.raises(KeyboardInterrupt), told_of_interrupts(lambda: told.append("told")):
        signal_self(signal.SIGINT)
    assert told == ["told"]


def test_a_thread_that_hangs_does_not_keep_the_process():
    program = (
        "import threading, time; from assetflow.cli.interruption import leave\n"
        "threading.Thread(target=time.sleep, args=(60,)).start(); print('said'); leave(130)"
    )
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (130, "said\n")
    assert time.monotonic() - begun < 30
