"""`assetflow debug`."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.invocation import Invocation
from assetflow.errors import UsageError
from assetflow.keys import typed

if TYPE_CHECKING:
    from assetflow.operate.debugging import Rehearsal

Key = Annotated[str, typer.Argument(metavar="KEY", help="The asset.")]
Run = Annotated[
    str | None,
    typer.Option("--run", metavar="RUN", help="The run that it failed in; the last one when left out."),
]
_PACKAGE = str(Path(__file__).resolve().parents[2]) + os.sep


def debug(invocation: Invocation, key: Key, *, partition: options.OnePartition = "", run: Run = None) -> int:
    """Call an asset as it failed; debug it where it raises.

    Its function gets the inputs of its last failure, in this process; nothing is published or recorded. Without a
    failure it gets what it would read now. The debugger is pdb, or what PYTHONBREAKPOINT names. Exit code 1 when it
    raised.
    """
    from assetflow.cli.views.debugging import debugged_view, rehearsal_view

    key = options.reference_of(key, partition)
    if invocation.as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "a debugger needs a terminal",
            hint=f"`assetflow logs {typed(key)}` shows the traceback; in Python, project.debug({key!r}) calls it",
        )

    def about(rehearsal: Rehearsal) -> None:
        invocation.terminal.complain(rehearsal_view(rehearsal, invocation.now))

    made = invocation.open().debug(key, run, about=about, raised=lambda error: _open(invocation, error))
    invocation.terminal.show(debugged_view(made))
    return exit_codes.DONE if made.raised is None else exit_codes.FAILED


def _open(invocation: Invocation, error: BaseException) -> None:
    """Show the traceback from the user's first frame on, and open the debugger at its last line."""
    from assetflow.cli.debugger import VARIABLE, post_mortem

    found = error.__traceback__
    while found is not None and found.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        found = found.tb_next
    if found is None:  # raised by assetflow itself: of what the function got, or of what it returned
        return
    invocation.terminal.complain("".join(traceback.format_exception(error.with_traceback(found))).rstrip())
    opened = post_mortem(os.environ)
    if opened is None:
        invocation.terminal.complain(f"no debugger is opened: {VARIABLE}=0")
    else:
        opened(found)
