"""The README's first example does what it says, as it stands there."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from shops import COMMAND, ROOT, Shop, environment

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(heading: str) -> list[tuple[str, str]]:
    """Return (language, text) of the code blocks below a heading of the README."""
    text = (ROOT / "README.md").read_text()
    section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return BLOCK.findall(section)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    (_, module), (_, settings), (_, commands), (_, session), *_ = blocks("A first example")
    shop = Shop(tmp_path)
    shop.write("shop.py", module)
    shop.write("assetflow.toml", settings)
    shop.write("commands.sh", commands)
    shop.write("session.py", session + "\nprint(len(frame))\n")
    return shop


def test_the_first_example_runs_from_top_to_bottom(shop: Shop) -> None:
    wrapper = shop.root / "bin/assetflow"
    shop.write("bin/assetflow", f'#!/bin/sh\nexec {COMMAND[0]} {COMMAND[1]} "{COMMAND[2]}" "$@"\n')
    wrapper.chmod(0o755)
    path = f"{wrapper.parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["sh", "-e", "commands.sh"],
        cwd=shop.root,
        env=environment({"PATH": path}),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert "3 built" in done.stdout + done.stderr
    assert "3 fresh" in done.stdout + done.stderr
    assert "32.5" in done.stdout


def test_the_function_that_makes_several_declares_them_below_the_first_example(shop: Shop) -> None:
    (_, module), *_, (_, several) = blocks("A first example")
    shop.write("shop.py", f"{module}\n\n{several}")
    listed = shop.run("list", "+train", "test", "--json", check=True).json["assets"]
    assert {row["key"] for row in listed} == {"orders", "sales", "train", "test"}


def test_the_python_session_runs(shop: Shop) -> None:
    shop.write("data/orders.csv", "order_id,day,amount\n1,2026-01-05,10.0\n2,2026-02-07,0.0\n")
    said = shop.python("session.py")
    assert said.code == 0, said.err
    assert said.out.split() == ["1"]


def test_every_setting_that_is_shown_is_one(tmp_path: Path) -> None:
    ((_, settings),) = blocks("Settings")
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", settings)
    shop.write("shop.py", blocks("A first example")[0][1])
    for env in ("dev", "prod"):
        said = shop.run_apart(
            "config",
            "--env",
            env,
            env={"SHOP_STORE": str(tmp_path / "prod"), "SHOP_HOOK": "https://example.com/"},
        )
        assert said.code == 0, said
        assert "smallest" in said.out


def test_every_command_that_is_named_exists(tmp_path: Path) -> None:
    named = set(
        re.findall(
            r"`(?:assetflow )?([a-z]+)`",
            "".join(line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("| `")),
        )
    )
    helped = Shop(tmp_path).run("--help").out
    assert {name for name in named if name not in helped} == set()


def test_all_that_can_be_installed_with_it_is_named() -> None:
    text = (ROOT / "README.md").read_text().split("pip install", 1)[1].split("\n\n", 1)[0]
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert [name for name in extras if f"`{name}`" not in text] == []
    assert re.findall(r"assetflow\[(.*?)\]", text)[0] in extras
