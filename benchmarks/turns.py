"""Owns the order of things: rounds of steps, in turns, each in a fresh process, its result checked before it counts."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from benchmarks.command import Command, Measured
from benchmarks.machine import Noise
from benchmarks.measuring import measure
from benchmarks.samples import Refusal, Samples
from benchmarks.workloads.workload import Step, Workload, WrongResultError

_TOLD = 600


def take_turns(
    workload: Workload,
    scratch: Path,
    repeat: int,
    noise: Noise,
    say: Callable[[str], None],
    measuring: Callable[[Command], Measured] = measure,
) -> Samples:
    """Measure a workload ``repeat`` times and return what was measured.

    A subject whose step fails, or comes to a wrong result, is left out of the rest of that round, and the step
    has no figure in the end.
    """
    taken: dict[tuple[str, str], dict[int, dict[str, float]]] = {}
    refused: list[Refusal] = []
    for number in range(min(repeat, workload.most_rounds or repeat)):
        folder = scratch / workload.name / str(number)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        out: set[str] = set()
        for step in workload.steps(folder, number):
            if step.subject in out:
                continue
            noise.listen()
            try:
                measured = _take(step, measuring)
            except WrongResultError as error:
                out.add(step.subject)
                refused.append(Refusal(step.name, step.subject, str(error)))
                say(f"{workload.name} {number + 1}: {step.name}, {step.subject}: refused: {error}")
                continue
            taken.setdefault((step.name, step.subject), {})[number] = measured.numbers
            say(
                f"{workload.name} {number + 1}: {step.name}, {step.subject}: {measured.wall:.2f} s, "
                f"cpu {measured.cpu:.2f} s, {measured.peak / 1e6:,.0f} MB, {len(measured.ran)} ran"
            )
        shutil.rmtree(folder, ignore_errors=True)
    return Samples(taken, tuple(refused))


def _take(step: Step, measuring: Callable[[Command], Measured]) -> Measured:
    step.prepare()
    measured = measuring(step.command)
    if measured.exit_code != 0:
        said = (measured.err or measured.out).strip()[-_TOLD:]
        raise WrongResultError(f"exit code {measured.exit_code}: {said}")
    step.verify(measured)
    return measured
