"""The picture of a run on a terminal: whatever is drawn and by whom, no finished line is lost."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from console import Screen

from assetflow.cli.progress import live as live_module
from assetflow.cli.progress.live import Live
from assetflow.cli.terminal import Terminal
from assetflow.execution.events import ItemDone, RunBegan, TaskBegan, TaskRetried
from assetflow.model.states import RunState

_TOKEN = re.compile(r"\x1b\[(?P<number>\??\d*)(?P<command>[A-Za-z])|(?P<plain>[\r\n]|[^\x1b\r\n]+)")


def lines_left(written: str, height: int) -> list[str]:
    """Return what a terminal of ``height`` lines shows in the end, with all that it has scrolled away."""
    lines, row, column = [""], 0, 0
    for token in _TOKEN.finditer(written):
        match token["command"], token["plain"]:
            case "A", _:
                row = max(
                    row - int(token["number"] or 1), len(lines) - height, 0
                )  # no higher than the screen
            case "K", _:
                lines[row] = ""
            case _, "\r":
                column = 0
            case _, "\n":
                row, column = row + 1, 0
                lines += [""] * (row + 1 - len(lines))
            case _, str(text):
                lines[row] = lines[row][:column].ljust(column) + text + lines[row][column + len(text) :]
                column += len(text)
    return lines


def drawn_by(work, *, height: int, columns: int = 60) -> list[str]:
    """Return what a terminal shows after ``work`` was done with a picture on it."""
    screen = Screen(watched=True)
    environ = {"TERM": "xterm", "COLUMNS": str(columns), "LINES": str(height), "NO_COLOR": "1"}
    with Live(Terminal(Screen(), screen, environ).talking) as live:
        work(live)
    return lines_left(screen.text, height)


def built(key: str) -> ItemDone:
    return ItemDone(key, RunState.BUILT, 1.0, 1, "")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Draw from the first moment, and without a pause; threads take turns as often as they can."""
    monkeypatch.setattr(live_module, "_PATIENCE", 0.0)
    monkeypatch.setattr(live_module, "REFRESHES_PER_SECOND", 100_000)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_no_finished_line_is_lost_while_threads_tell_and_the_picture_is_redrawn():
    keys = [f"asset_{number:03}" for number in range(160)]

    def work_of(live: Live, own: list[str]) -> None:
        for key in own:
            live(TaskBegan(key, "build"))
            live(TaskRetried(key, 1, "ValueError: x", 0.1))
            live(built(key))

    def work(live: Live) -> None:
        live(RunBegan("run", "dev", len(keys), {}, tuple(keys)))
        threads = [threading.Thread(target=work_of, args=(live, keys[start::4])) for start in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    lines = drawn_by(work, height=30)
    assert sorted(re.findall(r"\+ built +(\w+)", "\n".join(lines))) == keys
    assert sorted(re.findall(r"! retry +(\w+)", "\n".join(lines))) == keys


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("height", [3, 5, 9, 14])
def test_on_a_low_screen_the_picture_stays_low_enough_to_be_redrawn(height):
    keys = [f"asset_{number:03}" for number in range(20)]

    def work(live: Live) -> None:
        live(RunBegan("run", "dev", len(keys), {}, tuple(keys)))
        for key in keys:
            live(TaskBegan(key, "build"))
        for key in keys:
            live(built(key))

    lines = drawn_by(work, height=height)
    assert [line for line in lines if line] == [line for line in lines if "+ built" in line]
    assert re.findall(r"\+ built +(\w+)", "\n".join(lines)) == keys


@pytest.mark.usefixtures("hasty")
def test_each_running_asset_takes_one_line_however_narrow_the_screen():
    screen = Screen(watched=True)
    environ = {"TERM": "xterm", "COLUMNS": "40", "LINES": "20", "NO_COLOR": "1"}
    with Live(Terminal(Screen(), screen, environ).talking) as live:
        live(RunBegan("run", "dev", 2, {"a_long_key_of_an_asset": 5.0}, ("a_long_key_of_an_asset", "b")))
        live(TaskBegan("a_long_key_of_an_asset", "build"))
        live(built("b"))  # draws the picture below its line, at once
        shown = [line for line in lines_left(screen.text, 20) if line]
    assert len(shown) == 3
    assert shown[1].startswith("> building   a_long_key_of_an_asset")
    assert all(len(line) <= 40 for line in shown)


@pytest.mark.usefixtures("hasty")
def test_what_is_counted_as_done_stands_above_the_picture():
    screen = Screen(watched=True)
    environ = {"TERM": "xterm", "COLUMNS": "60", "LINES": "30", "NO_COLOR": "1"}
    keys = [f"asset_{number:02}" for number in range(40)]
    with Live(Terminal(Screen(), screen, environ).talking) as live:
        live(RunBegan("run", "dev", len(keys), {}, tuple(keys)))
        for key in keys:
            live(built(key))
            time.sleep(0.002)
    pictures = re.split(r"(?<=done)", re.sub(r"\x1b\[[^A-Za-z]*[A-Za-z]", "", screen.text))
    finished = 0
    for picture in pictures[:-1]:
        finished += picture.count("+ built")
        assert int(re.findall(r"(\d+) of 40 done$", picture)[0]) == finished
