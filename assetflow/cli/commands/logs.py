"""`assetflow logs`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from assetflow.cli import exit_codes
from assetflow.cli.invocation import Invocation
from assetflow.cli.views.words import instant
from assetflow.errors import UsageError

if TYPE_CHECKING:
    from assetflow.ledger.history import LogEntry

Key = Annotated[
    str | None, typer.Argument(metavar="KEY", help="The asset; its newest log, unless a run is named.")
]
Run = Annotated[
    str | None,
    typer.Option("--run", metavar="RUN", help="The beginning of a run's id: the logs of that run."),
]


def logs(invocation: Invocation, key: Key = None, *, run: Run = None) -> int:
    """Show what an asset printed and logged, as it did."""
    if key is None and run is None:
        raise UsageError("whose logs?", hint="`assetflow logs KEY`, `assetflow logs --run RUN`, or both")
    found = invocation.open().logs(key, run=run)
    if invocation.as_json:
        invocation.terminal.document({"logs": [{**asdict(entry), "text": text} for entry, text in found]})
    else:
        _write(invocation, found)
    return exit_codes.DONE


def _write(invocation: Invocation, found: Sequence[tuple[LogEntry, str]]) -> None:
    """Write texts as they are, each once; more than one under headings."""
    texts = {entry.object: (entry, text) for entry, text in reversed(found)}
    for entry, text in texts.values():
        if len(texts) > 1:
            invocation.terminal.write(f"==> {entry.asset} {entry.outcome} at {instant(entry.time)} <==\n")
        invocation.terminal.write(text if text.endswith("\n") else f"{text}\n")
