from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assetflow.errors import ClockError, StoreError
from assetflow.storage.clock import SystemClock
from assetflow.storage.fsspec_folder import FsspecFolder
from assetflow.storage.live import Heartbeat, LiveRuns
from assetflow.storage.local_folder import LocalFolder
from assetflow.testing.bucket import Bucket
from assetflow.testing.fakes import FakeClock


@pytest.fixture
def folder(tmp_path):
    return LocalFolder(tmp_path)


@pytest.fixture
def live(folder):
    return LiveRuns(folder, SystemClock())


def change(folder, run, **fields):
    body = json.loads(bytes(folder.read(f"live/{run}"))) | fields
    folder.replace(f"live/{run}", json.dumps(body).encode())


def age(tmp_path, run, seconds):
    moment = time.time() - seconds
    os.utime(tmp_path / "live" / run, (moment, moment))


def begin_elsewhere(live, folder, run):
    """Leave the sign of a run of another machine."""
    live.begin(run)._stopped.set()
    change(folder, run, boot="another boot")


def test_a_run_says_who_it_is(live):
    with live.begin("run-1"):
        run = live.runs()[0]

    assert (run.run, run.pid, run.alive) == ("run-1", os.getpid(), True)
    assert run.host == os.uname().nodename
    assert run.began.endswith("Z")


def test_a_run_of_this_host_whose_process_is_gone_is_dead_at_once(live, folder):
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19]
    live.begin("run-1")._stopped.set()
    change(folder, "run-1", pid=process.pid, started=started)
    before = live.alive("run-1")
    process.kill()
    zombie = live.alive("run-1") if _is_zombie(process.pid) else False
    process.wait()

    assert before
    assert not zombie
    assert not live.alive("run-1")


def _is_zombie(pid):
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
    return False


def test_a_process_that_was_given_the_same_pid_later_is_another(live, folder):
    live.begin("run-1")._stopped.set()
    change(folder, "run-1", started="1")

    assert not live.alive("run-1")


def test_a_run_of_this_host_is_alive_however_long_it_was_silent(live, tmp_path):
    with live.begin("run-1"):
        age(tmp_path, "run-1", 3600)
        assert live.alive("run-1")


def test_a_run_of_another_machine_is_alive_for_three_minutes_of_silence(live, folder, tmp_path):
    begin_elsewhere(live, folder, "run-1")
    age(tmp_path, "run-1", 170)
    assert live.alive("run-1")
    age(tmp_path, "run-1", 190)
    assert not live.alive("run-1")


@pytest.mark.parametrize("field", ["boot", "namespace"])
def test_a_run_of_another_boot_or_container_is_not_looked_up_by_pid(live, folder, field):
    live.begin("run-1")._stopped.set()
    change(folder, "run-1", **{field: "another", "pid": 1 << 30})

    assert live.alive("run-1")


def test_silence_is_measured_by_the_times_of_the_store(folder, tmp_path):
    """This machine's clock is four minutes fast, which a writer may be."""
    clock = FakeClock()
    clock.advance(minutes=4)
    live = LiveRuns(folder, clock)
    begin_elsewhere(live, folder, "run-1")
    age(tmp_path, "run-1", 60)

    assert live.alive("run-1")


def test_dead_runs_are_removed_and_living_ones_kept(live, folder, tmp_path):
    begin_elsewhere(live, folder, "dead")
    age(tmp_path, "dead", 1000)
    with live.begin("living"):
        assert live.remove_dead() == ("dead",)
        assert [run.run for run in live.runs()] == ["living"]


def test_what_is_no_sign_of_life_counts_by_its_age(live, folder, tmp_path):
    folder.replace("live/odd", b"not json")
    assert live.alive("odd")
    age(tmp_path, "odd", 200)
    assert not live.alive("odd")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_clock_that_differs_from_the_stores_by_five_minutes_may_not_write(folder, minutes):
    clock = FakeClock()
    clock.advance(minutes=minutes)
    live = LiveRuns(folder, clock)

    with pytest.raises(ClockError, match=f"6 minutes {'behind' if minutes < 0 else 'ahead of'}"):
        live.begin("run-1")
    assert folder.list("live") == []


@pytest.mark.parametrize("minutes", [-4, 4])
def test_a_clock_that_differs_less_may(folder, minutes):
    clock = FakeClock()
    clock.advance(minutes=minutes)

    LiveRuns(folder, clock).begin("run-1").stop()


def test_the_sign_is_rewritten_until_the_run_stops(live, tmp_path):
    heartbeat = live.begin("run-1", beat=0.01)
    age(tmp_path, "run-1", 1000)
    deadline = time.monotonic() + 10
    while time.time() - (tmp_path / "live" / "run-1").stat().st_mtime > 500:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    heartbeat.stop()
    time.sleep(0.03)

    assert not (tmp_path / "live" / "run-1").exists()


def test_a_beat_that_fails_is_made_up_by_the_next():
    class Flaky(Bucket):
        puts = 0

        def pipe_file(self, path, value, mode="overwrite", **_):
            self.puts += 1
            if self.puts == 2:
                raise ConnectionError("no route")
            super().pipe_file(path, value, mode)

    bucket = Flaky()
    with LiveRuns(FsspecFolder(bucket, "bucket/store", ""), SystemClock()).begin("run-1", beat=0.001):
        deadline = time.monotonic() + 10
        while bucket.puts < 4:
            assert time.monotonic() < deadline
            time.sleep(0.001)


def test_a_run_whose_store_went_away_still_stops():
    class Gone(Bucket):
        def rm_file(self, path):
            raise ConnectionError("no route")

    LiveRuns(FsspecFolder(Gone(), "bucket/store", ""), SystemClock()).begin("run-1").stop()


@pytest.mark.parametrize("run", ["", "..", "../x", "/x", "a/b", "x\x00", "x\n", ".hidden", "x" * 101])
def test_the_id_of_a_run_cannot_leave_the_store(live, run):
    for use in (live.begin, live.alive):
        with pytest.raises(StoreError, match="is not the id of a run"):
            use(run)


def test_what_one_claims_no_other_may_until_it_ends(live, folder):
    first = live.claim("tick.dev")
    try:
        taken = LiveRuns(folder, SystemClock()).claim("tick.dev")
        assert (taken.run, taken.pid, taken.alive) == ("tick.dev", os.getpid(), True)
        with live.claim("tick.prod") as other:
            assert other is not first
    finally:
        first.stop()
    with live.claim("tick.dev"):
        assert live.alive("tick.dev")
    assert live.runs() == []


def test_what_a_dead_process_claimed_is_taken_over(live, folder):
    live.claim("tick.dev")._stopped.set()
    change(folder, "tick.dev", started="1")
    with live.claim("tick.dev"):
        assert live.alive("tick.dev")
        assert live.claim("tick.dev").alive


def test_of_many_that_claim_at_once_one_wins(folder):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: LiveRuns(folder, SystemClock()).claim("tick.dev"), range(24)))
    won = [one for one in found if isinstance(one, Heartbeat)]
    assert len(won) == 1
    won[0].stop()
