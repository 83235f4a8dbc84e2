"""Processes that write to one local store at once, and are killed at any moment."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

import pytest

from assetflow.model.runs import Skipped
from assetflow.model.store import StoreCreated
from assetflow.storage.head import Head, advance
from assetflow.storage.store import open_store

WRITER = """
import sys
from assetflow.model.runs import Skipped
from assetflow.model.commit import Writer
from assetflow.storage.log_writer import LogWriter
from assetflow.storage.store import open_store

url, label, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = open_store(url, project="shop")
writer = LogWriter(store, writer=Writer(host="h", pid=1, user="u", release="0"))
print("ready", flush=True)
with store.live.begin(label):
    for n in range(times):
        name = store.objects.put(f"{label} {n} ".encode() * 1000, "bin")
        shared = store.objects.put(f"shared {n} ".encode() * 1000, "bin")
        writer.commit(lambda news: [Skipped(run=label, asset=str(n), reason=f"{name} {shared}")])
        print(n, flush=True)
"""


def start(url, label, times):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, url, label, str(times)], stdout=subprocess.PIPE, text=True
    )


def read(store):
    """Return (label, n) of every commit in order, having verified the chain and every object named."""
    head, found, created = Head(), [], 0
    for number, body in store.log.read_since(0):
        head, commit = advance(head, number, body)
        for action in commit.actions:
            created += isinstance(action, StoreCreated)
            if isinstance(action, Skipped):
                found.append((action.run, int(action.asset)))
                for name in action.reason.split():
                    store.objects.read(name)
    assert created <= 1
    return found


def test_processes_at_once_leave_one_log_without_gaps(tmp_path):
    url, times = str(tmp_path / "store"), 20
    processes = [start(url, f"p{n}", times) for n in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4

    found = read(open_store(url, project="shop"))
    assert sorted(found) == sorted((f"p{p}", n) for p in range(4) for n in range(times))
    for p in range(4):
        assert [n for label, n in found if label == f"p{p}"] == list(range(times))


@pytest.mark.torture
def test_whenever_a_writer_is_killed_what_it_reported_stands_and_the_next_goes_on(tmp_path, rounds):
    url = str(tmp_path / "store")
    store = open_store(url, project="shop")
    reported = []
    for n in range(rounds(50)):
        label = f"p{n}"
        process = start(url, label, 10_000)
        assert process.stdout.readline() == "ready\n"
        time.sleep(random.uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        lines = process.communicate(timeout=60)[0].splitlines()
        reported += [(label, int(line)) for line in lines if line.isdigit()]
        assert not store.live.alive(label)
        found = read(store)
        assert set(found) >= set(reported)
        assert len(set(found)) == len(found)
    store.live.remove_dead()

    assert store.live.runs() == []
    assert len(found) > 0
