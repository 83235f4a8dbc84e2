"""Owns the entry point: the quick answers first, then the command, and one catch-all around everything.

Imports as little as it can: `assetflow --version` and completion answer before typer is there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

COMPLETION_VARIABLE = "_ASSETFLOW_COMPLETE"


def main() -> None:
    """Run the command line of this process, and end it."""
    from assetflow.cli.exit_codes import INTERRUPTED
    from assetflow.cli.garbage import look_seldom
    from assetflow.cli.interruption import leave

    look_seldom()
    try:
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    leave(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; return its exit code."""
    if arguments and arguments[0] in ("--version", "-V"):
        return _say_version()
    if COMPLETION_VARIABLE in os.environ:
        completed = _complete()
        if completed is not None:
            return completed
    return _run_command(list(arguments))


def _say_version() -> int:
    print(f"assetflow {sys.modules['assetflow'].__version__}")
    return 0


def _complete() -> int | None:
    """Answer a shell that asks for completions; None for what typer is to answer."""
    from assetflow.cli.completion import answer

    answered = answer(os.environ)
    if answered is None:
        return None
    text, code = answered
    if text:
        print(text)
    return code


def _run_command(arguments: list[str]) -> int:
    from typer.main import get_command

    from assetflow.cli.application import application
    from assetflow.cli.exit_codes import DONE
    from assetflow.cli.failure import tell_failure
    from assetflow.cli.interruption import ended_by_signals
    from assetflow.cli.terminal import standard_terminal

    try:
        with ended_by_signals():
            command = get_command(application(arguments))
            code = command.main(arguments, prog_name="assetflow", standalone_mode=False)
    except Exception as error:  # noqa: BLE001 - the one catch-all: nobody should meet a traceback unasked
        return tell_failure(
            error, standard_terminal(), as_json="--json" in arguments, debug="--debug" in arguments
        )
    return code if isinstance(code, int) else DONE
