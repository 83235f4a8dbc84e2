"""Owns what a plan goes by besides code and data: the time, the run that it is made for, what probes answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Union

from assetflow.errors import ProbeError
from assetflow.model.refresh import Probe
from assetflow.model.runs import ProbeAnswered
from assetflow.operate.workspace import Workspace
from assetflow.planning.resolve import Resolved
from assetflow.planning.tokens import Occasion

if TYPE_CHECKING:
    from assetflow.execution.probing import Answered

Answers = Mapping[str, Union["Answered", ProbeError]]
"""What probes answered, by asset; or why they did not."""


@dataclass(frozen=True)
class Asked:
    """For which run a plan is made. ``answers``: of the probes that were asked already."""

    run: str
    answers: Answers = field(default_factory=dict)


@dataclass(frozen=True)
class Refreshes:
    """What a plan goes by. ``answers``: of the probes that were asked for it. ``before``: hashes of those before."""

    occasion: Occasion
    answers: Answers = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)

    def news(self, run: str, env: str) -> Sequence[ProbeAnswered]:
        """Return the answers that are not those on record, as ``run`` records them."""
        return [
            ProbeAnswered(
                run=run, env=env, asset=key, answer=one.answer, shown=one.shown, seconds=one.seconds
            )
            for key, one in self.answers.items()
            if not isinstance(one, ProbeError) and one.answer != self.before.get(key)
        ]


def refreshes_of(workspace: Workspace, order: Sequence[Resolved], asked: Asked | None) -> Refreshes:
    """Return what a plan of these assets goes by; where it is made for a run, ask the probes that were not yet."""
    now = workspace.store.clock.now()
    run = asked.run if asked is not None else None
    probes = {asset.key: asset.spec.refresh for asset in order if isinstance(asset.spec.refresh, Probe)}
    if not probes:
        return Refreshes(Occasion(now, run))
    with workspace.ledger.session() as session:
        before = session.last_answers(workspace.env)
    if asked is None:
        return Refreshes(Occasion(now, run, before), before=before)
    answers = dict(asked.answers)
    answers.update(ask(workspace, {key: probe for key, probe in probes.items() if key not in answers}))
    return Refreshes(Occasion(now, run, hashes_of(answers)), answers, before)


def ask(workspace: Workspace, probes: Mapping[str, Probe]) -> Answers:
    """Ask these probes, by asset."""
    from assetflow.execution.probing import ask_all

    return ask_all(probes, workspace.root or Path.cwd())


def hashes_of(answers: Answers) -> dict[str, str | ProbeError]:
    """Return the hashes of these answers, as planning takes them."""
    return {key: one if isinstance(one, ProbeError) else one.answer for key, one in answers.items()}
