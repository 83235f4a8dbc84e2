"""Kills and races with real processes: five rounds in CI, all of them in `make torture`."""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from shops import Shop, kill, small_shop

pytestmark = pytest.mark.torture

DUMP = """
from assetflow.project import open_project
project = open_project()
tables = project.sql("select table_name from information_schema.tables where table_schema = 'assetflow' "
                     "and table_type = 'BASE TABLE' order by all")["table_name"].to_pylist()
for table in tables:
    for row in project.sql(f"from assetflow.{table} order by all").to_pylist():
        print(table, row)
"""

READER = """
import sys, time
import assetflow as af
end = time.time() + float(sys.argv[1])
loaded = 0
while time.time() < end:
    project = af.open(".")
    with project.snapshot() as snapshot:
        if "total" in snapshot.keys:
            assert snapshot.load("doubled") == 2 * snapshot.load("total")
            assert snapshot.load("orders").num_rows == 3
            loaded += 1
print(loaded)
"""


def slow_shop(folder: Path) -> Shop:
    """A small project whose assets take long enough to be killed in."""
    shop = small_shop(folder)
    text = (shop.root / "small/assets.py").read_text()
    text = text.replace("import assetflow as af\n", "import time\n\nimport assetflow as af\n")
    text = text.replace("    return ", "    time.sleep(0.15)\n    return ")
    shop.write("small/assets.py", text)
    return shop


def python(shop: Shop, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    import sys

    from shops import environment

    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=shop.root,
        env=environment(None),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def ledger_dump(shop: Shop) -> str:
    done = python(shop, DUMP)
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_whole(shop: Shop, amount: int) -> None:
    """What is published is whole, and says what the source says."""
    said = shop.run("sql", "--json", "select sum(amount)::bigint as amount, count(*) as n from orders")
    assert said.code == 0, said
    assert str(amount) in said.out
    got = [shop.run("get", key, check=True).out.strip() for key in ("total", "doubled")]
    assert got == [str(amount), str(2 * amount)]


def test_killed_anywhere_a_plain_rerun_ends_right(tmp_path: Path, rounds: Callable[[int], int]) -> None:
    shop = slow_shop(tmp_path)
    dice = random.Random(7)
    amount = 20
    for round_number in range(rounds(50)):
        amount = 100 + round_number
        shop.write(
            "data/orders.csv",
            f"id,day,amount\n1,2026-01-01,10\n2,2026-01-02,{amount - 40}\n3,2026-02-01,30\n",
        )
        process = shop.start("materialize")
        time.sleep(dice.uniform(0.05, 2.5))
        kill(process)
        for file in shop.commits():
            json.loads(file.read_text())
        said = shop.materialize()
        assert said.code == 0, said
        assert_whole(shop, amount)
    maintained = ledger_dump(shop)
    assert shop.run("ledger", "rebuild").code == 0
    assert ledger_dump(shop) == maintained


def test_two_runs_started_together_publish_one_consistent_result(
    tmp_path: Path, rounds: Callable[[int], int]
) -> None:
    shop = slow_shop(tmp_path)
    for round_number in range(rounds(20)):
        amount = 100 + round_number
        shop.write(
            "data/orders.csv",
            f"id,day,amount\n1,2026-01-01,10\n2,2026-01-02,{amount - 40}\n3,2026-02-01,30\n",
        )
        before = len(shop.commits())
        both = [shop.start("materialize"), shop.start("materialize")]
        told = [process.communicate(timeout=120) for process in both]
        assert [process.returncode for process in both] == [0, 0], told
        published = [
            action["asset"]
            for file in shop.commits()[before:]
            for action in json.loads(file.read_text())["actions"]
            if action["type"] == "published"
        ]
        assert len(published) == len(set(published)), published
        assert {"orders_file", "orders", "total", "doubled"} <= set(published)
        assert_whole(shop, amount)


def test_questions_readers_and_runs_at_once_meet_no_lock_error(
    tmp_path: Path, rounds: Callable[[int], int]
) -> None:
    shop = slow_shop(tmp_path)
    assert shop.materialize().code == 0
    questions = rounds(100)
    import sys

    from shops import environment

    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(2 + questions * 0.8)],
        cwd=shop.root,
        env=environment(None),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    writer = shop.start("materialize")
    for number in range(questions):
        if writer.poll() is not None:
            assert writer.returncode == 0, writer.communicate()
            shop.edit("small/assets.py", "time.sleep(0.15", f"time.sleep(0.15{number % 9 + 1}")
            writer.communicate()
            writer = shop.start("materialize", "--force")
        for query in (
            "select asset, count(*) from materializations group by all",
            "select * from orders limit 3",
        ):
            said = shop.run("sql", query)
            assert said.code == 0, said
    out, err = reader.communicate(timeout=240)
    assert reader.returncode == 0, err
    assert int(out) > 0
    writer.communicate(timeout=120)
    assert writer.returncode == 0
