"""Everything that is wrong with a project's declarations is told at once, with file and line."""

from __future__ import annotations

from pathlib import Path

from shops import Shop

BAD = """import socket

import assetflow as af

connection = socket.socket()


@af.asset
def sales(ordres: list) -> list:
    return ordres


@af.asset
def orders() -> list:
    return [1]


@af.asset(key="a b")
def spaced() -> int:
    return 1


@af.asset
def one(two: int) -> int:
    return two


@af.asset
def two(one: int) -> int:
    return one


@af.asset(key="orders")
def again() -> int:
    return 1


@af.asset
def captures() -> int:
    return connection.fileno()


@af.asset
def takes(*anything) -> int:
    return 1
"""


def test_all_of_them_at_once(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", 'name = "bad"\nmodules = ["bad"]\n')
    shop.write("bad.py", BAD)
    said = shop.run("plan")
    assert said.code == 2
    for place, words in (
        ("bad.py:9", "did you mean 'orders'"),
        ("bad.py:18", "'a b' is not a key"),
        ("bad.py:23", "one -> two -> one"),
        ("bad.py:33", "its key is taken"),
        ("bad.py:5", "connection"),
        ("bad.py:43", "*anything"),
    ):
        assert words in said.err, words
        line = int(place.split(":")[1])
        assert any(f"bad.py:{near}" in said.err for near in (line - 1, line, line + 1)), place
    assert "Traceback" not in said.err


def test_an_error_in_a_module_shows_the_persons_own_lines(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", 'name = "bad"\nmodules = ["bad"]\n')
    shop.write("bad.py", "import assetflow as af\n\nnumber = 1 // 0\n")
    said = shop.run("plan")
    assert said.code == 2
    assert "bad.py" in said.err
    assert "1 // 0" in said.err
    assert "importlib" not in said.err


def test_a_wrong_config_is_told_by_its_name(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", 'name = "good"\nmodules = ["good"]\n')
    shop.write(
        "good.py",
        "import assetflow as af\nfrom pydantic import BaseModel\n\n\nclass Window(BaseModel):\n    days: int = 1\n\n\n"
        "@af.asset\ndef window(config: Window) -> int:\n    return config.days\n",
    )
    for given, words in (("window.dyas=2", "did you mean 'days'"), ("window.days=many", "window.days")):
        said = shop.run("plan", "--config", given)
        assert said.code == 2
        assert words in said.err
        assert "--config" in said.err
