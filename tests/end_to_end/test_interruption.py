"""Ctrl-C and its kin: what finished is kept, the run is recorded as cancelled, and the next run goes on."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from console import said_in
from shops import Shop, small_shop


def slow_shop(folder: Path) -> Shop:
    shop = small_shop(folder)
    shop.edit(
        "small/assets.py",
        "    return total * 2",
        "    from pathlib import Path\n    import time\n    Path('running').touch()\n"
        "    time.sleep(1.5 if Path('short').exists() else 60)\n    return total * 2",
    )
    return shop


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_what_finished_is_committed_and_what_runs_gets_a_grace(tmp_path: Path, how: signal.Signals) -> None:
    shop = slow_shop(tmp_path)
    shop.write("short", "")
    process = shop.start("materialize", until="running")
    process.send_signal(how)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (out, err)
    assert "Traceback" not in err
    runs = shop.run("runs", "--json", check=True).json
    assert "cancelled" in str(runs)
    assert set(shop.published()) >= {"orders_file", "orders", "total"}
    assert shop.materialize().code == 0
    assert set(shop.published()) == {"orders_file", "orders", "total", "doubled", "apart"}


def test_a_killed_run_is_shown_as_interrupted(tmp_path: Path) -> None:
    shop = slow_shop(tmp_path)
    process = shop.start("materialize", until="running")
    time.sleep(0.6)
    process.kill()
    process.communicate()
    assert "interrupted" in shop.run("runs", check=True).out


def test_a_run_that_has_nothing_yet_is_seen_and_so_is_that_it_was_killed(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", 'modules = ["slow"]\n')
    shop.write(
        "slow.py",
        "import assetflow as af\n\n\n@af.asset\ndef slow() -> int:\n    import pathlib, time\n"
        "    pathlib.Path('running').touch()\n    time.sleep(600)\n    return 1\n",
    )
    process = shop.start("materialize", until="running")
    deadline = time.monotonic() + 60
    while not (runs := said_in(tmp_path, "runs", "--json").json["runs"]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert [run["status"] for run in runs] == ["running"]
    process.kill()
    process.communicate()
    assert [run["status"] for run in said_in(tmp_path, "runs", "--json").json["runs"]] == ["interrupted"]
