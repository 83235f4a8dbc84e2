"""`assetflow logs`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.invocation import Invocation
from assetflow.cli.views.words import instant, shown
from assetflow.errors import UnknownNameError, UsageError
from assetflow.keys import name_of

if TYPE_CHECKING:
    from assetflow.ledger.history import LogEntry
    from assetflow.project import Project

Key = Annotated[
    str | None, typer.Argument(metavar="KEY", help="The asset; its newest log, unless a run is named.")
]
Run = Annotated[
    str | None,
    typer.Option("--run", metavar="RUN", help="The beginning of a run's id: the logs of that run."),
]


def logs(
    invocation: Invocation, key: Key = None, *, partition: options.OnePartition = "", run: Run = None
) -> int:
    """Show what an asset printed and logged, as it did."""
    if key is None and run is None:
        raise UsageError("whose logs?", hint="`assetflow logs KEY`, `assetflow logs --run RUN`, or both")
    if key is not None:
        key = options.reference_of(key, partition)
    found = _logs(invocation.open(), key, run)
    if invocation.as_json:
        invocation.terminal.document({"logs": [{**asdict(entry), "text": text} for entry, text in found]})
    elif found:
        _write(invocation, found)
    else:
        whose = (f" by {key}" if key else "") + (f" in run {run}" if run else "")
        invocation.terminal.talk(f"nothing was printed or logged{whose}")
    return exit_codes.DONE


def _logs(project: Project, key: str | None, run: str | None) -> Sequence[tuple[LogEntry, str]]:
    """Return the logs; none where what is named was silent, for silence is no error.

    Raises:
        UnknownNameError: there is no such asset or run.
    """
    try:
        return project.logs(key, run=run)
    except UnknownNameError:
        if run is not None:
            project.run(run)
        if key is not None:
            project.history(key, 1)
        return ()


def _write(invocation: Invocation, found: Sequence[tuple[LogEntry, str]]) -> None:
    """Write texts as they are, each once; more than one under headings."""
    texts = {entry.object: (entry, text) for entry, text in reversed(found)}
    for entry, text in texts.values():
        if len(texts) > 1:
            whose = shown(name_of(entry.asset, entry.partition))
            invocation.terminal.write(f"==> {whose} {entry.outcome} at {instant(entry.time)} <==\n")
        invocation.terminal.write(text if text.endswith("\n") else f"{text}\n")
