"""Owns refresh tokens: the text by which time, a probe's answer or the run itself enter a fingerprint; and their words.

A token is made from the one of the published version: one that is older is no news, and stays. So a clock that jumps
back, a promotion or a rollback makes nothing stale.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from assetflow.calendar.cron import Cron
from assetflow.calendar.interval import Interval
from assetflow.errors import ProbeError
from assetflow.hashing.fingerprint import probe_link
from assetflow.model.refresh import Probe, Refresh, Schedule
from assetflow.model.versions import Materialized
from assetflow.planning.resolve import Resolved
from assetflow.planning.world import World

UNASKED = "probe"
"""Token of a probe that was never asked, in a plan that must not ask."""

ALWAYS = "always"
"""Token of ``always`` in a plan without a run."""

_CRON, _EVERY, _PROBE, _RUN = "cron ", "every ", "probe ", "run "
_LEFT = "+"
_SECOND = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Occasion:
    """What a plan goes by. ``run``: its id, None where nothing is to run.

    ``answers``: the hash of what each probe answered, by asset; or why it did not.
    """

    now: datetime
    run: str | None = None
    answers: Mapping[str, str | ProbeError] = field(default_factory=dict)


def with_tokens(
    order: Iterable[Resolved], world: World, occasion: Occasion, forced: Collection[str] = ()
) -> tuple[Resolved, ...]:
    """Return the assets with their tokens. Of what is ``forced`` the present tick counts, even one that is no news."""
    return tuple(
        _with_token(asset, world, occasion, asset.key in forced) if _is_refreshed_whole(asset) else asset
        for asset in order
    )


def token_of(
    refresh: Refresh,
    published: str | None,
    now: datetime,
    *,
    run: str | None = None,
    answer: str | None = None,
) -> str | None:
    """Return the token of an asset whose published version has the token ``published``.

    ``answer``: the hash of what its probe answered; None where it was not asked.
    """
    if isinstance(refresh, Schedule):
        return tick_token(refresh.clock, published, now)
    if isinstance(refresh, Probe):
        return _probe_token(published, answer)
    return ALWAYS if run is None else f"{_RUN}{run}"


def tick_token(clock: Cron | Interval, published: str | None, now: datetime) -> str | None:
    """Return the token of the last tick at or before ``now``; the published one where that is of no earlier tick."""
    tick = clock.last(now)
    before = tick_of(published)
    return published if tick is None or (before is not None and before >= tick) else token_at(clock, tick)


def token_at(clock: Cron | Interval, tick: datetime, left: int = 0) -> str:
    """Return the token of a tick. ``left``: at how many further ticks what is made for it is to be made again."""
    words = [f"{_EVERY}{tick.strftime(_SECOND)}"]
    if isinstance(clock, Cron):
        words = [f"{_CRON}{tick.strftime(_SECOND)}", clock.tz]
    return " ".join([*words, f"{_LEFT}{left}"] if left else words)


def left_of(token: str | None) -> int:
    """Return at how many further ticks what was made for a token is to be made again."""
    if token is None or not token.startswith((_CRON, _EVERY)):
        return 0
    *_, last = token.split(" ")
    return int(last) if last.startswith(_LEFT) else 0


def tick_of(token: str | None) -> datetime | None:
    """Return the tick that a token is of, in UTC; None where it is of none."""
    if token is None or not token.startswith((_CRON, _EVERY)):
        return None
    return datetime.strptime(token.split(" ")[1], _SECOND).replace(tzinfo=UTC)


def token_words(token: str | None) -> str:
    """Return why a version with this token is made, in words."""
    if token is None:
        return "it has no refresh= any more"
    tick = tick_of(token)
    if tick is not None:
        zone = [word for word in token.split(" ")[2:] if not word.startswith(_LEFT)]
        return f"{'cron' if zone else 'interval'} tick {_shown(tick, *zone)}"
    if token.startswith(_PROBE):
        return "probe answered differently"
    return "its probe was never asked" if token == UNASKED else "always"


def _shown(tick: datetime, zone: str = "UTC") -> str:
    """Return a tick by the clocks of its zone; of one that this machine does not know, in UTC."""
    try:
        local = tick.astimezone(ZoneInfo(zone))
    except (KeyError, OSError, ValueError):
        local, zone = tick, "UTC"
    return f"{local:%Y-%m-%d %H:%M:%S} {zone}" if local.second else f"{local:%Y-%m-%d %H:%M} {zone}"


def _is_refreshed_whole(asset: Resolved) -> bool:
    """Whether an asset has one token; of partitions each has its own (``partition_tokens``)."""
    return asset.spec.refresh is not None and asset.spec.partitions is None


def _with_token(asset: Resolved, world: World, occasion: Occasion, forced: bool) -> Resolved:
    assert asset.spec.refresh is not None
    answer = occasion.answers.get(asset.key)
    if isinstance(answer, ProbeError):
        return asset._replace(token=_published(asset, world), unanswered=answer)
    published = _published(asset, world)
    known = None if forced and tick_of(published) is not None else published
    return asset._replace(
        token=token_of(asset.spec.refresh, known, occasion.now, run=occasion.run, answer=answer)
    )


def _published(asset: Resolved, world: World) -> str | None:
    """Return the token of the version that is published, under the asset's present key or its former one."""
    former = asset.spec.renamed_from
    found = world.published.get(asset.key) or (world.published.get(former) if former else None)
    return found.action.recipe.token if found and isinstance(found.action, Materialized) else None


def _probe_token(published: str | None, answer: str | None) -> str | None:
    before = published if published is not None and published.startswith(_PROBE) else ""
    if answer is None:
        return before or UNASKED
    if before and before.split(" ")[1] == answer:
        return published
    return f"{_PROBE}{answer} {probe_link(answer, before)}"
