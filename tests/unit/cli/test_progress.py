"""Progress, told as it goes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from console import Screen

from assetflow.cli.progress.event_lines import EventLines
from assetflow.cli.progress.lines import Lines
from assetflow.cli.progress.live import Live, Picture, picture_lines
from assetflow.cli.terminal import Terminal
from assetflow.execution.events import ItemDone, RunBegan, RunEnded, TaskBegan, TaskRetried
from assetflow.model.states import RunState, RunStatus

EVENTS = [
    RunBegan("run-1", "dev", 4, {"sales": 4.0}, ("sales", "bad", "below")),
    ItemDone("orders", RunState.FRESH, 0.0, 9, ""),
    TaskBegan("sales", "build"),
    TaskRetried("sales", 1, "TimeoutError: [slow]", 2.5),
    ItemDone("sales", RunState.BUILT, 3.25, 69_659, ""),
    ItemDone("bad", RunState.FAILED, 0.5, None, "ValueError: x\nmore"),
    RunEnded("run-1", RunStatus.FAILED, {"built": 1}, 4.0),
]


def told(listener_of, events=EVENTS) -> list[str]:
    screen = Screen()
    listener = listener_of(Terminal(Screen(), screen, {}))
    for event in events:
        listener(event)
    return screen.text.splitlines()


def test_off_a_terminal_each_change_of_state_is_a_line():
    lines = told(Lines)
    assert [" ".join(line.split()) for line in lines] == [
        "run run-1 in dev",
        "[1/4] build sales",
        "[1/4] retry sales attempt 1 failed, again in 2.5 s: TimeoutError: [slow]",
        "[2/4] built sales 69,659 rows 3.2 s",
        "[3/4] failed bad 0.5 s ValueError: x",
    ]
    assert lines[1].index("sales") == lines[3].index("sales")


def test_verbose_lines_tell_of_what_is_fresh_too():
    assert any("fresh" in line for line in told(lambda terminal: Lines(terminal, verbose=True)))


def test_programs_get_every_event_as_json():
    now = datetime(2026, 11, 23, tzinfo=UTC)
    events = [json.loads(line) for line in told(lambda terminal: EventLines(terminal, lambda: now))]
    assert [event["event"] for event in events] == [
        "run_began", "item_done", "task_began", "task_retried", "item_done", "item_done", "run_ended",
    ]  # fmt: skip
    assert events[4] == {
        "event": "item_done", "time": "2026-11-23T00:00:00+00:00",
        "key": "sales", "state": "built", "seconds": 3.25, "rows": 69659, "message": "",
    }  # fmt: skip


def picture_after(*events, seconds: float = 1.0) -> tuple[Picture, list[str]]:
    now = [0.0]
    picture = Picture(lambda: now[0], 0.0)
    for event in events:
        picture.take(event)
    now[0] = seconds
    return picture, [str(line) for line in picture_lines(picture, 30)]


def test_a_run_of_a_moment_draws_nothing():
    assert picture_after(*EVENTS[:3], seconds=0.1)[1] == []


def test_before_the_run_begins_it_is_said_to_be_planned():
    assert picture_after()[1] == ["planning ..."]


def test_what_runs_is_drawn_with_its_time_and_what_is_expected():
    lines = picture_after(*EVENTS[:3])[1]
    assert [" ".join(line.split()) for line in lines] == [
        "> building sales 1.0 s of ~4.0 s",
        "1 of 4 done, 2 waiting: bad, below",
    ]


def test_the_time_left_is_told_when_earlier_runs_tell_of_most_of_it():
    expected = {"a": 4.0, "b": 8.0, "c": 2.0}
    began = RunBegan("run", "dev", 3, expected, tuple(expected))
    picture, lines = picture_after(began, TaskBegan("a", "build"), TaskBegan("b", "build"), seconds=2.0)
    assert picture.seconds_left() == pytest.approx(6.0)  # b alone takes so long; all of it on two workers 5.0
    assert lines[-1] == "0 of 3 done, about 6.0 s left, 1 waiting: c"


def test_many_running_assets_do_not_fill_the_screen():
    many = [TaskBegan(f"asset_{number}", "build") for number in range(40)]
    lines = picture_after(RunBegan("run", "dev", 40, {}), *many)[1]
    assert len(lines) == 14
    assert "and 28 more" in lines[12]


def test_on_a_terminal_what_is_done_stays_and_the_picture_goes():
    screen = Screen(watched=True)
    terminal = Terminal(Screen(), screen, {"TERM": "xterm", "COLUMNS": "80", "NO_COLOR": "1"})
    with Live(terminal.talking) as live:
        for event in EVENTS:
            live(event)
        live.interrupted()
    stayed = [line for line in screen.text.splitlines() if "sales" in line or "bad" in line]
    assert any("built" in line and "69,659 rows" in line for line in stayed)
    assert any("failed" in line and "ValueError: x" in line for line in stayed)
    assert not any("orders" in line for line in stayed)
