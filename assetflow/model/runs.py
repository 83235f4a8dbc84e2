"""Owns what a run says of itself: its beginning, its end, and what became of assets that got no version.

What it publishes, and what it keeps from being published, is said here too; the versions themselves in ``versions``.
"""

from __future__ import annotations

from typing import Literal

from assetflow.model.actions import Action
from assetflow.model.recipe import Recipe
from assetflow.model.record import Named
from assetflow.model.versions import Attempt


class RunStarted(Action):
    """A run began. ``snapshot``: the commit that it planned on. ``tree``: the object that lists its code.

    ``modules``: those of the project that were imported for their declarations. ``packages``: version by name of all
    that was installed. ``git_commit`` and ``git_dirty``: what git says of the project's folder; None where it is in no
    repository. ``trigger``: what asked for it, where no person did. ``partitions``: the text of those that it was asked
    for, by asset; of others all.
    """

    type: Literal["run_started"] = "run_started"
    run: str
    env: str
    selection: str
    exclude: str = ""
    started_at: str
    snapshot: int
    tree: str | None = None
    command: str = ""
    modules: tuple[str, ...] = ()
    packages: dict[str, str] = {}
    python: str = ""
    platform: str = ""
    git_commit: str | None = None
    git_dirty: bool | None = None
    trigger: Literal["", "tick"] = ""
    partitions: dict[str, str] = {}


class ProbeAnswered(Action):
    """A probe was asked, and its answer was not the one on record. ``answer``: its hash; ``shown``: what people see."""

    type: Literal["probe_answered"] = "probe_answered"
    run: str
    env: str
    asset: str
    partition: str = ""
    answer: str
    shown: str
    seconds: float


class EffectStarted(Named, Action):
    """An effect is about to run; without a ``materialized`` or ``failed`` after it, it may have run."""

    type: Literal["effect_started"] = "effect_started"
    run: str
    asset: str
    partition: str = ""
    env: str
    fingerprint: str
    started_at: str


class Failed(Named, Action):
    """An asset's function, or a check of it (``check``), raised in its last attempt.

    ``recipe`` and ``tree`` are what the version would have. Where a check raised, the version is on record, and
    ``code_version`` and ``arguments`` are the check's, as in ``CheckEvaluated``.
    """

    type: Literal["failed"] = "failed"
    run: str
    asset: str
    partition: str = ""
    env: str
    fingerprint: str | None
    check: str | None = None
    attempts: tuple[Attempt, ...]
    inputs: tuple[tuple[str, str], ...] = ()
    recipe: Recipe | None = None
    tree: str | None = None
    code_version: str = ""
    arguments: str = ""
    log: str | None = None


class Skipped(Named, Action):
    """An asset was not tried. ``because`` names the asset upstream that is the cause."""

    type: Literal["skipped"] = "skipped"
    run: str
    asset: str
    partition: str = ""
    reason: str
    because: str | None = None


class Published(Named, Action):
    """An environment's pointer moved."""

    type: Literal["published"] = "published"
    required: bool = True
    run: str
    env: str
    asset: str
    partition: str = ""
    version: str
    previous: str | None = None


class Superseded(Named, Action):
    """A version lost to another that a run published meanwhile (``by``), and was not published."""

    type: Literal["superseded"] = "superseded"
    run: str
    env: str
    asset: str
    partition: str = ""
    version: str
    by: str | None
    reason: str


class HeldBack(Named, Action):
    """A version was recorded and not published, because it hangs together with ``because``, which is not good."""

    type: Literal["held_back"] = "held_back"
    run: str
    env: str
    asset: str
    partition: str = ""
    version: str
    because: str
    reason: str


class RunFinished(Action):
    """A run ended: ``succeeded``, ``failed`` or ``cancelled``. ``counts`` are by state.

    ``left``: the assets and partitions, by name, that it left undone, because they failed, were not tried, or not
    published.
    """

    type: Literal["run_finished"] = "run_finished"
    run: str
    status: Literal["succeeded", "failed", "cancelled"]
    finished_at: str
    seconds: float
    counts: dict[str, int]
    left: tuple[str, ...] = ()
