"""Owns the order of things: rounds of steps, in turns, each in a fresh process, its result checked before it counts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from benchmarks.command import Command, Measured
from benchmarks.machine import Noise
from benchmarks.measuring import measure
from benchmarks.samples import Refusal, Samples
from benchmarks.workloads.workload import Step, Workload, WrongResultError

_TOLD = 400


def take_turns(
    workload: Workload,
    scratch: Path,
    repeat: int,
    noise: Noise,
    say: Callable[[str], None],
    measuring: Callable[[Command], Measured] = measure,
    absent: Mapping[str, str] = MappingProxyType({}),
) -> Samples:
    """Measure a workload ``repeat`` times and return what was measured.

    A subject whose step fails, or comes to a wrong result, is left out of the rest of that round, and the step
    has no figure in the end. ``absent`` are subjects that are not there at all, with the reason.
    """
    taken: dict[tuple[str, str], dict[int, dict[str, float]]] = {}
    refused = [Refusal("installing", subject, reason) for subject, reason in absent.items()]
    for number in range(min(repeat, workload.most_rounds or repeat)):
        folder = scratch / workload.name / str(number)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        out = set(absent)
        for step in _steps(workload, folder, number, refused):
            if step.subject in out:
                continue
            noise.listen()
            head = f"{workload.name} {number + 1}: {step.name}, {step.subject}:"
            try:
                numbers = _take(step, measuring)
            except WrongResultError as error:
                out.add(step.subject)
                refused.append(Refusal(step.name, step.subject, str(error)))
                say(f"{head} refused: {error}")
                continue
            taken.setdefault((step.name, step.subject), {})[number] = numbers
            say(
                f"{head} {numbers['wall']:.2f} s, CPU {numbers['cpu']:.2f} s, {numbers['peak'] / 1e6:,.0f} MB"
            )
        shutil.rmtree(folder, ignore_errors=True)
    return Samples(taken, tuple(refused))


def _steps(workload: Workload, folder: Path, number: int, refused: list[Refusal]) -> Iterator[Step]:
    """Yield the steps of a round; where what they need cannot be made, that is the reason that none has a figure."""
    try:
        yield from workload.steps(folder, number)
    except WrongResultError as error:
        refused.append(Refusal("preparing", "all", str(error)))


def _take(step: Step, measuring: Callable[[Command], Measured]) -> dict[str, float]:
    step.prepare()
    os.sync()  # what others left to be written must not be written on this one's time
    measured = measuring(step.command)
    if measured.exit_code != step.command.exit_code:
        said = (measured.err or measured.out).strip()[-_TOLD:]
        raise WrongResultError(f"exit code {measured.exit_code}: {said}")
    return {**measured.numbers, **step.verify(measured)}
