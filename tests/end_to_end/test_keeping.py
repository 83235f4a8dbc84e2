"""A person looks after a store: gc, forget and verify on the command line, with their words and exit codes."""

from __future__ import annotations

import os
import time
from pathlib import Path

from shops import Shop, small_shop

DAY = 86400


def with_history(folder: Path) -> Shop:
    """A shop with three versions of each asset, that keeps one; all of it three days old."""
    shop = small_shop(folder)
    shop.edit("assetflow.toml", 'name = "small"', 'name = "small"\nretention = 0\nkeep_last = 1')
    rows = "".join(f"{n},2026-02-0{n % 9 + 1},{n * 7919 % 10007}\n" for n in range(4, 3000))
    with (shop.root / "data/orders.csv").open("a") as file:
        file.write(rows)
    for number in range(3):
        shop.write(
            "data/orders.csv", (shop.root / "data/orders.csv").read_text() + f"{9000 + number},2026-03-01,5\n"
        )
        assert shop.materialize().code == 0
    make_old(shop, 3)
    return shop


def make_old(shop: Shop, days: float) -> None:
    moment = time.time() - days * DAY
    for file in (shop.root / ".assetflow/store").rglob("*"):
        os.utime(file, (moment, moment))


def objects(shop: Shop) -> list[Path]:
    return list((shop.root / ".assetflow/store/objects").rglob("*.*"))


def test_a_store_is_made_small_proved_sound_and_parts_of_it_are_forgotten(tmp_path: Path) -> None:
    shop = with_history(tmp_path)
    stored = objects(shop)
    young = shop.run("gc")
    assert (young.code, young.out.strip()) == (0, "nothing to forget, nothing to delete")

    said = shop.run("gc", "--grace", "0s", "--json")
    assert said.json["dry_run"] is True
    assert said.json["objects"] > 0
    words = shop.run("gc", "--grace", "0s").out
    assert "orders " in words
    assert "would be forgotten" in words
    assert objects(shop) == stored
    assert shop.run("gc", "--yes", "--grace", "0s", check=True).out.count("forgotten") >= 1
    old = shop.run("history", "orders", "--json").json["versions"][-1]["version"]
    assert "was dev, forgotten" in shop.run("history", "orders").out
    refused = shop.run("get", f"orders@{old}", "-o", "old.csv")
    assert refused.code == 2
    assert "were forgotten at" in refused.err
    assert "by `assetflow gc`" in refused.err
    shown = shop.run("show", f"orders@{old}")
    assert shown.code == 2
    assert "data forgotten" in shown.out
    assert shop.run("show", f"orders@{old}", "--json").json["forgotten"]["reason"] == "gc"
    make_old(shop, 3)
    assert shop.run("gc", "--yes", "--json").json["deleted"] == said.json["objects"]
    assert len(objects(shop)) == len(stored) - said.json["objects"]

    verified = shop.run("verify")
    assert verified.code == 0
    assert "sound: " in verified.out
    assert shop.run("verify", "orders+", "--json").json["sound"] is True
    shop.write("data/orders.csv", (shop.root / "data/orders.csv").read_text() + "9100,2026-03-01,5\n")
    shop.materialize()
    for reference, words in [("orders", "names no version"), ("orders@HEAD", "dev publishes orders")]:
        refused = shop.run("forget", reference)
        assert refused.code == 2
        assert words in refused.err
    would = shop.run("forget", "orders@HEAD~1", "--dry-run", check=True).out
    assert "would be forgotten: " in would
    erased = shop.run("forget", "orders@HEAD~1")
    assert erased.code == 0, erased
    assert "is forgotten: " in erased.out
    assert shop.run("verify", check=True).code == 0
    assert shop.run("history", "orders", check=True).out.count("\n") > 3


def test_damage_is_found_told_and_mended(tmp_path: Path) -> None:
    shop = small_shop(tmp_path)
    with (shop.root / "data/orders.csv").open("a") as file:
        file.write("".join(f"{n},2026-02-01,{n * 7919 % 10007}\n" for n in range(4, 3000)))
    assert shop.materialize().code == 0
    part = max(
        (file for file in objects(shop) if file.suffix == ".parquet"), key=lambda file: file.stat().st_size
    )
    data = bytearray(part.read_bytes())
    data[100] ^= 1
    part.write_bytes(data)

    found = shop.run("verify")
    assert found.code == 1
    assert "orders version" in found.out
    assert "1 problem" in found.out
    assert shop.run("verify", "--repair").code == 1
    assert shop.run("materialize", "orders").code == 0
    assert shop.run("verify").code == 0
    assert shop.run("verify", "--head", "nothing").code == 2
    assert shop.run("verify", "--head", "0" * 64).code == 1
