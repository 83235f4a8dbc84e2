"""What docs/schedules.md has one write and type works as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from console import said_in
from shops import ROOT, Shop

PAGE = (ROOT / "docs" / "schedules.md").read_text()
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CALL = re.compile(r'assetflow"?,? "?tick[^\n\]#]*')
SETTINGS = 'name = "shop"\nmodules = ["shop"]\n\n[environments.dev]\n\n[environments.prod]\n'


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    modules = [text for language, text in BLOCK.findall(PAGE) if language == "python"]
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", SETTINGS)
    shop.write("shop.py", modules[0].replace("15m", "3650d"))  # no tick comes between two commands
    shop.write("session.py", modules[1])
    return shop


def typed() -> list[str]:
    return [
        line.removeprefix("$ ")
        for language, text in BLOCK.findall(PAGE)
        if language == "console"
        for line in text.splitlines()
    ]


def test_what_is_typed_does_what_the_page_says(shop: Shop) -> None:
    told = []
    for text in typed():
        if text.startswith("assetflow "):
            said = said_in(shop.root, *shlex.split(text)[1:])
            assert said.code == 0, (text, said)
            told.append(said.out)
        else:
            subprocess.run(["sh", "-ec", text], cwd=shop.root, check=True)
    first, silent, asked, second, *_ = told
    assert "5 built" in first
    assert silent == ""
    assert re.search(r"orders +probe in/orders/\*\.csv +probe answered differently", asked)
    assert "1 built" in second


def test_the_python_on_the_page_runs(shop: Shop) -> None:
    subprocess.run(["sh", "-ec", typed()[0]], cwd=shop.root, check=True)
    said = shop.python("session.py")
    assert said.code == 0, said.err
    assert "rates cron 0 6 * * * Europe/Berlin" in said.out


def test_every_way_to_call_a_tick_is_one(shop: Shop) -> None:
    calls = {
        re.sub(r'[",]', "", call) for call in CALL.findall("".join(text for _, text in BLOCK.findall(PAGE)))
    }
    calls = {call.strip() for call in calls if "--env" in call}
    assert len(calls) >= 3
    os.makedirs(shop.root / "in/orders")
    shop.write("in/prices.json", "{}")
    for call in calls:
        assert said_in(shop.root, *shlex.split(call)[1:]).code == 0, call
