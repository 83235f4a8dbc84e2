"""Subjects take turns in fresh folders, and what came to a wrong result is refused."""

from __future__ import annotations

from pathlib import Path

from benchmarks.command import Command, Measured
from benchmarks.machine import Noise
from benchmarks.turns import take_turns
from benchmarks.workloads.workload import Step, Workload, WrongResultError


def measured(exit_code: int = 0, err: str = "") -> Measured:
    return Measured(exit_code, wall=1.0, cpu=1.0, peak=1, tree=1, others=0.0, out="", err=err)


def workload(*steps: Step, most_rounds: int | None = None) -> Workload:
    return Workload("W0", "nothing", "", "plain", lambda _folder, _number: steps, most_rounds=most_rounds)


def step(name: str, subject: str, folder: Path, **more) -> Step:
    return Step(name, subject, Command((f"{name} {subject}",), folder), **more)


def turns(workload: Workload, scratch: Path, repeat: int = 1, outcome=None):
    commands = []

    def measuring(command: Command) -> Measured:
        commands.append(command.argv[0])
        return outcome(command) if outcome else measured()

    samples = take_turns(workload, scratch, repeat, Noise(), lambda _said: None, measuring)
    return samples, commands


def test_each_round_runs_all_steps_in_the_order_given(tmp_path):
    steps = [step(name, subject, tmp_path) for name in ("cold", "again") for subject in ("ours", "plain")]

    samples, commands = turns(workload(*steps), tmp_path, repeat=2)

    assert commands == ["cold ours", "cold plain", "again ours", "again plain"] * 2
    assert samples.numbers("again", "plain", "wall") == [1.0, 1.0]


def test_a_wrong_result_is_refused_with_its_reason_and_ends_the_subjects_round(tmp_path):
    def wrong(_measured):
        raise WrongResultError("the sum is 3, it must be 4")

    steps = [
        step("cold", "ours", tmp_path, verify=wrong),
        step("cold", "plain", tmp_path),
        step("again", "ours", tmp_path),
    ]

    samples, commands = turns(workload(*steps), tmp_path)

    assert commands == ["cold ours", "cold plain"]
    assert samples.numbers("cold", "ours", "wall") == []
    assert samples.reason("cold", "ours") == "the sum is 3, it must be 4"


def test_a_process_that_fails_is_refused_with_what_it_said(tmp_path):
    samples, _ = turns(
        workload(step("cold", "ours", tmp_path)), tmp_path, outcome=lambda _command: measured(3, "no disk")
    )

    assert samples.reason("cold", "ours") == "exit code 3: no disk"


def test_a_workload_bounds_its_rounds(tmp_path):
    _, commands = turns(workload(step("cold", "ours", tmp_path), most_rounds=1), tmp_path, repeat=5)

    assert len(commands) == 1


def test_a_subject_that_is_absent_is_told_with_the_reason_and_not_run(tmp_path):
    steps = [step("cold", "theirs", tmp_path), step("cold", "plain", tmp_path)]
    commands = []

    def measuring(command: Command) -> Measured:
        commands.append(command.argv[0])
        return measured()

    absent = {"theirs": "it cannot be installed"}
    samples = take_turns(workload(*steps), tmp_path, 2, Noise(), lambda _said: None, measuring, absent)

    assert commands == ["cold plain"] * 2
    assert samples.reason("installing", "theirs") == "it cannot be installed"


def test_what_cannot_be_prepared_is_told(tmp_path):
    def steps(_folder, _number):
        yield step("cold", "plain", tmp_path)
        raise WrongResultError("the source cannot be made")

    samples, commands = turns(Workload("W0", "nothing", "", "plain", steps), tmp_path)

    assert commands == ["cold plain"]
    assert samples.reason("preparing", "all") == "the source cannot be made"


def test_what_the_verification_finds_is_kept_with_the_rest(tmp_path):
    steps = [step("cold", "plain", tmp_path, verify=lambda _measured: {"stored MB": 3.0})]

    samples, _ = turns(workload(*steps), tmp_path)

    assert samples.numbers("cold", "plain", "stored MB") == [3.0]
