"""Owns what becomes of an exception that nothing below has answered: how it is told, and the exit code.

The one place that catches everything. A traceback is shown only with --debug; a user's own code is shown by its own
frames, and never with local variables.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assetflow.cli import exit_codes
from assetflow.cli.terminal import Terminal
from assetflow.errors import AssetflowError

if TYPE_CHECKING:
    from rich.console import RenderableType


def tell_failure(error: Exception, terminal: Terminal, *, as_json: bool, debug: bool) -> int:
    """Tell of ``error`` and return the exit code."""
    if debug:
        terminal.complain("".join(traceback.format_exception(error)).rstrip())
    if as_json:
        terminal.document(_document(error))
    elif not (debug and _is_unexpected(error)):
        terminal.complain(_view(error))
    return _exit_code(error)


def _exit_code(error: Exception) -> int:
    if isinstance(error, typer.TyperException):
        return exit_codes.USAGE
    return error.exit_code if isinstance(error, AssetflowError) else exit_codes.FAILED


def _is_unexpected(error: Exception) -> bool:
    return not isinstance(error, AssetflowError | typer.TyperException)


def _view(error: Exception) -> RenderableType:
    from assetflow.cli.views import layout, problem

    if isinstance(error, AssetflowError):
        return problem.error_view(error)
    if isinstance(error, typer.TyperException):
        message = error.format_message()
        if message.startswith("Usage:"):  # of a group that was called without a command: all of its help
            return message
        return problem.message_view(message, _usage_hint(error))
    if isinstance(error, OSError):
        return problem.message_view(
            f"{type(error).__name__}: {error}", "the system refused; --debug shows where"
        )
    frames = _own_frames(error)
    told = f"{type(error).__name__}: {error}"
    if frames:
        return layout.stack(
            problem.message_view(f"your code raised {told}"), layout.indented(problem.frames_view(frames))
        )
    return problem.message_view(
        f"this is a bug in assetflow: {told} ({_innermost(error)})",
        "nothing of yours is to blame; the same command with --debug shows the traceback to report it with",
    )


def _document(error: Exception) -> dict[str, Any]:
    if isinstance(error, AssetflowError):
        from assetflow.cli.views.problem import error_document

        return error_document(error)
    if isinstance(error, typer.TyperException):
        return {"error": {"code": "usage", "message": error.format_message(), "hint": _usage_hint(error)}}
    return {"error": {"code": "unexpected", "message": f"{type(error).__name__}: {error}", "hint": None}}


def _usage_hint(error: typer.TyperException) -> str | None:
    context = getattr(error, "ctx", None)
    return f"`{context.command_path} --help` says what can be given" if context is not None else None


def _own_frames(error: Exception) -> list[tuple[str, str, str]]:
    """Return the user's frames where the error was raised in the user's code."""
    from assetflow.settings.import_failure import own_frames

    frames = own_frames(error, Path.cwd())
    innermost = traceback.extract_tb(error.__traceback__)[-1]
    raised_there = frames and frames[-1][0].endswith(f"{Path(innermost.filename).name}:{innermost.lineno}")
    return frames if raised_there else []


def _innermost(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}"
