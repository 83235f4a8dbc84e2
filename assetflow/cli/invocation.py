"""Owns one invocation of a command: the options that all commands have, and how a command answers.

A command is a function of an invocation and of its own parameters; it returns its exit code, or None for 0.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assetflow.cli import options
from assetflow.cli.terminal import Terminal, standard_terminal

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.project import Project

CURRENT_FOLDER = Path()


@dataclass(frozen=True)
class Invocation:
    """What every command is told, and where it answers.

    ``typed``: all arguments as they were given. ``now``: when that was, in local time.
    """

    typed: tuple[str, ...]
    env: str | None
    folder: Path
    as_json: bool
    verbose: bool
    terminal: Terminal
    now: datetime

    def open(self, env: str | None = None) -> Project:
        """Open the project, in this invocation's environment unless another is named."""
        from assetflow.project import open_project

        project = open_project(self.folder, self.env)
        return project if env is None or env == project.env else project.in_environment(env)

    @property
    def same_env(self) -> str:
        """What to add to a command so that it is of the same environment: nothing where none was typed."""
        return f" --env {self.env}" if self.env else ""

    def answer(self, document: Callable[[], Any], view: Callable[[], RenderableType]) -> None:
        """Show the answer: ``document`` as JSON where that was asked for, else ``view``."""
        if self.as_json:
            self.terminal.document(document())
        else:
            self.terminal.show(view())

    def hint(self, text: str | None) -> None:
        """Tell a person what may be typed next; not with --quiet, --json, or where no person reads."""
        if text and self.terminal.shows_results and not self.as_json:
            from assetflow.cli.views.layout import quiet

            self.terminal.talk(quiet(text))


Command = Callable[..., int | None]
_CONTEXT = "context"
_REQUIRED = inspect.Parameter.empty


def _option(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


SHARED = (
    _option("env", options.Environment, None),
    _option("project", options.Folder, CURRENT_FOLDER),
    _option("as_json", options.AsJson, default=False),
    _option("quiet", options.Quiet, default=False),
    _option("verbose", options.Verbose, default=False),
    _option("debug", options.Debug, default=False),
)


def as_callback(command: Command, typed: Sequence[str]) -> Callable[..., int | None]:
    """Return ``command`` for typer: its own parameters, then the options that all commands have.

    What is given to a group counts for the command below it, which may say otherwise.
    """
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    context = next((item.name for item in own if item.annotation is typer.Context), None)
    parameters = [*own, *SHARED] if context else [*own, _option(_CONTEXT, typer.Context, _REQUIRED), *SHARED]

    def callback(**given: Any) -> int | None:
        above = (given[context] if context else given.pop(_CONTEXT)).parent
        shared = {option.name: given.pop(option.name) for option in SHARED}
        return command(_invocation(typed, _with_those_above(shared, above)), **given)

    callback.__name__ = command.__name__
    callback.__doc__ = command.__doc__
    callback.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # what inspect looks at
    callback.__annotations__ = {item.name: item.annotation for item in parameters}
    return callback


def _with_those_above(shared: Mapping[str, Any], above: typer.Context | None) -> dict[str, Any]:
    """Return the shared options, those left out as the group above was given them."""
    given = above.params if above is not None else {}
    return {
        option.name: given.get(option.name, option.default)
        if shared[option.name] == option.default
        else shared[option.name]
        for option in SHARED
    }


def _invocation(typed: Sequence[str], given: Mapping[str, Any]) -> Invocation:
    return Invocation(
        typed=tuple(typed),
        env=given["env"],
        folder=given["project"],
        as_json=given["as_json"],
        verbose=given["verbose"],
        terminal=standard_terminal(quiet=given["quiet"]),
        now=datetime.now().astimezone(),
    )
