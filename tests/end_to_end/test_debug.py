"""`assetflow debug`, in a terminal of its own, as a person meets it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from pathlib import Path

import pytest
from shops import COMMAND, Shop, environment

import assetflow as af
from assetflow.errors import UnknownNameError

MODULE = """import assetflow as af
import pyarrow as pa

orders = af.source("orders", "orders.csv")

def divided(total: int, by: int) -> float:
    return total / by

@af.asset
def mean(orders: pa.Table) -> float:
    total = sum(orders["amount"].to_pylist())
    return divided(total, orders["by"][0].as_py())

totals = af.sql("totals", "SELECT sum(amount) AS total FROM orders")
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", 'name = "shop"\nmodules = ["shop"]\n')
    shop.write("shop.py", MODULE)
    shop.write("orders.csv", "amount,by\n10,0\n20,0\n")
    return shop


class Screen:
    """A command in a terminal: what it showed, and what is typed."""

    def __init__(self, shop: Shop, *arguments: str, env: dict[str, str] | None = None) -> None:
        self._side, other = pty.openpty()
        self._process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=shop.root,
            env={**environment(env), "TERM": "dumb"},
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
        )
        os.close(other)
        self.shown = ""

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + 120
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            if not self._read():
                break
        assert text in self.shown, self.shown

    def type(self, line: str) -> None:
        self.shown = ""
        os.write(self._side, f"{line}\n".encode())

    def end(self) -> int:
        while self._read():
            pass
        os.close(self._side)
        return self._process.wait(60)

    def _read(self) -> bool:
        if not select.select([self._side], [], [], 1.0)[0]:
            return self._process.poll() is None
        try:
            chunk = os.read(self._side, 4096)
        except OSError:  # its other end was closed
            return False
        self.shown += chunk.decode(errors="replace").replace("\r", "")
        return bool(chunk)


def test_it_stops_at_the_raising_line_with_the_inputs_of_the_failed_run(shop: Shop) -> None:
    assert shop.materialize().code == 1
    commits = shop.run("sql", "select count(*) from commits").out
    shop.write("orders.csv", "amount,by\n1000,1\n")
    shop.edit("shop.py", "return total / by", "return (total + 0) / by")

    screen = Screen(shop, "debug", "mean")
    screen.wait_for("(Pdb) ")
    assert "mean failed in run " in screen.shown
    assert "ZeroDivisionError: division by zero" in screen.shown
    assert "since then: code changed (helper divided in shop.py)" in screen.shown
    assert "-> return (total + 0) / by" in screen.shown
    screen.type("print(total + 1000, by)")
    screen.wait_for("1030 0")
    screen.type("up")
    screen.wait_for("(Pdb) ")
    screen.type("print(orders['amount'].to_pylist())")
    screen.wait_for("[10, 20]")
    screen.type("q")

    assert screen.end() == 1
    assert "mean raised ZeroDivisionError" in screen.shown
    assert shop.run("sql", "select count(*) from commits").out == commits


def test_what_does_not_raise_is_shown_and_not_published(shop: Shop) -> None:
    shop.write("orders.csv", "amount,by\n10,4\n")
    shop.materialize("orders")

    screen = Screen(shop, "debug", "mean")
    assert screen.end() == 0
    assert "mean has not failed here; it is called with what it would read now" in screen.shown
    assert "nothing was raised: mean gave the value 2.5" in screen.shown
    assert shop.run("plan", "mean", "--json").states["mean"] == "build"


def test_another_debugger_is_opened_where_breakpoint_would_open_it(shop: Shop) -> None:
    shop.materialize()
    shop.write("mine.py", "def set_trace(): ...\ndef post_mortem(trace): print('mine at', trace.tb_lineno)\n")

    screen = Screen(shop, "debug", "mean", env={"PYTHONBREAKPOINT": "mine.set_trace"})
    assert screen.end() == 1
    assert "mine at 12" in screen.shown


def test_of_an_effect_it_is_said_that_it_does_what_it_does(shop: Shop) -> None:
    shop.write("shop.py", "import assetflow as af\n@af.asset\ndef send() -> None:\n    print('sent')\n")
    screen = Screen(shop, "debug", "send")

    assert screen.end() == 0
    assert "it is an effect: what it does elsewhere, it does now" in screen.shown
    assert "nothing was raised: send gave nothing" in screen.shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mean"], "a debugger needs a terminal"),
        (["mean", "--json"], "a debugger needs a terminal"),
    ],
)
def test_without_a_terminal_it_says_what_else_there_is(shop: Shop, arguments: list[str], words: str) -> None:
    said = shop.run("debug", *arguments)

    assert said.code == 2
    assert words in said.out + said.err


def test_in_python_what_was_raised_is_told_while_the_inputs_are_there() -> None:
    @af.asset
    def number() -> int:
        return 3

    @af.asset
    def broken(number: int) -> int:
        return number // 0

    totals = af.sql("totals", "SELECT 1 AS n")
    project = af.Project(assets=[number, broken, totals], store="memory://")
    assert isinstance(project.debug("number").output, str)
    project.materialize()
    heard: list[BaseException] = []
    made = project.debug("broken", raised=heard.append)

    assert heard == [made.raised]
    assert isinstance(made.raised, ZeroDivisionError)
    assert [(item.parameter, item.as_failed) for item in made.rehearsal.inputs] == [("number", True)]
    with pytest.raises(UnknownNameError, match="no run"):
        project.debug("broken", "nothing")
    with pytest.raises(UnknownNameError, match="did not fail in run"):
        project.debug("number", made.rehearsal.run)
    with pytest.raises(af.UsageError, match="totals is made by a query"):
        project.debug("totals")


def test_a_function_has_the_partition_and_the_version_before_that_a_run_gives_it() -> None:
    @af.asset(partitions=af.static(["eu", "asia"]))
    def length(context: af.Context) -> int:
        assert context.partition is not None
        return len(context.partition.key)

    @af.asset
    def counted(context: af.Context) -> int:
        return (context.previous or 0) + 1

    project = af.Project(assets=[length, counted], store="memory://")
    assert project.debug("counted").output == "the value 1"
    project.materialize()

    assert project.debug("counted").output == "the value 2"
    assert project.debug("length|asia").output == "the value 4"


def test_a_check_that_raised_is_called_with_the_version_that_it_judged() -> None:
    @af.asset
    def limit() -> int:
        return 5

    @af.asset
    def number() -> int:
        return 1

    @af.check(number)
    def below(number: int, limit: int) -> bool:
        raise OSError(f"{number} {limit}")

    @af.asset(checks=[af.unique("id")])
    def word() -> str:
        return "no table"

    project = af.Project(assets=[limit, number, below, word], store="memory://")
    project.materialize()
    made = project.debug("number")
    assert made.rehearsal.check == "below"
    assert str(made.raised) == "1 5"
    assert [(item.parameter, item.as_failed) for item in made.rehearsal.inputs] == [
        ("number", True),
        ("limit", True),
    ]
    with pytest.raises(af.UsageError, match="no function to debug"):
        project.debug("word")
