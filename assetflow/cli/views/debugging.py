"""Owns how a call of `assetflow debug` is told: what it gets, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from assetflow.cli.views.layout import stack
from assetflow.cli.views.words import first_line, short, when

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.operate.debugging import Debugged, DebugInput, Rehearsal


def rehearsal_view(rehearsal: Rehearsal, now: datetime) -> RenderableType:
    """Say what is called, with which inputs, and what has changed since it failed."""
    if rehearsal.run is None:
        lines = [f"{rehearsal.key} has not failed here; it is called with what it would read now"]
    else:
        at = when(rehearsal.time, now)
        what = f"check {rehearsal.check} of {rehearsal.key}" if rehearsal.check else rehearsal.key
        lines = [f"{what} failed in run {rehearsal.run}, {at}: {first_line(rehearsal.error or '')}"]
    lines += [f"  {_input(item, failed=rehearsal.run is not None)}" for item in rehearsal.inputs]
    if rehearsal.changes:
        lines.append(f"since then: {', '.join(rehearsal.changes)}; it is called as it is now")
    if rehearsal.is_effect:
        lines.append("it is an effect: what it does elsewhere, it does now")
    return "\n".join(lines)


def debugged_view(made: Debugged) -> RenderableType:
    """Say what came of the call."""
    if made.raised is not None:
        return f"{made.rehearsal.key} raised {first_line(f'{type(made.raised).__name__}: {made.raised}')}"
    lines = [f"nothing was raised: {made.rehearsal.key} gave {made.output}"]
    lines += [f"  {name}: {value}" for name, value in (made.recorded or {}).items()]
    return stack(*lines, "nothing of it is published or recorded")


def _input(item: DebugInput, *, failed: bool) -> str:
    name = item.parameter if item.parameter == item.asset else f"{item.parameter} ({item.asset})"
    version = short(item.version) or "no version"
    return f"{name}: {version}" + (", as published now" if failed and not item.as_failed else "")
