"""Garbage is looked for seldom while a command starts; files of users' modules are closed all the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )


def test_garbage_made_while_users_code_runs_is_found() -> None:
    done = _run(
        "import weakref\n"
        "from assetflow.cli.garbage import look_at_what_is_new, look_seldom\n"
        "class Thing: pass\n"
        "def circle():\n"
        "    thing = Thing(); thing.itself = thing\n"
        "    return weakref.ref(thing)\n"
        "look_seldom(); look_at_what_is_new()\n"
        "first = circle()\n"
        "made = [[] for _ in range(100_000)]\n"
        "print(first())"
    )
    assert done.stdout == "None\n", done.stderr


def test_a_file_opened_before_the_run_begins_is_closed_when_the_process_ends(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    done = _run(
        "from assetflow.cli.garbage import look_at_what_is_new\n"
        "from assetflow.cli.interruption import leave\n"
        f"file = open({str(path)!r}, 'w'); file.write('kept')\n"
        "look_at_what_is_new(); leave(0)"
    )
    assert (done.returncode, path.read_text()) == (0, "kept"), done.stderr
