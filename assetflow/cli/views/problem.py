"""Owns how an error is shown: calmly, what happened first, then where, then how to mend it; and the same as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from assetflow.cli.views.layout import QUIET, indented, stack
from assetflow.cli.views.words import plain
from assetflow.errors import AssetflowError, DeclarationError, Problem

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

Frame = tuple[str, str, str]  # file:line, function, line of code


def error_view(error: AssetflowError) -> RenderableType:
    """Show an error that was raised on purpose."""
    if isinstance(error, DeclarationError):
        title = str(error).partition("\n")[0]
        return stack(_title(title), *(indented(problem_view(problem)) for problem in error.problems))
    return message_view(error.message, error.hint)


def message_view(message: str, hint: str | None = None) -> RenderableType:
    """Show a message and how to mend what it tells of."""
    from rich.console import Group

    title = _title(message)
    return Group(title, _hint(hint)) if hint else title


def problem_view(problem: Problem) -> RenderableType:
    """Show one problem of the declarations, its place first."""
    from rich.console import Group
    from rich.text import Text

    line = Text()
    if problem.where:
        line.append(f"{plain(problem.where)}: ", style="bold")
    line.append(plain(problem.message))
    return Group(line, _hint(problem.hint)) if problem.hint else line


def frames_view(frames: Sequence[Frame]) -> RenderableType:
    """Show the user's own frames of a traceback, the innermost last. Never local variables: they hold secrets."""
    from rich.text import Text

    shown = Text()
    for number, (place, function, code) in enumerate(frames):
        shown.append("\n" if number else "")
        shown.append(plain(place), style="bold")
        shown.append(f" in {plain(function)}", style=QUIET)
        shown.append(f"\n    {plain(code)}" if code else "")
    return shown


def error_document(error: AssetflowError) -> dict[str, Any]:
    """Return an error as its JSON document."""
    told: dict[str, Any] = {"code": error.code, "message": error.message, "hint": error.hint}
    if isinstance(error, DeclarationError):
        told["problems"] = [
            {"message": problem.message, "where": problem.where, "hint": problem.hint}
            for problem in error.problems
        ]
    return {"error": told}


def _title(message: str) -> Text:
    from rich.text import Text

    return Text("error: ", style="bold red") + Text(plain(message), style="default")


def _hint(hint: str) -> RenderableType:
    from rich.text import Text

    return indented(Text(plain(hint), style="cyan"))
