"""Owns what a run commits: groups of what finished, with their publications, under the conflict rules.

A version and its pointer go into one commit, so a reader sees both or neither.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assetflow.errors import DamagedError
from assetflow.execution.meanwhile import Meanwhile
from assetflow.execution.safekeeping import Safekeeping
from assetflow.model.actions import Action
from assetflow.model.commit import Commit
from assetflow.model.runs import EffectStarted, Published, RunStarted, Superseded
from assetflow.model.versions import Materialized, SourceObserved, Version
from assetflow.planning.conflicts import Contender, Fate, decide, decide_together
from assetflow.planning.fingerprints import Seen, seen_of
from assetflow.storage.log_writer import LogWriter

GROUP_SECONDS = 0.25
SEEN_SECONDS = 1.0  # after which a run that goes on is on record, whatever it has done
_GONE = "its data were forgotten, by another command, before this run could commit them; run again"


@dataclass(frozen=True)
class Bundle:
    """What belongs together in one commit: actions, and versions that are published with them, all or none."""

    actions: tuple[Action, ...]
    publish: tuple[Version, ...] = ()


@dataclass(frozen=True)
class Claim:
    """What stands in the way of an effect: the run that is ``holder`` of it, or that it was ``done`` by another."""

    holder: str | None = None
    done: Version | None = None


FREE = Claim()


@dataclass(frozen=True)
class _Group:
    actions: tuple[Action, ...]
    published: tuple[Version, ...]
    lost: tuple[tuple[str, str], ...]


class Committer:
    """Gathers bundles and commits them in groups.

    Args:
        writer: appends to the log.
        started: goes with the first group, or by itself where that takes long: a run can then be seen, and that it was
            killed. One that adds nothing in a short time commits nothing.
        meanwhile: what the environment has come to since the run planned.
        safekeeping: keeps what the run relies on from being forgotten under its hands.
    """

    def __init__(
        self,
        writer: LogWriter,
        started: RunStarted,
        meanwhile: Meanwhile,
        safekeeping: Safekeeping,
    ) -> None:
        self._writer = writer
        self._started = started
        self._meanwhile = meanwhile
        self._safekeeping = safekeeping
        self._pending: list[Bundle] = []
        self._first_pending = 0.0
        self._begun = time.monotonic()
        self._lost: dict[str, str] = {}
        self.has_committed = False

    @property
    def lost(self) -> Mapping[str, str]:
        """Assets whose version was not published because another run's stands, with the reason."""
        return self._lost

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the log has to say about being written."""
        return (self._writer.warning,) if self._writer.warning else ()

    def add(self, bundle: Bundle) -> None:
        """Put ``bundle`` into the group that is being gathered."""
        if not self._pending:
            self._first_pending = time.monotonic()
        self._pending.append(bundle)

    def seconds_to_flush(self) -> float | None:
        """Return how long until the group is due, or that the run began; None when there is nothing to commit."""
        if self._pending:
            return max(0.0, self._first_pending + GROUP_SECONDS - time.monotonic())
        return None if self.has_committed else max(0.0, self._begun + SEEN_SECONDS - time.monotonic())

    def flush(self) -> None:
        """Commit what is due by now, if anything."""
        if self.seconds_to_flush() == 0.0 or self._pending:
            self._commit()

    def finish(self, close: Callable[[Mapping[str, str]], Sequence[Action]], *, always: bool) -> None:
        """Commit what is left and the end of the run, in one commit.

        A run that has committed and gathered nothing leaves no trace, unless ``always``. ``close(lost)`` gives the
        last actions, when it is known which versions were superseded.
        """
        if self._pending or self.has_committed or always:
            self._commit(close)

    def claim_effect(self, started: EffectStarted, *, again: bool) -> Claim:
        """Commit that an effect starts, unless another run has done it since this one planned, or is doing it.

        Of two runs that claim at once one comes first in the log, and the other sees it there. ``again``: what
        another run has done does not count.
        """
        claims: list[Claim] = []

        def build(news: Sequence[Commit]) -> Sequence[Action] | None:
            self._learn(news)
            foreign = self._meanwhile.foreign(started.name)
            if again or foreign is None or foreign.version.fingerprint != started.fingerprint:
                foreign = None
            done = foreign.version if foreign is not None else None
            claims.append(Claim(self._meanwhile.holder(started.name), done))
            if claims[-1] != FREE:
                return None
            return (started,) if self.has_committed else (self._start(), started)

        self._writer.commit(build, run=self._started.run)
        if claims[-1] == FREE:
            self.has_committed = True
        return claims[-1]

    def release_effect(self, asset: str, run: str) -> None:
        """Forget that ``run`` holds an effect: it is dead."""
        self._meanwhile.release_effect(asset, run)

    def _commit(self, close: Callable[[Mapping[str, str]], Sequence[Action]] = lambda _lost: ()) -> None:
        pending = tuple(self._pending)
        groups: list[_Group] = []

        def build(news: Sequence[Commit]) -> Sequence[Action]:
            self._learn(news)
            groups.append(self._group(pending))
            return (*groups[-1].actions, *close({**self._lost, **dict(groups[-1].lost)}))

        self._writer.commit(build, run=self._started.run)
        self._pending.clear()
        self.has_committed = True
        for version in groups[-1].published:
            self._meanwhile.publish(version)
        self._lost.update(groups[-1].lost)

    def _learn(self, news: Sequence[Commit]) -> None:
        """Take in what other runs did since this run planned."""
        for commit in news:
            if commit.run != self._started.run:
                self._safekeeping.learn(commit)
                self._meanwhile.learn(commit)

    def _group(self, gathered: Sequence[Bundle]) -> _Group:
        actions: list[Action] = [] if self.has_committed else [self._start()]
        published: list[Version] = []
        pending, lost = self._kept(gathered)
        published_here = (version for bundle in pending for version in bundle.publish)
        after = self._meanwhile.pointers.after({one.name: seen_of(one) for one in published_here})
        gone = [version for bundle in gathered for version in bundle.publish if version.name in lost]
        actions += [self._superseded(version, _GONE) for version in gone]
        for bundle in pending:
            actions.extend(bundle.actions)
            fates = decide_together(
                {version.name: self._judge(version, after, lost) for version in bundle.publish}
            )
            for version in bundle.publish:
                fate, reason = fates[version.name]
                if fate is Fate.LOSES:
                    lost[version.name] = reason
                    after.moved[version.name] = self._meanwhile.pointers.get(version.name)
                    actions.append(self._superseded(version, reason))
                elif fate is Fate.WINS:
                    actions.extend(self._published(version))
                    published.append(version)
        return _Group(tuple(actions), tuple(published), tuple(lost.items()))

    def _start(self) -> RunStarted:
        try:
            return self._safekeeping.action(self._started)
        except DamagedError:
            return self._started.model_copy(update={"tree": None})

    def _kept(self, gathered: Sequence[Bundle]) -> tuple[list[Bundle], dict[str, str]]:
        """Return what can be committed, and the assets whose data were deleted meanwhile, with the reason."""
        kept: list[Bundle] = []
        gone: dict[str, str] = {}
        for bundle in gathered:
            try:
                kept.append(Bundle(*self._safekeeping.kept(bundle.actions, bundle.publish)))
            except DamagedError:
                made = [a for a in bundle.actions if isinstance(a, Materialized | SourceObserved)]
                gone.update((version.name, _GONE) for version in (*made, *bundle.publish))
        return kept, gone

    def _judge(
        self, ours: Version, after: Mapping[str, Seen | None], lost: Mapping[str, str]
    ) -> tuple[Fate, str]:
        recipe = ours.recipe if isinstance(ours, Materialized) else None
        if recipe is not None:
            read = [*(item.name for item in recipe.inputs), *(key for key, _ in recipe.deps)]
            superseded = next((key for key in read if key in lost or key in self._lost), None)
            if superseded is not None:
                return Fate.LOSES, f"built on {superseded}, which was superseded"
        theirs = self._meanwhile.foreign(ours.name)
        if theirs is None or theirs.version.fingerprint != ours.fingerprint:
            reason = self._meanwhile.hold_back(ours)
            if reason is not None:
                return Fate.LOSES, reason
        if theirs is None:
            return Fate.WINS, ""
        is_incremental = isinstance(ours, Materialized) and ours.previous is not None
        if is_incremental and theirs.version.version != ours.version:
            return Fate.LOSES, "another run has replaced what it goes on from; the next run goes on from that"
        return decide(
            self._contender(ours, self._started.snapshot),
            self._contender(theirs.version, theirs.snapshot),
            after,
        )

    def _contender(self, version: Version, snapshot: int) -> Contender:
        recipe = version.recipe if isinstance(version, Materialized) else None
        return Contender(
            version.asset, version.partition, version.fingerprint, version.data_version, recipe, snapshot
        )

    def _published(self, version: Version) -> tuple[Action, ...]:
        before = self._meanwhile.pointers.get(version.name)
        if before is not None and before.version == version.version:
            return ()
        return (
            Published(
                run=self._started.run,
                env=self._started.env,
                asset=version.asset,
                partition=version.partition,
                version=version.version,
                previous=before.version if before else None,
            ),
        )

    def _superseded(self, version: Version, reason: str) -> Superseded:
        theirs = self._meanwhile.foreign(version.name)
        return Superseded(
            run=self._started.run,
            env=self._started.env,
            asset=version.asset,
            partition=version.partition,
            version=version.version,
            by=theirs.version.version if theirs else None,
            reason=reason,
        )
