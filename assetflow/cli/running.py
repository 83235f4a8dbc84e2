"""Owns how a run is told by a command: its progress while it goes on, and what it came to; and its exit code."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from assetflow.cli import exit_codes
from assetflow.cli.completion_cache import remember
from assetflow.cli.garbage import look_at_what_is_new
from assetflow.cli.interruption import told_of_interrupts
from assetflow.cli.invocation import Invocation

if TYPE_CHECKING:
    from assetflow.execution.events import Listener
    from assetflow.execution.run import Run
    from assetflow.project import Project


class LogFormat(StrEnum):
    """How progress is told."""

    TEXT = "text"
    JSON = "json"


Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", metavar="N", min=1, help="How many assets at once.")
]
FailFast = Annotated[
    bool, typer.Option("--fail-fast", "-x", help="Start nothing more after the first failure.")
]
Format = Annotated[
    LogFormat,
    typer.Option(
        "--log-format",
        metavar="text|json",
        help="How progress is told on stderr; json: a line for each event.",
    ),
]


def carry_out(
    invocation: Invocation,
    project: Project,
    log_format: LogFormat,
    start: Callable[[Listener], Run],
    *,
    asked_for: bool = False,
) -> int:
    """Have ``start`` run with a listener, show what it comes to, and return the exit code.

    ``asked_for``: whether partitions were named, so that it is told of each why it is skipped.
    """
    with progress(invocation, log_format) as listener:
        run = start(listener)
    remember(project)
    tell_run(invocation, project, run, asked_for=asked_for)
    return exit_codes.of_run(run)


@contextmanager
def progress(invocation: Invocation, log_format: LogFormat) -> Iterator[Listener]:
    """Give what is told of a run's progress, and sees to garbage once users' code runs."""
    with _progress(invocation, log_format) as listener:
        yield _once_begun(listener)


def tell_run(invocation: Invocation, project: Project, run: Run, *, asked_for: bool = False) -> None:
    """Show what a run came to; what is skipped in silence where partitions were ``asked_for``, or with --verbose."""
    if invocation.as_json:
        invocation.terminal.document(run.to_dict())
        return
    warn(invocation, run.warnings)
    if invocation.terminal.quiet and run.status.value == "succeeded":
        return
    from assetflow.cli.troubles import evidence_of, troubles_of
    from assetflow.cli.views.run import IN_FULL, run_view
    from assetflow.cli.views.words import shown

    good = [item for item in run if item.verdicts and not item.fails]
    warned = [
        (shown(item.name), evidence) for item in good for evidence in evidence_of(project, item.verdicts)
    ]
    width, all_skips = invocation.terminal.width, asked_for or invocation.verbose
    invocation.terminal.show(
        run_view(run, troubles_of(project, run, IN_FULL), warned, width, all_skips=all_skips)
    )


def command_line(arguments: Sequence[str]) -> str:
    """Return what a person typed, for the record; values of --config may be secret, and are left out."""
    kept = []
    before = ""
    for argument in arguments:
        is_value = before == "--config" or argument.startswith("--config=")
        head, equals, _ = argument.removeprefix("--config=").partition("=")
        prefix = "--config=" if argument.startswith("--config=") else ""
        kept.append(f"{prefix}{head}{equals}..." if is_value and equals else argument)
        before = argument
    return shlex.join(["assetflow", *kept])


def _once_begun(listener: Listener) -> Listener:
    """Return a listener that tells ``listener`` everything, and sees to garbage when users' code begins to run."""
    from assetflow.execution.events import Event, RunBegan

    def tell(event: Event) -> None:
        if isinstance(event, RunBegan):
            look_at_what_is_new()
        listener(event)

    return tell


def warn(invocation: Invocation, warnings: Iterable[str]) -> None:
    """Say what did not go as it should, and fails nothing."""
    from assetflow.cli.views.words import one_line

    for warning in warnings:
        invocation.terminal.complain(f"warning: {one_line(warning)}")


@contextmanager
def _progress(invocation: Invocation, log_format: LogFormat) -> Iterator[Listener]:
    """Give what is told of the run's progress, in the form that suits who reads it."""
    terminal = invocation.terminal
    if log_format is LogFormat.JSON:
        from assetflow.cli.progress.event_lines import EventLines

        yield EventLines(terminal, lambda: datetime.now(UTC))
    elif terminal.quiet:
        yield lambda _event: None
    elif terminal.is_watched:
        from assetflow.cli.progress.live import Live

        with Live(terminal.talking, verbose=invocation.verbose) as live, told_of_interrupts(live.interrupted):
            yield live
    else:
        from assetflow.cli.progress.lines import Lines

        lines = Lines(terminal, verbose=invocation.verbose)
        with told_of_interrupts(lines.interrupted):
            yield lines
