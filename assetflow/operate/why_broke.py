"""Owns the question why an asset broke, and its answer: every difference from the last good version, nearest first.

Answered from the ledger and the store, without importing the user's modules; trials run recorded code elsewhere.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from assetflow.errors import UsageError
from assetflow.keys import split_name
from assetflow.operate.breakage import Breakage, Cause, breakage_of, causes_of
from assetflow.operate.references import Opened, opened_for
from assetflow.operate.trials import tried
from assetflow.operate.workspace import Workspace


@dataclass(frozen=True)
class WhyBroke:
    """Why an asset broke. ``asked``: the asset that was asked for, which ``key`` stands above where it was skipped.

    ``bad``: the version that was rejected, None for an attempt that failed. ``failing``: the checks that reject it, or
    raised. ``error``: what was raised. ``causes``: nearest first; after trials, those that break it alone first.
    ``mended_by``: the version that is published since and passes, None where there is none. ``partition``: of ``key``;
    ``others``: its other partitions that broke and are not mended, newest first, where none was named.
    """

    asked: str
    key: str
    env: str
    good: str
    good_time: str
    bad: str | None
    bad_time: str
    run: str
    failing: tuple[str, ...]
    error: str | None
    causes: tuple[Cause, ...]
    mended_by: str | None = None
    partition: str = ""
    others: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


def why_broke(
    workspace: Workspace, key: str, good: str | None, bad: str | None, opened: Opened, *, run: bool = False
) -> WhyBroke:
    """Compare the last good version of ``key`` with the one that broke; ``run``: try each difference alone.

    ``key`` may be the name of a partition, and may name an environment after ``@``, which is then asked.
    ``good`` and ``bad``: references with or without the key; None for what was last published, and what broke last.

    Raises:
        UnknownNameError: nothing broke, there is nothing good to compare it with, or no such version.
        UsageError: a reference that has no meaning here; versions of two stores cannot be tried.
    """
    where, key, at = opened_for(workspace, key, opened)
    if at is not None:
        raise UsageError(
            f"why-broke asks about an asset or a partition, and {key}@{at} is one of its versions",
            hint=f"name the bad version by --bad {at}, the good one by --good",
        )
    breakage = breakage_of(where, key, good, bad, opened)
    causes = causes_of(breakage)
    if run:
        causes = tried(breakage, causes)
    return WhyBroke(
        asked=key,
        key=breakage.good.asset,
        env=where.env,
        good=breakage.good.version or "",
        good_time=breakage.good.time,
        bad=breakage.bad.version,
        bad_time=breakage.bad.time,
        run=breakage.bad.run,
        failing=breakage.checks,
        error=breakage.error,
        causes=tuple(causes),
        mended_by=breakage.mended_by,
        partition=breakage.bad.partition,
        others=_others(where, breakage) if bad is None and not split_name(key)[1] else (),
    )


def _others(where: Workspace, breakage: Breakage) -> tuple[str, ...]:
    """Return the other partitions that broke in an environment and are not mended."""
    bad = breakage.bad
    if not bad.partition:
        return ()
    with where.ledger.session() as session:
        broken = session.broken_partitions(where.env, bad.asset)
    return tuple(partition for partition in broken if partition != bad.partition)
