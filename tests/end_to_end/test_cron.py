"""Debian's own cron calls ticks: each minute once, in a folder whose name is trouble, until it is told to no more.

It takes real minutes: one, and three with ``--torture``. The crontab of whoever runs this is put back as it was.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from shops import ROOT, Shop

MODULE = """
import assetflow as af


@af.asset(refresh=af.cron("* * * * *", tz="Asia/Kathmandu"))
def each_minute() -> int:
    return 1


@af.asset
def below(each_minute: int) -> int:
    return each_minute
"""
LOUD = (
    "this test needs Debian's cron, and may not pass without it: `apt install cron`, and be root or have sudo without "
    "a password (.ci/run sees to it)"
)


def crontab(*arguments: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["crontab", *arguments], input=text, capture_output=True, check=False)


@pytest.fixture
def cron() -> Iterator[None]:
    """Debian's cron, running: the machine's, or one of this test's own, ended with it."""
    program = shutil.which("cron", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert program is not None, LOUD
    assert shutil.which("crontab"), LOUD
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    process = subprocess.Popen([*as_root, program, "-f"], stderr=subprocess.PIPE, text=True)
    try:
        process.wait(1.0)
    except subprocess.TimeoutExpired:
        yield
        process.terminate()
        process.wait(10)
    else:
        said = process.stderr.read() if process.stderr else ""
        assert "can't lock" in said, f"{LOUD}; it said: {said}"  # the machine's own runs already
        yield


@pytest.fixture
def table() -> Iterator[bytes]:
    """A crontab with something in it, in place of the user's own."""
    before = crontab("-l")
    mine = f'# mine, 100%\nPYTHONPATH="{ROOT}"\nMAILTO=""\n'.encode()
    assert crontab("-", text=mine).returncode == 0
    yield mine
    if before.returncode == 0:
        crontab("-", text=before.stdout)
    else:
        crontab("-r")


def made(shop: Shop) -> list[tuple[str, str]]:
    """Return what ticks made, as the log says it: asset and token."""
    actions: list[Any] = [one for file in shop.commits() for one in json.loads(file.read_text())["actions"]]
    return [(one["asset"], one["recipe"]["token"]) for one in actions if one["type"] == "materialized"]


@pytest.mark.torture
def test_cron_ticks_each_minute_once_and_its_table_is_left_as_it_was(
    cron: None, table: bytes, tmp_path: Path, rounds: Callable[[int], int]
) -> None:
    shop = Shop(tmp_path / 'it\'s 100% mine, "really" $HOME')
    shop.write("assetflow.toml", 'name = "minutes"\nmodules = ["minutes"]\n')
    shop.write("minutes.py", MODULE)
    ticks = rounds(15) // 5
    shop.run_apart("cron", "install", check=True)
    assert crontab("-l").stdout.startswith(table)
    assert shop.run_apart("cron", "list", "--json", check=True).json["entries"][0]["project"] == str(
        shop.root
    )

    deadline = time.monotonic() + 60 * ticks + 45
    while len(made(shop)) < ticks + 1:
        assert time.monotonic() < deadline, (made(shop), crontab("-l").stdout)
        time.sleep(0.5)

    shop.run_apart("cron", "remove", check=True)
    assert crontab("-l").stdout == table
    found = made(shop)
    assert [key for key, _ in found].count("below") == 1, "unchanged output stops there"
    tokens = [token for key, token in found if key == "each_minute"]
    assert len(set(tokens)) == len(tokens) == ticks
    assert all(token.endswith("Asia/Kathmandu") for token in tokens)
    runs = shop.run_apart("runs", "--json", check=True).json["runs"]
    assert {run["status"] for run in runs} == {"succeeded"}
    assert not list((shop.root / ".assetflow/store/live").iterdir())
