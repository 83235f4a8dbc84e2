"""Owns what is due in an environment: each refreshed asset with its reason, and what a tick has to run for it.

Reads declarations and the ledger. No code is hashed, no source is looked at: to find nothing due costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from assetflow.ledger.refreshes import Tries
from assetflow.ledger.session import Session
from assetflow.lineage.selection import Key
from assetflow.model.refresh import Probe, Refresh, Schedule, refresh_words
from assetflow.operate.refreshes import Answers, hashes_of
from assetflow.operate.workspace import Workspace
from assetflow.planning.due import Standing, news, next_tick, tried_again_at
from assetflow.planning.layout import Layout
from assetflow.planning.partition_tokens import DuePartitions, PartitionTokens
from assetflow.storage.clock import time_text


@dataclass(frozen=True)
class Timing:
    """When an asset is refreshed. ``refresh``: as declared, in words; "" for one that only failed below such.

    ``due``: why it is to be run now, "" where it is not. ``next``: when the clock makes it due next, None where a
    probe does, or each run, or where its last partition is made for good. ``waits_until``: until when it is left
    alone, because it failed.
    """

    key: str
    refresh: str
    due: str
    next: str | None
    waits_until: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


@dataclass(frozen=True)
class _Known:
    """What the ledger says.

    ``left``: what an interrupted tick was to run, None where none was interrupted. ``partitions``: of assets that have
    some, how many are due.
    """

    standings: Mapping[str, Standing]
    published: frozenset[str]
    pinned: frozenset[str]
    answers: Mapping[str, str]
    left: str | None
    partitions: Mapping[str, DuePartitions]


def timings_of(workspace: Workspace) -> tuple[Timing, ...]:
    """Return when each refreshed asset is due; where none is refreshed, nothing is read."""
    has_any = any(spec.refresh is not None for spec in workspace.specs.values())
    return Due(workspace).timings if has_any else ()


class Due:
    """What is due in the environment of ``workspace`` now.

    ``answers``: of the probes that were asked; None where none was, so that the last answers on record count.
    """

    def __init__(self, workspace: Workspace, answers: Answers | None = None) -> None:
        self._workspace = workspace
        self._now = workspace.store.clock.now()
        self._refreshes: Mapping[str, Refresh] = {
            key: spec.refresh for key, spec in workspace.specs.items() if spec.refresh is not None
        }
        self._governed = workspace.graph.downstream(self._refreshes) if self._refreshes else frozenset()
        layout = workspace.layout()  # reads the ledger too, in a session of its own
        with workspace.ledger.session() as session:
            self._known = _read(workspace, session, self._refreshes, layout)
        self._answers = self._known.answers if answers is None else hashes_of(answers)

    @cached_property
    def timings(self) -> tuple[Timing, ...]:
        """Each refreshed asset, and what failed below such and is to be tried again, in order of key."""
        return tuple(self._timing(key, self._refreshes.get(key)) for key in self._keys)

    @cached_property
    def probes(self) -> Mapping[str, Probe]:
        """The probes that a tick asks: not those of what is pinned, or left alone for now."""
        probes = {key: one for key, one in self._refreshes.items() if isinstance(one, Probe)}
        return {key: probe for key, probe in probes.items() if key not in self._resting}

    @cached_property
    def roots(self) -> frozenset[str]:
        """What is to be run, with all below it."""
        return frozenset(key for key in self._keys if self._why(key))

    @cached_property
    def selection(self) -> str:
        """What a tick runs, as a selection; "" for nothing.

        That is what is due, with all below it, and what these need: what they read and was never made, and what was
        kept from readers because of them.
        """
        run = self._workspace.graph.downstream(self.roots) if self.roots else frozenset()
        above = self._workspace.graph.upstream(run) - run if run else frozenset()
        missing = (str(Key(key)) for key in above if key not in self._known.published)
        parts = [
            *(f"{Key(key)}+" for key in sorted(self.roots)),
            *sorted(missing),
            *self._held_back_with(run),
        ]
        return " ".join([*parts, *self._left])

    @cached_property
    def exclude(self) -> str | None:
        """What is left alone, with all below it: what failed a short while ago."""
        return " ".join(f"{Key(key)}+" for key in sorted(self._waits)) or None

    @cached_property
    def _keys(self) -> list[str]:
        return sorted({*self._refreshes, *self._failed})

    @property
    def _left(self) -> tuple[str, ...]:
        """What the last tick was interrupted in, as far as it is declared still and not to be left alone."""
        left = {part.strip('"+'): part for part in (self._known.left or "").split()}
        known = self._workspace.specs.keys() - self._resting
        return tuple(part for key, part in left.items() if key in known)

    @cached_property
    def _failed(self) -> frozenset[str]:
        """What failed last, of all that ticks may run."""
        standings = self._known.standings
        return frozenset(key for key, one in standings.items() if one.failures and key in self._governed)

    @cached_property
    def _waits(self) -> Mapping[str, datetime]:
        waits = {key: tried_again_at(self._known.standings[key], self._now) for key in self._failed}
        return {key: until for key, until in waits.items() if until is not None}

    @cached_property
    def _resting(self) -> frozenset[str]:
        """What is not run now although it may be due: what is pinned, what waits, and all below that."""
        waiting = self._workspace.graph.downstream(self._waits) if self._waits else frozenset()
        return waiting | self._known.pinned

    def _timing(self, key: str, refresh: Refresh | None) -> Timing:
        return Timing(
            key,
            refresh_words(refresh) if refresh is not None else "",
            self._why(key),
            _text(self._next(key, refresh)) if refresh is not None else None,
            _text(self._waits.get(key)),
        )

    def _next(self, key: str, refresh: Refresh) -> datetime | None:
        partitions = self._known.partitions.get(key)
        return next_tick(refresh, self._now) if partitions is None else partitions.next

    def _why(self, key: str) -> str:
        """Return why ``key`` is to be run now; "" where it is not."""
        if key in self._resting:
            return ""
        if key in self._known.partitions:
            due = _partition_words(self._known.partitions[key])
            return due or ("failed last time" if key in self._failed else "")
        refresh = self._refreshes.get(key)
        answer = self._answers.get(key)
        if answer is not None and not isinstance(answer, str):
            return answer.message
        standing = self._known.standings.get(key, Standing())
        told = news(refresh, standing, self._now, answer) if refresh is not None else None
        return told or ("failed last time" if key in self._failed else "")

    def _held_back_with(self, keys: frozenset[str]) -> Iterable[str]:
        """Yield what a run made and kept from readers, and hangs together with ``keys``: now it may be published."""
        if self._workspace.settings.publish != "run" or not keys:
            return
        connected = self._workspace.graph.connected(keys) - keys
        for key in sorted(connected & self._known.standings.keys() - self._resting):
            standing = self._known.standings[key]
            if standing.made not in (None, standing.published):
                yield f"{Key(key)}+"


def _read(workspace: Workspace, session: Session, refreshes: Mapping[str, Refresh], layout: Layout) -> _Known:
    env = workspace.env
    versions = {asset: pointer.version for asset, pointer in session.whole_pointers(env).items()}
    tokens = session.tokens([versions[key] for key in refreshes if key in versions])
    tries = session.tries(env)
    standings = {}
    for key in {*tries, *refreshes}:
        one = tries.get(key, Tries())
        standings[key] = Standing(tokens.get(versions.get(key, "")), one.made, one.failures, one.failed_at)
    return _Known(
        standings,
        frozenset([*versions, *session.partitioned_assets(env)]),
        frozenset(asset for asset, _ in session.pins(env)),
        session.last_answers(env),
        session.left_by_tick(env, workspace.store.live),
        dict(_due_partitions(workspace.env, session, refreshes, layout)),
    )


def _due_partitions(
    env: str, session: Session, refreshes: Mapping[str, Refresh], layout: Layout
) -> Iterator[tuple[str, DuePartitions]]:
    """Yield each asset with partitions that ticks make due, and how many of them are."""
    for key, refresh in refreshes.items():
        if layout.is_partitioned(key) and isinstance(refresh, Schedule):
            published = session.published_partitions(env, key)
            tokens = PartitionTokens(refresh, layout.keys(key), published, layout.moment.now)
            yield key, tokens.due(partial(session.made_partitions, env, key))


def _partition_words(due: DuePartitions) -> str:
    """Return how many partitions are due, in words; "" for none."""
    parts = [(due.new, "never made"), (due.again, "to be made again")]
    words = [f"{count:,} partition{'' if count == 1 else 's'} {what}" for count, what in parts if count]
    return ", ".join(words)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else time_text(moment)
