"""Owns what is worth telling: the changes between what was told last and what is so now, and the words for them.

Pure. Knows nothing of who is told, or of what is on record but what it is handed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from shlex import quote
from typing import Any

from assetflow.execution.run import Run, RunItem
from assetflow.keys import name_of
from assetflow.ledger.notices import About, Told
from assetflow.model.notices import Event, Matter, Notice
from assetflow.model.states import RunState
from assetflow.operate.freshness import Lateness

LEASE = timedelta(minutes=2)
"""How long it is left to whoever has begun to tell; then it is told by whoever sees it."""

PAYLOAD_NUMBER = 1
MOST_WHY = 300  # characters of an error
MOST_LISTED = 20  # assets in the text of a message; all are in its payload
_GOOD = frozenset({RunState.BUILT, RunState.REUSED, RunState.FRESH, RunState.CHECKED})
_VERBS = {"failed": "failed", "rejected": "was rejected", "late": "is late", "recovered": "recovered"}


@dataclass(frozen=True)
class Fact:
    """How something stands now: ``event`` is None where nothing is wrong. ``look``: the command that shows more."""

    asset: str
    matter: Matter
    event: Event | None
    why: str = ""
    look: str = ""
    run: str | None = None
    partition: str = ""

    @property
    def name(self) -> str:
        """The name (``keys.name_of``) of the asset or partition."""
        return name_of(self.asset, self.partition)

    @property
    def about(self) -> About:
        """What it is about, as notices are."""
        return (self.asset, self.partition, self.matter)


@dataclass(frozen=True)
class Message:
    """All that changed in one way: what is sent. ``time``: when, in UTC."""

    event: Event
    env: str
    project: str | None
    time: str
    assets: tuple[Fact, ...]

    @property
    def title(self) -> str:
        """What happened, in a line."""
        where = f"{self.project} {self.env}" if self.project else self.env
        noun = "partitions" if all(fact.partition for fact in self.assets) else "assets"
        if len(self.assets) == 1:
            return f"{where}: {self.assets[0].name} {_VERBS[self.event]}"
        return f"{where}: {len(self.assets)} {noun} {_VERBS[self.event].replace('was', 'were').replace('is', 'are')}"

    @property
    def body(self) -> str:
        """What, why, and where to look, an asset a line."""
        lines = [_line(fact) for fact in self.assets[:MOST_LISTED]]
        more = len(self.assets) - len(lines)
        return "\n".join([*lines, *([f"and {more} more"] if more else [])])

    def to_dict(self) -> dict[str, Any]:
        """Return the payload of a webhook."""
        return {
            "format": PAYLOAD_NUMBER,
            "event": self.event,
            "project": self.project,
            "env": self.env,
            "time": self.time,
            "text": f"{self.title}\n{self.body}",
            "assets": [{**asdict(fact), "event": self.event} for fact in self.assets],
        }


def facts_of_run(run: Run, told: Iterable[About]) -> list[Fact]:
    """Return how the outcome of each asset stands that a run tried; what it did not try stands as it stood.

    Of many partitions that are as they were only those have a fact of which somebody was ``told`` something.
    """
    known = {(asset, partition) for asset, partition, matter in told if matter == "outcome"}
    found = (_outcome(one, run) for item in run for one in _each(item, known))
    return [fact for fact in found if fact is not None]


def _each(item: RunItem, known: Collection[tuple[str, str]]) -> Iterator[RunItem]:
    """Yield the item of each partition that one tells of, as far as there may be anything to tell."""
    if not item.alike:
        yield item
    elif item.fails:
        message = "; ".join(item.reasons)
        yield from (replace(item, partition=one, message=message, alike=()) for one in item.alike)
    else:
        there = sorted(one for asset, one in known if asset == item.key and one in item.alike)
        yield from (replace(item, partition=one, alike=()) for one in there)


def facts_of_age(keys: Iterable[str], late: Mapping[str, Lateness], env: str) -> list[Fact]:
    """Return whether the data of each of ``keys`` are late."""
    facts = []
    for key in keys:
        one = late.get(key)
        look = f"assetflow status {key} --env {env}"
        if one is None:
            facts.append(Fact(key, "age", None, look=look))
        else:
            why = f"its newest data are of {one.made_at}, and were to be renewed by {one.since}"
            facts.append(Fact(key, "age", "late", why, look))
    return facts


def changes(facts: Iterable[Fact], told: Mapping[About, Told], now: datetime) -> list[tuple[Fact, Event]]:
    """Return the facts that somebody is to be told of, with what has happened.

    Not told is what was told last, what somebody else is telling, and that all is well where nothing else was told.
    """
    found: list[tuple[Fact, Event]] = []
    for fact in facts:
        before = told.get(fact.about, Told())
        event: Event = fact.event or "recovered"
        is_news = event != before.event and not (event == "recovered" and before.event is None)
        if is_news and not _in_hand(before, event, now):
            found.append((fact, event))
    return found


def messages(
    changed: Iterable[tuple[Fact, Event]], *, env: str, project: str | None, time: str
) -> list[Message]:
    """Return a message for each way in which something changed."""
    by_event: dict[Event, list[Fact]] = {}
    for fact, event in changed:
        by_event.setdefault(event, []).append(fact)
    return [Message(event, env, project, time, tuple(facts)) for event, facts in by_event.items()]


def notices(changed: Iterable[tuple[Fact, Event]]) -> tuple[Notice, ...]:
    """Return the changes as they are kept on record."""
    return tuple(
        Notice(asset=fact.asset, partition=fact.partition, matter=fact.matter, event=event)
        for fact, event in changed
    )


def _in_hand(told: Told, event: Event, now: datetime) -> bool:
    return told.in_hand == event and now - datetime.fromisoformat(told.since) < LEASE


def _outcome(item: RunItem, run: Run) -> Fact | None:
    named = f"{item.key} -p {quote(item.partition)}" if item.partition else item.key
    if item.state is RunState.FAILED:
        look = f"assetflow logs {named} --run {run.id} --env {run.env}"
        return Fact(item.key, "outcome", "failed", _short(item.message), look, run.id, item.partition)
    if item.state is RunState.REJECTED:
        bad = [f"{verdict.name}: {verdict.message}" for verdict in item.verdicts if verdict.blocks]
        look = f"assetflow why-broke {named} --env {run.env}"
        why = _short("; ".join(bad) or item.message)
        return Fact(item.key, "outcome", "rejected", why, look, run.id, item.partition)
    if item.state not in _GOOD or item.held_back or item.fails:
        return None
    look = f"assetflow history {named} --env {run.env}"
    return Fact(item.key, "outcome", None, "", look, run.id, item.partition)


def _short(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= MOST_WHY else line[: MOST_WHY - 3] + "..."


def _line(fact: Fact) -> str:
    return f"{fact.name}: {fact.why or 'all is well again'} ({fact.look})"
