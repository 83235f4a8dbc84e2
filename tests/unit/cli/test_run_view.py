"""The end of a run: the first cause on top, the counts last."""

from __future__ import annotations

from datetime import UTC, datetime

from console import Screen

import assetflow as af
from assetflow.cli.terminal import Terminal
from assetflow.cli.troubles import Evidence, Trouble
from assetflow.cli.views.cells import Cells
from assetflow.cli.views.run import IN_FULL, MOST_EVIDENCE, run_view
from assetflow.errors import DataError
from assetflow.execution.run import Run, RunItem
from assetflow.model.states import RunState, RunStatus
from assetflow.model.verdicts import Verdict
from assetflow.partitions.members import Members
from assetflow.partitions.ranges import Ranges
from assetflow.partitions.scheme import Moment

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def drawn(items: list[RunItem], troubles: list[Trouble], warned=()) -> list[str]:
    run = Run("run-1", "dev", RunStatus.FAILED, tuple(items), 3.14, committed=True)
    terminal = Terminal(Screen(), Screen(), {})
    terminal.show(run_view(run, troubles, warned, 80))
    return [" ".join(line.split()) for line in terminal.out.text.splitlines()]


def failed(key: str, error: Exception, **more) -> Trouble:
    item = RunItem(key, RunState.FAILED, error=error, fails=True, log="abc.log")
    return Trouble(item, hint=getattr(error, "hint", None), **more)


def rejected(key: str, verdicts: list[Verdict], **more) -> Trouble:
    item = RunItem(key, RunState.REJECTED, version="v" * 32, message="failed x", fails=True)
    return Trouble(item, evidence=tuple(Evidence(verdict, None) for verdict in verdicts), **more)


def verdict(name: str, **more) -> Verdict:
    return Verdict(name=name, severity="error", passed=False, **more)


def test_a_failure_has_its_attempts_inputs_what_it_stops_and_its_log():
    trouble = failed(
        "a", ValueError("no"), attempts=3, inputs=(("raw", "1" * 32),), below=("b", "c"), published="2" * 32
    )
    skipped = [RunItem(key, RunState.SKIPPED, message="a failed", fails=True) for key in "bc"]
    assert drawn([trouble.item, *skipped], [trouble]) == [
        "a failed after 3 attempts: ValueError: no",
        "inputs raw@111111111111",
        "skipped b, c",
        "readers keep version 222222222222",
        "log assetflow logs a --run run-1",
        "",
        "1 failed, 2 skipped in 3.1 s",
    ]


def test_of_partitions_the_failure_is_as_short_as_of_any_asset_and_its_commands_name_it():
    read = tuple((f"plain|2025-{number}", "1" * 32) for number in range(500))
    below = ("latest", "log", *["weekly"] * 12)
    one = RunItem("a", RunState.FAILED, error=ValueError("no"), fails=True, log="x.log", partition="de|at")
    trouble = Trouble(one, inputs=(*read, ("raw|2025-1", "2" * 32)), below=below, published="2" * 32)
    assert drawn([one], [trouble])[:5] == [
        "a de|at failed: ValueError: no",
        "inputs plain (500 partitions), raw 2025-1@222222222222",
        "skipped latest, log, weekly (12)",
        "readers keep version 222222222222",
        "log assetflow logs a -p 'de|at' --run run-1",
    ]


def test_a_partition_that_is_rejected_is_run_again_alone_and_so_are_those_that_stand_rejected():
    one = RunItem("a", RunState.REJECTED, fails=True, partition="de")
    keys = af.static(["at", "de", "fr"]).at(Moment(NOW))
    several = RunItem("a", RunState.REJECTED, fails=True, count=2, alike=Members(Ranges.of_span(0, 2), keys))
    for item, named in ((one, "a -p de"), (several, "a -p at..de")):
        lines = drawn([item], [Trouble(item)])
        assert lines[-3].endswith(f"or run it again: assetflow materialize {named} --force")
    assert not any("readers" in line for line in lines)


def test_hundreds_of_troubles_skips_and_warnings_fit_a_screen():
    def many(state: RunState) -> list[RunItem]:
        return [RunItem("a", state, fails=True, partition=f"{state.value}-{n}") for n in range(500)]

    failed, skipped = many(RunState.FAILED), many(RunState.SKIPPED)
    warned = Evidence(Verdict(name="gt(0)", severity="warn", passed=False), None)
    lines = drawn([*failed, *skipped], [Trouble(item) for item in failed], [("sales", warned)] * 500)
    assert len(lines) < 60
    assert "and 485 more" in lines
    assert lines.count("and 488 more") == 2
    assert "`assetflow runs run-1` tells of each where it failed, and its log" in lines


