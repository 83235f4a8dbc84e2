"""Owns the Markdown that figures are shown as. Knows nothing of measuring."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from benchmarks.samples import Samples, Spread
from benchmarks.workloads.workload import Target, Workload

_OF_EVERY_STEP = {"wall", "cpu", "peak", "tree", "others", "ran", "first"}

_HEAD = """\
# Benchmarks

`make bench` measures assetflow beside a plain script and writes this page; `make bench-peers` measures other tools
on the same work, each in a virtual environment of its own. `python -m benchmarks --help` says how to run a part:
what is measured again replaces its section, the others stay.

Every figure is the median of several rounds, with the least and the most in brackets. Each step is a fresh process;
in a round the subjects take turns, step by step, so that a slow minute of the machine falls on all of them. *CPU*
is user and system time of the process and all it waited for: trust it where the machine was busy. *Peak* is the
resident memory of the largest process, *tree* of all its processes together, sampled (shared pages count in each).
A result is checked before its time counts; a wrong one is refused, and the reason stands in its place. Ratios and
differences are taken round by round. The page cache is warm. What limits the speed where a promise is not kept is
told in [Performance](performance.md).
"""


def page(entries: Iterable[tuple[Workload, Mapping[str, Any]]]) -> str:
    """Return the whole page: what was promised and came out, then each workload."""
    known = [(workload, Samples.from_json(entry), entry) for workload, entry in entries]
    promised = [(workload, target, samples) for workload, samples, _ in known for target in workload.targets]
    parts = [_HEAD]
    if promised:
        parts.append("## Promised and measured\n\n" + targets_table(promised))
    parts += [section(workload, samples, entry) for workload, samples, entry in known]
    return "\n".join(parts)


def section(workload: Workload, samples: Samples, entry: Mapping[str, Any]) -> str:
    """Return one workload's part of the page."""
    parts = [
        f"## {workload.name}: {workload.title}\n",
        textwrap.fill(" ".join(workload.about.split()), 116) + "\n",
    ]
    parts.append(steps_table(workload, samples))
    figures = figures_table(samples)
    if figures:
        parts.append(figures)
    parts.append(_circumstances(samples, entry))
    return "\n".join(parts)


def targets_table(promised: Sequence[tuple[Workload, Target, Samples]]) -> str:
    """Return what was promised, beside what was measured."""
    rows = [("workload", "promise", "bound", "measured", "kept")]
    for workload, target, samples in promised:
        spread = Spread.of(target.value(samples))
        kept = "not measured" if spread is None else "yes" if target.met_by(spread.median) else "**no**"
        measured = _spread(spread, lambda number, unit=target.unit: _number(number, unit)) if spread else "-"
        rows.append((workload.name, target.promise, _bound(target), measured, kept))
    return _table(rows)


def steps_table(workload: Workload, samples: Samples) -> str:
    """Return time, ratio and memory of each step and subject; where one was refused, the reason."""
    beside = f"x {workload.baseline}" if workload.baseline else ""
    head = ["step", "subject", "wall s", "CPU s", beside, "peak MB", "tree MB"]
    rows = [(*head, "ran", "rounds") if workload.shows_functions else (*head, "rounds")]
    for step, subject in _measured(samples):
        reason = samples.reason(step, subject)
        if reason is not None:
            rows.append((step, subject, f"refused: {_one_line(reason)}", *[""] * (len(rows[0]) - 3)))
            continue
        wall = Spread.of(samples.numbers(step, subject, "wall"))
        assert wall is not None
        ratio = Spread.of(samples.ratio((step, subject, "wall"), (step, workload.baseline, "wall")))
        cells = [
            step,
            subject,
            _spread(wall, _seconds),
            _median(samples, step, subject, "cpu", _seconds),
            _number(ratio.median, "") if ratio and subject != workload.baseline else "",
            _median(samples, step, subject, "peak", _megabytes),
            _median(samples, step, subject, "tree", _megabytes),
        ]
        if workload.shows_functions:
            cells.append(_median(samples, step, subject, "ran", lambda number: f"{number:,.0f}"))
        rows.append((*cells, str(wall.count)))
    return _table(rows)


