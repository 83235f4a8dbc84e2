"""Owns whether an effect may start: after the commit that publishes what it reads, and in one run at a time (design 4).

Knows nothing of what effects do, nor of the order in which a run comes to them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from assetflow.execution.committer import Committer
from assetflow.execution.publishing import Publishing
from assetflow.model.runs import EffectStarted
from assetflow.model.versions import Version

POLL_SECONDS = 0.5  # how often another run's effect is looked at


@dataclass(frozen=True)
class Permit:
    """Whether an effect may start ``now``.

    Else ``skip`` says why it is not to be tried, and ``because`` of which asset; or another run has ``done`` it; or one
    is doing it, and its end is awaited.
    """

    now: bool = False
    skip: str = ""
    because: str | None = None
    done: Version | None = None


class Effects:
    """The effects of one run.

    Args:
        committer: commits what they read, and that they start.
        publishing: knows what is kept from readers.
        is_alive: whether a run goes on.
        run: id of the run.
        env: the environment.
    """

    def __init__(
        self,
        committer: Committer,
        publishing: Publishing,
        is_alive: Callable[[str], bool],
        *,
        run: str,
        env: str,
    ) -> None:
        self._committer = committer
        self._publishing = publishing
        self._is_alive = is_alive
        self._run = run
        self._env = env
        self._elsewhere: dict[str, float] = {}

    def __bool__(self) -> bool:
        """Whether one of them is being done by another run, whose end is waited for."""
        return bool(self._elsewhere)

    def due(self) -> list[str]:
        """Return those that another run was doing a while ago, to be asked about again."""
        now = time.monotonic()
        due = [key for key, moment in self._elsewhere.items() if moment <= now]
        for key in due:
            del self._elsewhere[key]
        return due

    def ask(self, key: str, upstream: Sequence[str], fingerprint: str, *, again: bool) -> Permit:
        """Commit what an effect reads, and that it starts if it may. ``again``: what another run did does not count."""
        self._committer.flush()
        for name in upstream:
            if name in self._committer.lost:
                return Permit(skip=f"{name} was superseded", because=name)
            held = self._publishing.held_back.get(name)
            if held is not None:
                return Permit(skip=f"{name} is held back: {held.reason}", because=held.because)
        started = EffectStarted(
            run=self._run,
            asset=key,
            env=self._env,
            fingerprint=fingerprint,
            started_at=datetime.now(UTC).isoformat(),
        )
        claim = self._committer.claim_effect(started, again=again)
        while claim.holder is not None and not self._is_alive(claim.holder):
            self._committer.release_effect(key, claim.holder)
            claim = self._committer.claim_effect(started, again=again)
        if claim.holder is not None:
            self._elsewhere[key] = time.monotonic() + POLL_SECONDS
            return Permit()
        return Permit(now=claim.done is None, done=claim.done)