def test_an_error_of_assetflow_has_its_hint_and_no_class():
    lines = drawn([], [failed("a", DataError("no table", hint="return one"))])
    assert lines[:2] == ["a failed: no table", "hint return one"]


def test_a_message_as_long_as_a_table_is_cut():
    lines = drawn([], [failed("a", ValueError("\n".join(map(str, range(1000)))))])
    assert lines[0] == "a failed: ValueError: 0"
    assert "..." in lines
    assert len(lines) < 30


def test_what_was_published_before_its_check_is_kept_and_said_so():
    trouble = rejected("a", [verdict("unique(id)", message="2 of 9 rows")], published="v" * 32)
    lines = drawn([trouble.item], [trouble])
    assert lines[:2] == ["a rejected", "x unique(id): 2 of 9 rows"]
    assert "readers keep this version: it was published before this check" in lines
    assert any("assetflow materialize a --force" in line for line in lines)


def test_many_verdicts_are_counted():
    trouble = rejected("a", [verdict(f"check_{number}") for number in range(MOST_EVIDENCE + 3)])
    lines = drawn([], [trouble])
    assert sum(line.startswith("x check_") for line in lines) == MOST_EVIDENCE
    assert "and 3 verdicts more" in lines


def test_failing_rows_are_shown_and_the_rest_counted():
    rows = Cells(("amount",), (True,), (("-5.00",),), 1)
    found = Evidence(verdict("range", column="amount", failing_rows=1_200), rows)
    trouble = Trouble(RunItem("a", RunState.REJECTED, fails=True), evidence=(found,))
    assert drawn([], [trouble])[1:5] == ["x range on amount", "amount", "------", "-5.00"]
    assert drawn([], [trouble])[5] == "1,199 more"


def test_later_troubles_are_a_line_each():
    troubles = [failed(f"asset_{number}", ValueError("no")) for number in range(IN_FULL + 2)]
    short = [line for line in drawn([], troubles) if line.startswith("asset_")]
    assert short[IN_FULL:] == [f"asset_{IN_FULL} failed", f"asset_{IN_FULL + 1} failed"]


def test_of_later_troubles_the_first_line_is_told():
    item = RunItem("a", RunState.FAILED, message="no column x\nSELECT x\n       ^", fails=True)
    assert "a failed: no column x" in drawn([item], [Trouble(item)] * (IN_FULL + 1))[-4:]


def test_a_loser_says_to_whom():
    item = RunItem("a", RunState.SUPERSEDED, message="run x published first", fails=True)
    assert drawn([item], [Trouble(item, published="1" * 32)])[0] == "a superseded: run x published first"


def test_an_asset_skipped_for_no_cause_shown_says_why():
    item = RunItem("a", RunState.SKIPPED, message="raw has no version; select +a", fails=True)
    assert drawn([item], []) == ["a skipped: raw has no version; select +a", "", "1 skipped in 3.1 s"]


def test_warnings_are_a_line_each():
    warned = Evidence(
        Verdict(name="gt(0)", column="amount", severity="warn", passed=False, message="80 rows"), None
    )
    assert drawn([], [], [("sales", warned)])[0] == "! warning sales: gt(0) on amount: 80 rows"


def test_counts_stand_in_one_order_whatever_happened_first():
    states = [
        RunState.SKIPPED,
        RunState.FAILED,
        RunState.FRESH,
        RunState.REUSED,
        RunState.BUILT,
        RunState.BUILT,
    ]
    items = [RunItem(str(number), state) for number, state in enumerate(states)]
    assert drawn(items, [])[-1] == "2 built, 1 reused, 1 fresh, 1 failed, 1 skipped in 3.1 s"


def test_what_is_held_back_is_told_with_its_reason_and_not_without_end():
    items = [RunItem(f"a{number}", RunState.HELD, message="pinned at 1234") for number in range(20)]
    lines = drawn(items, [])
    assert lines[0] == "a0 held: pinned at 1234"
    assert lines[-3:] == ["and 8 more; `assetflow status state:held` lists them", "", "20 held in 3.1 s"]


def test_what_is_held_back_is_named_with_the_reason_and_counted():
    cause = failed("b", ValueError("no"))
    held = [RunItem(key, RunState.BUILT, message="held back: b failed", held_back=True) for key in ("a", "c")]
    lines = drawn([*held, cause.item], [cause])
    assert [line for line in lines if line][-2:] == [
        "| not published a, c: held back: b failed; on record, and reused next time",
        "2 built, 1 failed in 3.1 s; 2 not published",
    ]
