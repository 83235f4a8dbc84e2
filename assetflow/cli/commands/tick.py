"""`assetflow tick`: what cron, a timer or a scheduler calls."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import exit_codes
from assetflow.cli.invocation import Invocation
from assetflow.cli.running import Format, Jobs, LogFormat, command_line, progress, tell_run, warn

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what is due, and when the next is; probes are asked.")
]


def tick(
    invocation: Invocation,
    *,
    dry_run: DryRun = False,
    jobs: Jobs = None,
    log_format: Format = LogFormat.TEXT,
) -> int:
    """Run what is due by its refresh, with all below it, and exit."""
    project = invocation.open()
    if dry_run:
        from assetflow.cli.views.timings import timings_view

        found = project.tick(dry_run=True)
        invocation.answer(found.to_dict, lambda: timings_view(found.timings, found.env, invocation.now))
        return exit_codes.DONE
    with progress(invocation, log_format) as listener:
        done = project.tick(jobs=jobs, listener=listener, command=command_line(invocation.typed))
    warn(invocation, done.warnings)
    if invocation.as_json:
        invocation.terminal.document(done.to_dict())
    elif done.told is not None:
        invocation.terminal.talk(done.told)
    elif done.run is not None and (done.run.committed or exit_codes.of_run(done.run)):
        tell_run(invocation, project, done.run)
    return exit_codes.DONE if done.run is None else exit_codes.of_run(done.run)
