"""Owns how it is shown why an asset broke: what broke, then every difference from the good version."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from assetflow.cli.views.explanation import code_change_view
from assetflow.cli.views.layout import indented, quiet, stack
from assetflow.cli.views.marks import mark_of
from assetflow.cli.views.words import counted, listed, plain, short, shown, when
from assetflow.keys import name_of, split_name, typed

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from assetflow.operate.breakage import Cause, Trial
    from assetflow.operate.why_broke import WhyBroke

_MARKS = {"breaks": "failed", "does not break": "passed", "cannot be tried": "warned"}


def why_broke_view(answer: WhyBroke, now: datetime) -> RenderableType:
    """Show why an asset broke."""
    causes = [_cause(cause, number) for number, cause in enumerate(answer.causes, 1)]
    nothing = quiet("nothing that decides it differs: what it does is not decided by what is on record")
    return stack(_headline(answer, now), *(causes or [nothing]), _others(answer) if answer.others else None)


def _others(answer: WhyBroke) -> Text:
    """Return which other partitions broke, and how to ask about one."""
    count = counted(len(answer.others), "other partition")
    one = typed(name_of(answer.key, answer.others[0]))
    return quiet(
        f"{count} of {plain(answer.key)} broke too: {plain(listed(list(answer.others)))}; "
        f"`assetflow why-broke {one} --env {answer.env}` tells why"
    )


def _headline(answer: WhyBroke, now: datetime) -> Text:
    from rich.text import Text

    line = Text(plain(shown(name_of(answer.key, answer.partition))), style="bold")
    if split_name(answer.asked)[0] != answer.key:
        line.append(f" (for which {plain(shown(answer.asked))} was skipped)", style="default")
    what = f"{short(answer.bad)} of" if answer.bad is not None else "the attempt of"
    line.append(f"\n  bad   {what} {when(answer.bad_time, now)}, run {answer.run}", style="default")
    for name in answer.failing:
        line.append(f"\n        {plain(name)}", style=mark_of("failed").style)
    if answer.error:
        line.append(f"\n        {plain(answer.error)}", style=mark_of("failed").style)
    line.append(f"\n  good  {short(answer.good)} of {when(answer.good_time, now)}", style="default")
    if answer.mended_by is not None:
        line.append(f"\n  mended since: {short(answer.mended_by)} is published and passes", style="default")
    return line


def _cause(cause: Cause, number: int) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    line = Text(f"{number}  ", style="default")
    line.append(plain(cause.asset), style="bold")
    line.append(f"  {plain('; '.join(cause.words))}", style="yellow")
    if len(cause.path) > 1:
        line.append(f"  {' > '.join(plain(shown(name)) for name in cause.path)}", style="bright_black")
    below = [_trial(cause.trial) if cause.trial else None, quiet(cause.hint) if cause.hint else None]
    changes = (code_change_view(change) for change in cause.code_changes)
    return Group(line, *(indented(part, 3) for part in (*below, *changes) if part is not None))


def _trial(trial: Trial) -> Text:
    from rich.text import Text

    mark = mark_of(_MARKS[trial.outcome])
    alone = "" if trial.outcome == "cannot be tried" else " alone"
    line = Text(f"{mark.sign} {trial.outcome}{alone}", style=mark.style)
    return line.append(f": {plain(trial.why)}" if trial.why else "", style="default")