def figures_table(samples: Samples) -> str:
    """Return what the processes measured themselves, a row for each step or group; nothing where none did.

    A figure is named ``figure``, or ``group: figure`` where one process measures several groups of things.
    """
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for (step, subject), rounds in samples.taken.items():
        for name in {
            name: None for numbers in rounds.values() for name in numbers if name not in _OF_EVERY_STEP
        }:
            spread = Spread.of(samples.numbers(step, subject, name))
            group, _, figure = name.rpartition(": ")
            if spread is not None:
                row = cells.setdefault((group or step, subject), {})
                row[figure] = _spread(spread, lambda number: _number(number, ""))
    names = list(dict.fromkeys(name for row in cells.values() for name in row))
    rows = [(*place, *(row.get(name, "") for name in names)) for place, row in cells.items()]
    return _table([("measured by itself", "subject", *names), *rows]) if rows else ""


def _measured(samples: Samples) -> list[tuple[str, str]]:
    """Steps in the order in which they were first taken, all subjects of one together."""
    known = {**dict.fromkeys(samples.taken), **{(r.step, r.subject): None for r in samples.refused}}
    steps = list(dict.fromkeys(step for step, _ in known))
    subjects = sorted({subject for _, subject in known})
    return [(step, subject) for step in steps for subject in subjects if (step, subject) in known]


def _circumstances(samples: Samples, entry: Mapping[str, Any]) -> str:
    noise = entry["noise"]
    said = [_measured_on(entry)]
    if noise["loop"]:
        loop = noise["loop"]
        apart = (loop["most"] / loop["least"] - 1) * 100
        said.append(
            f"Noise: the same loop between the turns took {loop['median'] * 1000:.0f} ms "
            f"[{loop['least'] * 1000:.0f} - {loop['most'] * 1000:.0f}], {apart:.0f} % apart (n = {loop['count']}); "
            f"load {noise['load']['median']:.1f} [{noise['load']['least']:.1f} - {noise['load']['most']:.1f}]."
        )
    others = Spread.of(samples.everywhere("others"))
    if others is not None:
        said.append(
            f"Everyone else used {others.median:.2f} [{others.least:.2f} - {others.most:.2f}] cores meanwhile."
        )
    return "\n".join(said) + "\n"


def _measured_on(entry: Mapping[str, Any]) -> str:
    machine = entry["machine"]
    on = f"{machine['cores']} cores of {machine['processor']}, {machine['memory']}, {machine['system']}"
    versions = ", ".join(f"{name} {version}" for name, version in entry["versions"].items())
    return f"Measured {entry['date']} on {on}, {machine['python']}; {versions}."


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    lines = ["| " + " | ".join(row) + " |" for row in body]
    return "\n".join(["| " + " | ".join(head) + " |", "|" + " --- |" * len(head), *lines]) + "\n"


def _bound(target: Target) -> str:
    if target.at_most is not None and target.at_most == target.at_least:
        return f"exactly {_number(target.at_most, target.unit)}"
    sign = "at most" if target.at_most is not None else "at least"
    bound = target.at_most if target.at_most is not None else target.at_least
    assert bound is not None
    return f"{sign} {_number(bound, target.unit)}"


def _median(samples: Samples, step: str, subject: str, name: str, say: Callable[[float], str]) -> str:
    spread = Spread.of(samples.numbers(step, subject, name))
    return say(spread.median) if spread else ""


def _spread(spread: Spread, say: Callable[[float], str]) -> str:
    if spread.least == spread.most:
        return say(spread.median)
    return f"{say(spread.median)} [{say(spread.least)} - {say(spread.most)}]"


def _seconds(number: float) -> str:
    return f"{number:.3f}" if number < 1 else f"{number:.2f}" if number < 10 else f"{number:.1f}"


def _megabytes(number: float) -> str:
    return f"{number / 1e6:,.0f}"


def _number(number: float, unit: str) -> str:
    if float(number).is_integer():
        text = f"{number:,.0f}"
    else:
        text = (
            f"{number:.3f}"
            if abs(number) < 1
            else f"{number:,.2f}"
            if abs(number) < 100
            else f"{number:,.0f}"
        )
    return f"{text} {unit}".strip()


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "/")[-300:]
