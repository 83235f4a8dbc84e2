"""A person looks after a store: gc, forget and verify on the command line, with their words and exit codes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from console import Said, said_in
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
        assert said_in(shop.root, "materialize").code == 0
    make_old(shop, 3)
    return shop


def make_old(shop: Shop, days: float) -> None:
    moment = time.time() - days * DAY
    for file in (shop.root / ".assetflow/store").rglob("*"):
        os.utime(file, (moment, moment))


def done(shop: Shop, *arguments: str) -> Said:
    """Run a command that must succeed."""
    said = said_in(shop.root, *arguments)
    assert said.code == 0, said
    return said


def objects(shop: Shop) -> list[Path]:
    return list((shop.root / ".assetflow/store/objects").rglob("*.*"))


def test_a_store_is_made_small_proved_sound_and_parts_of_it_are_forgotten(tmp_path: Path) -> None:
    shop = with_history(tmp_path)
    stored = objects(shop)
    young = said_in(shop.root, "gc")
    assert (young.code, young.out.strip()) == (0, "nothing to forget, nothing to delete")

    said = said_in(shop.root, "gc", "--grace", "0s", "--json")
    assert said.json["dry_run"] is True
    assert said.json["objects"] > 0
    words = said_in(shop.root, "gc", "--grace", "0s").out
    assert "orders " in words
    assert "would be forgotten" in words
    assert objects(shop) == stored
    assert done(shop, "gc", "--yes", "--grace", "0s").out.count("forgotten") >= 1
    old = said_in(shop.root, "history", "orders", "--json").json["versions"][-1]["version"]
    assert "was dev, forgotten" in said_in(shop.root, "history", "orders").out
    refused = said_in(shop.root, "get", f"orders@{old}", "-o", "old.csv")
    assert refused.code == 2
    assert "were forgotten at" in refused.err
    assert "by `assetflow gc`" in refused.err
    shown = said_in(shop.root, "show", f"orders@{old}")
    assert shown.code == 0
    assert "data forgotten" in shown.out
    assert said_in(shop.root, "show", f"orders@{old}", "--json").json["forgotten"]["reason"] == "gc"
    make_old(shop, 3)
    assert said_in(shop.root, "gc", "--yes", "--json").json["deleted"] == said.json["objects"]
    assert len(objects(shop)) == len(stored) - said.json["objects"]

    verified = said_in(shop.root, "verify")
    assert verified.code == 0
    assert "sound: " in verified.out
    assert said_in(shop.root, "verify", "orders+", "--json").json["sound"] is True
    shop.write("data/orders.csv", (shop.root / "data/orders.csv").read_text() + "9100,2026-03-01,5\n")
    done(shop, "materialize")
    for reference, words in [("orders", "names no version"), ("orders@HEAD", "dev publishes orders")]:
        refused = said_in(shop.root, "forget", reference)
        assert refused.code == 2
        assert words in refused.err
    would = done(shop, "forget", "orders@HEAD~1", "--dry-run").out
    assert "would be forgotten: " in would
    erased = said_in(shop.root, "forget", "orders@HEAD~1")
    assert erased.code == 0, erased
    assert "is forgotten: " in erased.out
    assert done(shop, "verify").code == 0
    assert done(shop, "history", "orders").out.count("\n") > 3


@pytest.mark.parametrize(
    ("command", "hint"),
    [("gc", "`assetflow gc --yes --env prod`"), ("plan", "`assetflow materialize --env prod`")],
)
def test_what_may_be_typed_next_is_of_the_environment_that_was_typed(
    tmp_path: Path, command: str, hint: str
) -> None:
    shop = small_shop(tmp_path)
    shop.edit("assetflow.toml", "]\n", ']\ndefault = "dev"\n[environments.dev]\n[environments.prod]\n')
    assert hint in said_in(shop.root, command, "--env", "prod", watched=True, columns=200).err
    assert hint.replace(" --env prod", "") in said_in(shop.root, command, watched=True, columns=200).err


def test_damage_is_found_told_and_mended(tmp_path: Path) -> None:
    shop = small_shop(tmp_path)
    with (shop.root / "data/orders.csv").open("a") as file:
        file.write("".join(f"{n},2026-02-01,{n * 7919 % 10007}\n" for n in range(4, 3000)))
    done(shop, "materialize")
    part = max(
        (file for file in objects(shop) if file.suffix == ".parquet"), key=lambda file: file.stat().st_size
    )
    data = bytearray(part.read_bytes())
    data[100] ^= 1
    part.write_bytes(data)

    found = said_in(shop.root, "verify")
    assert found.code == 1
    assert "orders version" in found.out
    assert "1 problem" in found.out
    assert said_in(shop.root, "verify", "--repair").code == 1
    assert said_in(shop.root, "materialize", "orders").code == 0
    assert said_in(shop.root, "verify").code == 0
    assert said_in(shop.root, "verify", "--head", "nothing").code == 2
    assert said_in(shop.root, "verify", "--head", "0" * 64).code == 1
