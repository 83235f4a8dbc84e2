"""`assetflow materialize`: the main job."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.commands.plan import plan
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


Force = Annotated[bool, typer.Option("--force", help="Run what is selected, whatever is on record.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only plan: the same as `assetflow plan`.")]
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


def materialize(
    invocation: Invocation,
    selection: options.Selected = None,
    *,
    select: options.Select = None,
    exclude: options.Exclude = None,
    config: options.Config = None,
    force: Force = False,
    jobs: Jobs = None,
    fail_fast: FailFast = False,
    dry_run: DryRun = False,
    log_format: Format = LogFormat.TEXT,
) -> int:
    """Run what must run, check it, publish what passes."""
    if dry_run:
        return plan(invocation, selection, select=select, exclude=exclude, config=config, force=force)
    project = invocation.open()
    with _progress(invocation, log_format) as listener:
        run = project.materialize(
            options.selection_of(select, selection),
            exclude=options.selection_of(exclude),
            force=force,
            jobs=jobs,
            fail_fast=fail_fast,
            config=options.config_of(config),
            listener=_once_begun(listener),
            command=command_line(invocation.typed),
        )
    remember(project)
    _answer(invocation, project, run)
    return exit_codes.of_run(run)


def _once_begun(listener: Listener) -> Listener:
    """Return a listener that tells ``listener`` everything, and sees to garbage when users' code begins to run."""
    from assetflow.execution.events import Event, RunBegan

    def tell(event: Event) -> None:
        if isinstance(event, RunBegan):
            look_at_what_is_new()
        listener(event)

    return tell


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


def _answer(invocation: Invocation, project: Project, run: Run) -> None:
    if invocation.as_json:
        invocation.terminal.document(run.to_dict())
        return
    if invocation.terminal.quiet and run.status.value == "succeeded":
        return
    from assetflow.cli.troubles import evidence_of, troubles_of
    from assetflow.cli.views.run import run_view

    good = [item for item in run if item.verdicts and not item.fails]
    warned = [(item.key, evidence) for item in good for evidence in evidence_of(project, item.verdicts)]
    width = invocation.terminal.width
    invocation.terminal.show(run_view(run, troubles_of(project, run), warned, width))


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
