"""`assetflow init`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from assetflow.cli import exit_codes
from assetflow.cli.example import Example, write_example
from assetflow.cli.invocation import Invocation

Target = Annotated[
    Path | None,
    typer.Argument(
        metavar="DIR", help="The folder; made when it is not there. The current one when left out."
    ),
]
Which = Annotated[
    Example,
    typer.Option(
        "--example",
        metavar="starter|sales",
        help="starter: three assets to begin from; sales: a small shop with a source, checks and a config.",
    ),
]


def init(invocation: Invocation, folder: Target = None, *, example: Which = Example.STARTER) -> int:
    """Make a project that runs at once. Nothing is overwritten."""
    target = folder if folder is not None else invocation.folder
    written = write_example(example, target)
    invocation.answer(
        lambda: {"folder": str(target.resolve()), "files": [str(path) for path in written]},
        lambda: "\n".join(str(path) for path in written),
    )
    if not invocation.as_json:
        invocation.terminal.talk(_next(target))
    return exit_codes.DONE


def _next(folder: Path) -> str:
    change = [] if folder.resolve() == Path.cwd() else [f"cd {shlex.quote(str(folder))}"]
    steps = [
        *change,
        "assetflow plan            # what would run, and why",
        "assetflow materialize     # run it; a second time, nothing runs",
        "assetflow status          # how things stand",
    ]
    return "\n".join(["", "Next:", *(f"  {step}" for step in steps)])
