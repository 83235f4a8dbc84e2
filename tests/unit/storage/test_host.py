from __future__ import annotations

import getpass
import os
from dataclasses import replace

from assetflow.storage.host import runs_here, shares_pids, this_process, this_writer


def test_this_process_runs_here():
    here = this_process()

    assert here.pid == os.getpid()
    assert shares_pids(here, here)
    assert runs_here(here)


def test_a_process_of_an_unknown_boot_cannot_be_looked_up():
    here = this_process()
    unknown = replace(here, boot="")

    assert not shares_pids(unknown, here)
    assert not shares_pids(here, unknown)
    assert not shares_pids(unknown, unknown)


def test_the_name_of_a_program_may_hold_anything():
    """The fields of /proc/<pid>/stat come after the last bracket, since the name may hold brackets."""
    import subprocess
    import sys

    code = "open('/proc/self/comm', 'w').write(') R 1 2'); print('ready', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        asked = [
            sys.executable,
            "-c",
            "import sys; from assetflow.storage import host; print(host._started(int(sys.argv[1])))",
        ]
        started = subprocess.check_output([*asked, str(process.pid)], text=True).strip()
        assert runs_here(replace(this_process(), pid=process.pid, started=started))
        assert not runs_here(replace(this_process(), pid=process.pid, started="1"))
        process.stdin.close()


def test_a_writer_is_this_process():
    writer = this_writer("1.2.3")

    assert (writer.pid, writer.release, writer.user) == (os.getpid(), "1.2.3", getpass.getuser())


def test_a_user_without_a_name_is_a_number(monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)

    assert this_writer("1").user == "4000000000"
