"""A backfill that is killed half way: what it finished stands, and the next run does the rest only."""

from __future__ import annotations

import json
import time
from pathlib import Path

from shops import Shop, kill

COUNT = 200
SHOP = f"""
import time

import assetflow as af

numbers = af.static([str(number) for number in range({COUNT})])


@af.asset(partitions=numbers)
def first(context: af.Context) -> int:
    time.sleep(0.005)
    return int(context.partition.key)


@af.asset(partitions=numbers)
def second(first: int) -> int:
    return first + 1


@af.asset
def total(second: dict[str, int]) -> int:
    return sum(second.values())
"""


def test_a_rerun_of_a_killed_backfill_does_the_rest_only(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "assetflow.toml").write_text('name = "numbers"\nmodules = ["shop"]\n')
    shop = Shop(tmp_path)
    process = shop.start("materialize")
    deadline = time.monotonic() + 60
    while len(shop.commits()) < 3 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    kill(process)
    counts = json.loads(shop.run("materialize", "--json").out)["counts"]
    assert 0 < counts["built"] < 2 * COUNT + 1
    assert counts["built"] + counts["fresh"] == 2 * COUNT + 1
    built = json.loads(shop.run("sql", "--json", "select count(*) as n from assetflow.materializations").out)
    assert built["rows"] == [{"n": 2 * COUNT + 1}]
    assert shop.run("get", "total", "--json").out.strip() == str(sum(range(1, COUNT + 1)))
