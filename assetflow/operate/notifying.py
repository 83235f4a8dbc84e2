"""Owns notifying: what changed since somebody was told last is told, once, whoever sees it first; and that is recorded.

What was told is in the log, which all machines of a store share: a writer first says there that it is telling, so that
no other does. What could not be told is told by whoever comes next. A run never fails, and never waits long, for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel, SecretStr

from assetflow.errors import StoreError
from assetflow.execution.run import Run
from assetflow.ledger.notices import About, Told, after
from assetflow.model.actions import Action
from assetflow.model.commit import Commit
from assetflow.model.notices import Event, Notified
from assetflow.operate.delivery import deliver
from assetflow.operate.freshness import late
from assetflow.operate.log import log_writer
from assetflow.operate.notices import Fact, Message, changes, facts_of_age, facts_of_run, messages, notices
from assetflow.operate.workspace import Workspace
from assetflow.settings.settings import NotifySettings
from assetflow.storage.clock import time_text
from assetflow.storage.log_writer import LogWriter

Deliver = Callable[[Sequence[Message], NotifySettings], list[str | None]]
Changed = list[tuple[Fact, Event]]
MASK = "***"
_SHORTEST_SECRET = 4  # shorter ones are in every other word


def notify(
    workspace: Workspace, run: Run | None = None, *, now: datetime | None = None, send: Deliver = deliver
) -> tuple[str, ...]:
    """Tell of all that changed since somebody was told last: what ``run`` made of its assets, and what is late.

    Args:
        workspace: the project, in the environment that is told of.
        run: what was just run; None to tell of what is late alone.
        now: the moment at which things are late; None for this one.
        send: sends messages; returns of each why nobody got it, or None.

    Returns:
        What could not be told, and why, for people to read. Nothing is raised for it.
    """
    if not workspace.settings.notify.targets:
        return ()
    try:
        return _notify(workspace, run, now or workspace.store.clock.now(), send)
    except (StoreError, OSError) as error:
        return (f"the notifications are not finished: {error}",)


def _notify(workspace: Workspace, run: Run | None, now: datetime, send: Deliver) -> tuple[str, ...]:
    with workspace.ledger.session() as session:
        writer = log_writer(workspace, session.head)
        told = session.told(workspace.env)
        lateness = late(workspace, session, now)
    facts = facts_of_age(_aging(workspace), lateness, workspace.env)
    facts += facts_of_run(run, told) if run is not None else []
    changed = _claimed(workspace, writer, facts, told)
    sent = [made for made in _messages(workspace, changed, now) if made.event in workspace.settings.notify.on]
    if not sent:
        return ()
    missed = send(sent, workspace.settings.notify)
    lost = {message.event for message, why in zip(sent, missed, strict=True) if why is not None}
    _conclude(workspace, writer, [one for one in changed if one[1] in {made.event for made in sent}], lost)
    return tuple(
        f"nobody was notified that {message.title}: {why}; the next run tries again"
        for message, why in zip(sent, missed, strict=True)
        if why is not None
    )


def _claimed(
    workspace: Workspace, writer: LogWriter, facts: Sequence[Fact], told: Mapping[About, Told]
) -> Changed:
    """Return what is for this writer to tell, having said so; what nobody wants to hear of is noted as told."""
    found: Changed = []

    def build(news: Sequence[Commit]) -> Sequence[Action]:
        known = _with_news(told, news, workspace.env)
        found[:] = changes(facts, known, workspace.store.clock.now())
        wanted = workspace.settings.notify.on
        return [
            *_notified(workspace, "telling", [one for one in found if one[1] in wanted]),
            *_notified(workspace, "told", [one for one in found if one[1] not in wanted]),
        ]

    writer.commit(build)
    return found


def _conclude(workspace: Workspace, writer: LogWriter, changed: Changed, lost: set[Event]) -> None:
    actions = [
        *_notified(workspace, "told", [one for one in changed if one[1] not in lost]),
        *_notified(workspace, "failed", [one for one in changed if one[1] in lost]),
    ]
    writer.commit(lambda _news: actions)


def _notified(workspace: Workspace, phase: Any, changed: Changed) -> Iterator[Notified]:
    if changed:
        yield Notified(env=workspace.env, phase=phase, notices=notices(changed))


def _with_news(told: Mapping[About, Told], news: Iterable[Commit], env: str) -> dict[About, Told]:
    """Return what is on record with what others have committed since."""
    known = dict(told)
    for commit in news:
        for action in commit.actions:
            if isinstance(action, Notified) and action.env == env:
                for one in action.notices:
                    before = known.get(one.about, Told())
                    known[one.about] = after(before, one.event, action.phase, commit.time)
    return known


def _messages(workspace: Workspace, changed: Changed, now: datetime) -> list[Message]:
    """Return what is to be sent; no secret that the project knows is in it."""
    secrets = [text for text in _secrets(workspace) if len(text) >= _SHORTEST_SECRET]
    clean = [(replace(fact, why=_masked(fact.why, secrets)), event) for fact, event in changed]
    settings = workspace.settings
    return messages(clean, env=workspace.env, project=settings.name, time=time_text(now))


def _masked(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def _aging(workspace: Workspace) -> list[str]:
    """Return the assets whose data may be late."""
    return [
        key for key, spec in workspace.specs.items() if workspace.settings.fresh_within_of(spec) is not None
    ]


def _secrets(workspace: Workspace) -> Iterator[str]:
    """Yield the secrets that the settings and the declarations hold, as far as they are known to be such."""
    yield from _secrets_in(workspace.settings.storage_options)
    yield from _secrets_in(workspace.settings.notify)
    resolver = workspace.resolver({})
    for spec in workspace.specs.values():
        if spec.command is not None:
            yield from _secrets_in(spec.command.env)
        if spec.config_model is not None:
            yield from _secrets_in(resolver.resolve(spec).config)


def _secrets_in(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for _, item in value:
            yield from _secrets_in(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _secrets_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets_in(item)
