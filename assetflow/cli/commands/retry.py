"""`assetflow retry`."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.invocation import Invocation
from assetflow.cli.running import FailFast, Format, Jobs, LogFormat, carry_out, command_line

Run = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN", help="The beginning of a run's id; the last that did not succeed when left out."
    ),
]


def retry(
    invocation: Invocation,
    run: Run = None,
    *,
    config: options.Config = None,
    jobs: Jobs = None,
    fail_fast: FailFast = False,
    log_format: Format = LogFormat.TEXT,
) -> int:
    """Run again what a run left undone or held back."""
    project = invocation.open()
    left = project.left_by(run)
    if not left.keys and not invocation.as_json:
        invocation.terminal.talk(left.told)
        return exit_codes.DONE
    return carry_out(
        invocation,
        project,
        log_format,
        lambda listener: project.retry(
            left.run,
            jobs=jobs,
            fail_fast=fail_fast,
            config=options.config_of(config),
            listener=listener,
            command=command_line(invocation.typed),
        ),
    )
